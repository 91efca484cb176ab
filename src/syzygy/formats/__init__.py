"""File formats, one per module: bytes to core records and back."""
