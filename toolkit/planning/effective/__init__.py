"""Compute the settings that people get before and after a plan, and compare them.

Several objects can set the same setting for a person.
"""
