"""The append-only ledger; the only writer of evidence. Importing the package alone imports no Django."""
