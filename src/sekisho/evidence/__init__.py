"""The append-only ledger; the only writer of evidence."""
