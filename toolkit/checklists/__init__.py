"""Checklists: starting one, recording completed steps, and verifying steps by reading."""
