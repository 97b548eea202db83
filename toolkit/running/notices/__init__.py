"""Tells the school what is new, over or critical."""
