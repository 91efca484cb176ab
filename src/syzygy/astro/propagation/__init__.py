"""States from elements: SGP4 in batch."""
