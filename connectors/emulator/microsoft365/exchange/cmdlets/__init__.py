"""Cmdlets that do more than show or change a collection. Each module lists its cmdlets in RUNS."""
