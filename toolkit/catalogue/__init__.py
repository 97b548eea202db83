"""Apps and sites by one word each, what every one of them is made of, and which hosts no block may ever cover."""
