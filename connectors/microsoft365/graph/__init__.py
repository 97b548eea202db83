"""A client for Microsoft Graph in plain JSON."""
