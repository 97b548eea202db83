"""Names under which the ledger records acts other than changes to a tenant's objects, such as notifications."""

HOLD = "hold"
"""As a kind in the ledger: an act about a person's holds, which only `toolkit hold` reports."""

QUERY = "query"
"""The key in an act for the hash of an exported search. `toolkit audit log` shows the act."""

CUSTODY = "custody"
"""The kind in the ledger for events of a copy of evidence, which only `toolkit custody` reports."""

CONSENT = "consent"
"""As a kind in the ledger: a person who signed in for an act about a case, by digests and a pseudonym."""

HIDDEN_KINDS = frozenset({HOLD, CUSTODY, CONSENT})
"""The kinds of acts that neither the log nor an extract shows."""
