"""The Microsoft 365 implementation of each control, with a module for each area."""
