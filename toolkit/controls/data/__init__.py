"""Controls about the school's records: what is kept, and how long."""
