"""Automatic replies: who is away, and what the calendar makes due."""
