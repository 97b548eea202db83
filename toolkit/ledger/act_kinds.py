"""The kinds, in the ledger, of acts that are not changes of a tenant's objects."""

HOLD = "hold"
"""As a kind in the ledger: an act about a person's holds, which only `toolkit hold` reports."""

QUERY = "query"
"""In what the ledger holds of an act: the hash of a search that was exported, whose act `toolkit audit log` shows."""

CUSTODY = "custody"
"""As a kind in the ledger: what became of a copy of evidence, which only `toolkit custody` reports."""

CONSENT = "consent"
"""As a kind in the ledger: a person who signed in for an act about a case, by digests and a pseudonym."""
