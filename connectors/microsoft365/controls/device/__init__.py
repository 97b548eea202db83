"""Controls about devices, realised in Microsoft 365."""
