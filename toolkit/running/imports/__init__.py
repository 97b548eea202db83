"""Reads a tenant as it is, and makes playbooks of that."""
