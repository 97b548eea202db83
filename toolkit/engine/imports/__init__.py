"""Read a tenant, and write playbooks with controls that match it."""
