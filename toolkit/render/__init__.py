"""Render plans, changes, drift and reference pages as text and JSON."""
