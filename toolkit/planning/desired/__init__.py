"""The desired state: the slices of each audience, and the objects that each slice needs."""
