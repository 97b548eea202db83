"""One thing to be told: what it is known by, and how it is named without naming anybody."""

from dataclasses import dataclass

from toolkit.planning.plan import Unknown
from toolkit.sdk.address import Address
from toolkit.sdk.providers import kinds

HOLDS, RUN, FINDING, UNREAD, OVERDUE, NEWCOMER = "holds", "run", "finding ", "unread ", "overdue: ", "newcomer "
RENAMED, FAILED, MISSING = "renamed: ", "failed: ", "missing: "
_LONGEST_REASON = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One thing to be told: those that differ in `what` alone are told together."""

    id: str
    state: str = "open"  # told again when it changes
    of: str  # an object, or a kind of which each object is somebody's
    what: str = ""  # a setting
    phrase: str
    advice: str = ""
    critical: bool = False
    lasting: bool = True  # it stays until it is over; what only happened does not


def subject_of(one: Unknown) -> str:
    """Name what could not be read: an object, or a kind."""
    return named(one.address) if one.address else one.kind


def named(address: Address) -> str:
    """Name an object, or only its kind where it is somebody's."""
    kind = kinds(address.provider).get(address.kind)
    return address.of_kind if kind and kind.per_person else str(address)


def cut(text: str) -> str:
    """Shorten a reason, in one line."""
    folded = " ".join(text.split())
    return folded if len(folded) <= _LONGEST_REASON else f"{folded[: _LONGEST_REASON - 1]}…"
