"""Policy as code for the Microsoft 365 and Google Workspace tenants of a school."""

__version__ = "0.2.0"
