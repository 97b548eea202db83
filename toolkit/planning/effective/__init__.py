"""Effective settings of people: cohorts, today's settings, those after a plan, and their differences."""
