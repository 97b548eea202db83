"""Causes of differences, repeated repairs, and what was applied before."""
