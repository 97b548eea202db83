"""Drafts a school's policy clauses from its document: reading, cutting, proposals, and a person's review."""
