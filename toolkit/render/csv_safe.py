"""Makes sure that a spreadsheet shows a cell, and does not run it."""

_RUN = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the beginning of a formula


def inert(value: str) -> str:
    """Give a cell that a spreadsheet takes for text."""
    return f"'{value}" if value.startswith(_RUN) else value
