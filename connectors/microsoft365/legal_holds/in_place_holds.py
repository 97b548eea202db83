"""What the entries of InPlaceHolds mean, of a mailbox or of the whole organisation."""

import re
from enum import Enum

from toolkit.values import Body


class Mark(Enum):
    """What an entry of InPlaceHolds means for a legal hold."""

    HOLD = "hold"
    RETENTION = "retention"  # a retention policy, or being left out of one
    UNKNOWN = "unknown"


# https://learn.microsoft.com/purview/ediscovery-identify-a-hold-on-an-exchange-online-mailbox
_GUID = "[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}"
_MARKS = (
    (re.compile(f"unih{_GUID}"), Mark.HOLD),  # of an eDiscovery case, whatever its portal or its licence
    (re.compile(f"(cld)?{_GUID}"), Mark.HOLD),  # In-Place Hold: none is made any more, and those there still hold
    (re.compile(f"-?(mbx|skp|grp){_GUID}(:[123])?"), Mark.RETENTION),
)


def read_mark(entry: str) -> Mark:
    """Return what an entry of InPlaceHolds means; one of another shape is unknown, and may be a hold."""
    written = entry.strip().lower()
    return next((mark for shape, mark in _MARKS if shape.fullmatch(written)), Mark.UNKNOWN)


def marks_of(row: Body) -> tuple[str, ...] | None:
    """Return InPlaceHolds of a mailbox or of the organisation; None where the answer does not say."""
    marks = row.get("InPlaceHolds")
    return tuple(map(str, marks)) if isinstance(marks, list) else None


def held_by(marks: tuple[str, ...] | None) -> bool | None:
    """Return whether any entry is a legal hold; None where none is and one is unknown, or they were not told."""
    read = {Mark.UNKNOWN} if marks is None else set(map(read_mark, marks))
    return True if Mark.HOLD in read else None if Mark.UNKNOWN in read else False
