"""Cmdlets that do more than show or change a collection. Each module here has its own in RUNS."""
