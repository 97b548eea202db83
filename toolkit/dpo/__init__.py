"""What a data protection officer needs: documents made from the playbooks in use, with the decisions left open."""
