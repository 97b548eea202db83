"""Gives a drift its memory."""
