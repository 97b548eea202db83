"""The report for governors: what happened, in which words, in which formats."""
