"""What a run takes out of the ledger and leaves in it."""
