"""Create a school's first playbooks: questions, school file and starter packs."""
