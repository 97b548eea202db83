"""The calendar: absences, automatic replies, changes that are due, and end dates."""
