"""The messages to the school."""
