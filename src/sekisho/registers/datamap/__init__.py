"""The carrier's data map: systems, tables, columns, classes."""
