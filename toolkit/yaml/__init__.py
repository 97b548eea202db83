"""Safe loading of YAML, with a line for every value."""
