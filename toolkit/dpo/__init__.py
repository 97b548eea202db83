"""Documents for a data protection officer, made from the playbooks in use, with the decisions left open."""
