"""The calendar: absences, replies, due matters and end dates."""
