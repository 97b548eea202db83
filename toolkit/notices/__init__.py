"""Messages to the school's notification channels."""
