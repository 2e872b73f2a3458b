"""Standing records (台帳)."""
