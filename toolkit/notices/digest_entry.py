"""One thing that a digest names, and objects that appeared beside ours."""

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.engine.run_report import Report
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


def newcomers(report: Report) -> Iterator[Noted]:
    """Tell of each by its name; of what is people's only that some did."""
    found = {named(one.address): one for one in report.newcomers}
    for name, one in found.items():
        yield newcomer(name, one.remote.id if name == str(one.address) else "open")


def newcomer(name: str, state: str) -> Noted:
    """Tell of one; another one of that name has another id, and is told again."""
    return Noted(
        id=f"{NEWCOMER}{name}",
        state=state,
        of=name,
        phrase="new since the last apply, and in no playbook; left alone",
        advice="see what it does and who made it; then remove it, or write it into a playbook",
    )
