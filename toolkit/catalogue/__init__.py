"""Apps and sites by one word each, their parts on each platform, and hosts that must never be blocked."""
