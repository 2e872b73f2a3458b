"""Copies that can be restored without bringing anybody back: backups, what is kept apart of them, restore, quarantine."""
