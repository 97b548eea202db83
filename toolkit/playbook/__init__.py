"""Playbooks and the school file, read safely, checked and typed."""
