"""Doing it: reading tenants, writing to them, and telling how it went."""
