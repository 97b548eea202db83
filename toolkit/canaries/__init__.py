"""Canaries: messages that must get through the mail rules or must be stopped. A plan names each that it changes."""
