"""Sending digests to the school's notification channels."""
