"""What commands share: options, the terminal, signals, the trace of an unexpected error."""
