"""The catalogue of apps and sites that can be blocked, and the hosts that must never be blocked."""
