"""The report for governors: the facts, the language for governors, and the file formats."""
