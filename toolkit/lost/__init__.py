"""A lost device: locked at once, its holder signed out, read back, given back; two people wipe it elsewhere."""
