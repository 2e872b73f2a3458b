"""Cases with a clock, an owner and a letter."""
