"""Microsoft Graph, asked and answered in plain JSON."""
