"""A local server that speaks the vendors' wire protocols. It knows nothing about the program that uses it."""
