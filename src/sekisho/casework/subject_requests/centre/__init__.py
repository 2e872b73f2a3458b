"""Public pages of the request desk."""
