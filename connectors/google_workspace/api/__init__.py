"""Calls of Google's APIs. A call names the id of a method, and its response is plain JSON."""
