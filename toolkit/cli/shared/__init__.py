"""Common parts of commands: options, the terminal, signals, the trace of an unexpected error."""
