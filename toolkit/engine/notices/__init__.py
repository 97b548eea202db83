"""Send digests to the school's notification channels."""
