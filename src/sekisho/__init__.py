"""Sekisho: the published privacy policy is the program."""
