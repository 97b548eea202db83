"""What makes the emulated tenants agree with the vendors, and ours with the school: one folder a provider."""
