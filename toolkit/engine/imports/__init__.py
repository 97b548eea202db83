"""Read a tenant, and write playbooks whose controls match the tenant's settings."""
