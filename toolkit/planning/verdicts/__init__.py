"""Reach a single verdict on each part of a control."""
