"""The desired state: the slices of each control's audience, and the objects that each slice needs."""
