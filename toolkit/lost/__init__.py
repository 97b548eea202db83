"""Locks a lost device, signs out its holder, reads the results back, and unlocks the device when it is found."""
