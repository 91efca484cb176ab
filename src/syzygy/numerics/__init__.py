"""Mathematics without physics: what scipy lacks in batch form.

``roots`` and ``minima`` search many functions at once, ``intervals`` finds every change of sign under a bound
on the rate, ``chebyshev`` and ``hermite`` evaluate tables in compiled loops.
"""
