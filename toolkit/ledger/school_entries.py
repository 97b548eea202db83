"""The entries of a trust's ledger that concern a school."""

from dataclasses import replace

from toolkit.ledger.entries import Entry
from toolkit.ledger.findings import DriftSeen


def schools_of(entry: Entry) -> tuple[str, ...]:
    """Return the schools of a trust that an entry concerns. Entries without a run name none."""
    return getattr(entry, "schools", ())


def limit_to_school(entry: Entry, school: str) -> Entry | None:
    """Return the part of an entry that concerns a school, or None."""
    if school not in schools_of(entry):
        return None
    if isinstance(entry, DriftSeen):
        return replace(entry, found=tuple(sighting for sighting in entry.found if school in sighting.schools))
    return entry
