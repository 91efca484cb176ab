"""Probability of collision: from the encounter plane to Monte Carlo, and which step is valid."""
