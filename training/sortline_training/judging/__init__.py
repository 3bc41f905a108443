"""Judges models on a test set: the figures, the comparison with others, the report."""
