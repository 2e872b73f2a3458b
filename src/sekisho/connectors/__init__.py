"""Other people's machines: SQL databases, DuckDB, Delta lakes, files."""
