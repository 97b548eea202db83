"""Controls about devices."""
