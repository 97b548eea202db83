"""What Microsoft 365 sets that goes before other clouds' settings: a module for each program."""
