"""Other people's libraries, beside which values and times are measured; the product imports none."""
