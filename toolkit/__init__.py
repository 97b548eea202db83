"""Policy as code for the Microsoft 365 and Google Workspace tenants of a school."""

__version__ = "0.1.0"
