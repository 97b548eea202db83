"""What the cmdlets do that are more than a collection: each module here has its own in RUNS."""
