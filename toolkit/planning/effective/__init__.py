"""Compute the settings that people get now and after a plan, and compare them."""
