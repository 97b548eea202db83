"""Findings about confirmations and tests by people."""
