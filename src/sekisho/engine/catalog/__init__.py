"""The data map as values: systems, tables, columns, ownership over time."""
