"""Avoidance: the smallest burn after which every encounter of the changed orbit stays below a probability."""
