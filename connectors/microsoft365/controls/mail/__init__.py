"""Controls about e-mail, realised in Exchange Online."""
