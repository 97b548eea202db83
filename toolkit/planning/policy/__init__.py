"""The status of each clause of the policy, from facts and minimums."""
