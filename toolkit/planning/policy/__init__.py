"""The status of each clause of the policy, from facts and from the minimums of its settings."""
