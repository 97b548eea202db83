"""Settings of Microsoft 365 that take precedence over other clouds' settings, in a module for each program."""
