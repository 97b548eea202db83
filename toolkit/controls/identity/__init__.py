"""Controls about accounts and sign-in."""
