"""Copies of what a purpose may see, and the queries that run over them. Source: DESIGN.md section 5."""
