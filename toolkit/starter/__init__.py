"""Creates a school's first playbooks: the questions of `toolkit init`, the school file and the starter packs."""
