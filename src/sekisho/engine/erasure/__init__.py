"""Who lives where, plus holds, gives an ordered plan; and what counts as proof of erasure."""
