"""Recognisers of Japanese personal information in text and columns, and how their findings are weighed."""
