"""Automatic replies: absences, and the changes that the calendar makes due."""
