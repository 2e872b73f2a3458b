"""Japanese calendar, width and kana folding, names and addresses."""
