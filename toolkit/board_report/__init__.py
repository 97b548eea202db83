"""The report for governors: its facts, its language and its formats."""
