"""What writes: apart, into backups, and into what was restored."""
