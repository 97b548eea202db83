"""Checklists: starting one, recording that a step is done, and reading what can be read of it."""
