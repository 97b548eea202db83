"""Controls about e-mail."""
