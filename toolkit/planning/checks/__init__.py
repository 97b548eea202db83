"""Findings from confirmations and tests that people record."""
