"""Read a tenant, and match it with controls for new playbooks."""
