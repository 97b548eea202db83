"""The settings with which a playbook asks for what a tenant has."""
