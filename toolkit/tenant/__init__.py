"""What a tenant is to us: the words that engine and connectors share."""
