"""One run: read the tenants, plan, write, record."""
