"""Plan the changes that bring the tenants into line with the playbooks. No module here reads or writes anything."""
