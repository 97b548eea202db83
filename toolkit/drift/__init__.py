"""The findings of drift runs: whether they are new, when they began, why, and who caused them."""
