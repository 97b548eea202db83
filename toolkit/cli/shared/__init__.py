"""Code that several commands use: options, the terminal, signals, and the trace of an unexpected error."""
