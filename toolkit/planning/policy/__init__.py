"""Work out the status of each clause of the school's policy, from facts and from minimum settings."""
