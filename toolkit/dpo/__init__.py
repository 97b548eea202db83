"""Documents for a data protection officer, generated from the playbooks in use. Decisions are left blank."""
