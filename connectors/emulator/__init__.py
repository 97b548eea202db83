"""A local server that speaks the vendors' wire protocols. It does not depend on the program that uses it."""
