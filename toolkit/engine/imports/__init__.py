"""Reading a tenant and writing playbooks from it."""
