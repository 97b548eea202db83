"""Finds out whether everything is there that a run needs."""
