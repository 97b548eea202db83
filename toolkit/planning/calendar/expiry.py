"""Something that playbooks name and that is not, or will soon not be, as they name it."""

from dataclasses import dataclass
from enum import StrEnum

from toolkit.sdk.resource import Origin


class ExpiryState(StrEnum):
    """How what is named stands."""

    GONE = "gone"
    EMPTY = "empty"
    RENAMED = "renamed"
    REPLACED = "replaced"  # another one of the same name
    LEFT = "left"  # somebody whose account is disabled, or who is away for good
    ENDING = "about to end"
    OVER = "over"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One name or date, how it stands, and what to write instead."""

    origin: Origin
    name: str
    state: ExpiryState
    found: str
    advice: str = ""
