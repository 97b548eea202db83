"""Checking that everything a run needs is there."""
