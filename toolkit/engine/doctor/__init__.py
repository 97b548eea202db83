"""Check that everything a run needs is in place."""
