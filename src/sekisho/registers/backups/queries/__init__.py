"""Backups, what is kept apart, and what came back."""
