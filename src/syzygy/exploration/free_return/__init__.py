"""Circumlunar free returns: injected once, round the far side of the Moon, into the entry corridor."""
