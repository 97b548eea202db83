"""Dated statements by people, which findings can use as evidence."""

from datetime import date

from toolkit.sdk.stored_fields import StoredFields


class Statement(StoredFields):
    """A role's statement, with the date until which it is valid."""

    by: str
    on: date
    until: date


class Confirmation(Statement):
    """A confirmation that a part of a control is as required."""

    operator: bool  # whether the person who runs toolkit confirmed it
    note: str | None
    origin: str  # the file and line
