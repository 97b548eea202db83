"""The difference between what is wanted and what was seen; everything here is pure."""
