"""The agreement itself: partners, plan, contributions in kind, rights, overlaps and the barter ledger."""
