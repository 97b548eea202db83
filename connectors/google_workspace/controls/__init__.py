"""The Google Workspace implementation of each control, with a module for each area."""
