"""Automatic replies to mail during absences and holidays, and changes that are due on a date."""
