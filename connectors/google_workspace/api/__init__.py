"""Google's APIs, asked by their methods' ids and answered in plain JSON."""
