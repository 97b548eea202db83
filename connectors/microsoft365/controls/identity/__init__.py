"""Controls about accounts and sign-in, realised in Microsoft 365."""
