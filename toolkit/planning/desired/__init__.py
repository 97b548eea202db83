"""What the playbooks ask of each audience: the slices of an audience, and the objects that each slice needs."""
