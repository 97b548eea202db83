"""The dated statements of people that a finding is based on."""

from datetime import date

from toolkit.sdk.stored_fields import StoredFields


class Statement(StoredFields):
    """A statement by a role, with the date until which it counts."""

    by: str
    on: date
    until: date


class Confirmation(Statement):
    """A confirmation that a playbook's part is as required."""

    operator: bool  # by the person who runs toolkit
    note: str | None
    origin: str  # file and line
