"""Versions of the carrier's policy: adopted, in force, superseded."""
