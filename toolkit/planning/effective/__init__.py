"""What people really get: cohorts, today's settings and those after a plan, and what differs between them."""
