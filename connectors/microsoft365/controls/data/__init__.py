"""Controls about the school's records, realised in Microsoft 365."""
