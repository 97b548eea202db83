"""Decide on one verdict for each part of a control."""
