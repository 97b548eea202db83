"""The ledger: a chain of entries that only grows, and the tables derived from it."""
