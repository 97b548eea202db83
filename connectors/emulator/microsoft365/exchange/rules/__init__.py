"""Transport rules: their parameters as data, what the service checks and fills in, and what Get shows."""
