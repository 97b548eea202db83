"""Findings of drift: new or known, since when, why and by whom."""
