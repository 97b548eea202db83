"""A client for Microsoft Graph that sends and returns plain JSON."""
