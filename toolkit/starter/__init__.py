"""A school's first playbooks: the questions, the school file, and the starter packs."""
