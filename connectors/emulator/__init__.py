"""A local server that speaks the vendors' wire protocols. It does not know its clients."""
