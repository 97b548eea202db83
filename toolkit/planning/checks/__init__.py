"""Findings from confirmations and tests that people record in the school's files."""
