"""Carrying jobs out: the lease on a process's place, the durable workflows, the worker, and the reconciler."""
