"""Transfers between two points: Lambert's problem in batch, departure from a perigee."""
