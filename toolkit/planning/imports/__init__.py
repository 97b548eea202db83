"""Work out playbook settings that describe a tenant as it is now."""
