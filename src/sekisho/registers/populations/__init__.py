"""Everybody at once: what the identities and consent registers say of all people, as columns and bitmaps kept current."""
