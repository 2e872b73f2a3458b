"""Long work: who asked for it and when, how far it is, how it ended, and what runs by itself at which hour.

A row asks; the worker that holds the lease carries it out as a durable workflow (DESIGN.md section 3). Arguments are ids.
"""
