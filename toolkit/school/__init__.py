"""A school's own types: its file (`school`), its calendar, its jobs and channels, and its people's absences."""
