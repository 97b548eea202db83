"""What a message to the school says."""
