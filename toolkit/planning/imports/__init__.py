"""What a playbook would have to say to find a tenant as it is."""
