"""Console: what was found and the map does not say; rows that nobody has sorted."""
