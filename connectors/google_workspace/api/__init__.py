"""Google's APIs. Methods are called by their ids, and responses are plain JSON."""
