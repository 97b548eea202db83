"""Read YAML files safely, with the line of every value."""
