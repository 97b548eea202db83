"""Writing the changes of a plan, one at a time."""
