"""What the school wants: playbooks and the school file, read safely, checked and typed."""
