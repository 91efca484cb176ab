"""Mathematics without physics: what scipy lacks in batch form.

``roots`` searches many bracketed functions at once, ``chebyshev`` evaluates tables in a compiled loop.
"""
