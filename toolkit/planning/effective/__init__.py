"""The settings that people get: now, after a plan, and how these differ."""
