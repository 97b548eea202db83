"""A run: read the tenants, make a plan, write the changes, and record them in the ledger."""
