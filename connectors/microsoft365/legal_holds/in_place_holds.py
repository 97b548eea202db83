"""Reads InPlaceHolds, Exchange's list of the holds and policies on a mailbox or on the whole organisation."""

import re
from enum import Enum

from toolkit.values import Body


class Mark(Enum):
    """Whether an InPlaceHolds entry is a legal hold."""

    HOLD = "hold"
    RETENTION = "retention"  # a retention policy, or an exclusion from one
    UNKNOWN = "unknown"


# https://learn.microsoft.com/purview/ediscovery-identify-a-hold-on-an-exchange-online-mailbox
_GUID = "[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}"
_MARKS = (
    (re.compile(f"unih{_GUID}"), Mark.HOLD),  # of an eDiscovery case, of any portal or licence
    (re.compile(f"(cld)?{_GUID}"), Mark.HOLD),  # In-Place Hold, which cannot be created any more but still holds
    (re.compile(f"-?(mbx|skp|grp){_GUID}(:[123])?"), Mark.RETENTION),
)


def read_mark(entry: str) -> Mark:
    """Return the meaning of an InPlaceHolds entry. An entry in an unknown form may be a hold."""
    written = entry.strip().lower()
    return next((mark for shape, mark in _MARKS if shape.fullmatch(written)), Mark.UNKNOWN)


def marks_of(row: Body) -> tuple[str, ...] | None:
    """Return the InPlaceHolds entries of a mailbox or the organisation, or None if the response does not show them."""
    marks = row.get("InPlaceHolds")
    return tuple(map(str, marks)) if isinstance(marks, list) else None


def includes_legal_hold(marks: tuple[str, ...] | None) -> bool | None:
    """Return whether any entry is a legal hold.

    Return None if an entry is unknown, or Exchange did not show the list.
    """
    read = {Mark.UNKNOWN} if marks is None else set(map(read_mark, marks))
    return True if Mark.HOLD in read else None if Mark.UNKNOWN in read else False
