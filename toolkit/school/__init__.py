"""Types for a school: its names and tenants, its calendar, the times of its jobs, and its people's absences."""
