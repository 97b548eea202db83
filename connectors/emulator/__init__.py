"""A local server that speaks the vendors' wire protocols; it knows nothing of the clients that call it."""
