"""The dates of the school: absences, automatic replies, changes that fall due, and end dates."""
