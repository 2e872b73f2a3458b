"""Enforced views in the carrier's own databases: what stands there, on whose words, and whether it still should."""
