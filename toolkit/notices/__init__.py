"""Write and send messages to the school's notification channels."""
