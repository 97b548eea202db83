"""Playbook settings that describe a tenant."""
