"""Mathematics without physics: what scipy lacks in batch form."""
