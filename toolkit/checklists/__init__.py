"""Start checklists, record completed steps, and verify steps by reading the tenants."""
