"""The school's calendar: absences, automatic replies, due changes, and end dates."""
