"""What the calendar asks for: who is away, which replies, what is due, which dates end."""
