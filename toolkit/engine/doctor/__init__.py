"""Check whether everything that a run needs is in place."""
