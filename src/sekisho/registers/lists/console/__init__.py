"""Console pages of the lists: all lists, one list, a new one, mail that came back."""
