"""Counts of who writes from outside, by message trace: to the large lists, and in the school's own name."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from toolkit.sdk.check import Finding, Status
from toolkit.sdk.part import Part, checked
from toolkit.sdk.reason import ReasonCode, Things
from toolkit.values import Json

OUTSIDE, OUTSIDE_DAYS = "outside senders of the lists", 90
DIRECT, DIRECT_DAYS = "senders past a connector", 30
_SHOWN = 10  # places named in a reason; the evidence has all

_LISTS = ReasonCode(
    "list_senders_traced",
    admin="mail from outside in the last {days} days: {list}",
    governor="messages from outside the school to the large mailing lists in the last {days} days: {count}",
)
_PAST = ReasonCode(
    "direct_senders_traced",
    admin="mail in the school's name that came past a connector in the last {days} days: {list}",
    governor="messages in the school's name from machines or services that do not sign in, in the last {days} days: "
    "{count}",
)


@dataclass(frozen=True, slots=True)
class OutsideMail:
    """Messages from one place: how many arrived, and how many were refused, quarantined or filtered."""

    place: str  # a sender's domain, or the address of a server; never a person's
    arrived: bool


def outside_part() -> Part:
    """Return the part that counts who writes to the lists from outside."""
    limit = "domains are named and no person; what a list inside another gets is not counted"
    return _counted(OUTSIDE, f"messages from outside to the lists in the last {OUTSIDE_DAYS} days", limit)


def direct_part() -> Part:
    """Return the part that counts who writes in the school's name past a connector."""
    limit = "a connector that knows its senders by a certificate is not told apart, so theirs are counted too"
    return _counted(DIRECT, f"mail in the school's name from outside in the last {DIRECT_DAYS} days", limit)


def _counted(name: str, covers: str, limit: str) -> Part:
    reads = "`toolkit check` counts by message trace, without subjects; no number is ever a gap"
    return replace(checked(name, covers, reads, limit), needed=False)


def list_senders(found: Mapping[str, Sequence[OutsideMail]]) -> Finding:
    """Return how many messages each list had from which domains: a count, and no judgement."""
    named = "; ".join(f"{address}: {', '.join(_places(mail)) or 'none'}" for address, mail in found.items())
    count = Things(sum(len(mail) for mail in found.values()))
    evidence: dict[str, Json] = {address: _evidence(mail) for address, mail in found.items()}
    return Finding(OUTSIDE, Status.PASS, _LISTS(days=str(OUTSIDE_DAYS), list=named, count=count), evidence)


def direct_senders(found: Sequence[OutsideMail]) -> Finding:
    """Return how many messages came from which servers: a count, and no judgement."""
    named = ", ".join(_places(found)) or "none"
    reason = _PAST(days=str(DIRECT_DAYS), list=named, count=Things(len(found)))
    return Finding(DIRECT, Status.PASS, reason, {"servers": _evidence(found)})


def _places(mail: Sequence[OutsideMail]) -> Iterator[str]:
    """Name the places that sent most, each with its number and how many of them did not arrive."""
    sent = Counter(message.place for message in mail)
    lost = Counter(message.place for message in mail if not message.arrived)
    for place, number in sent.most_common(_SHOWN):
        yield f"{place} ({number}{f', {lost[place]} of them not delivered' if lost[place] else ''})"
    if (more := len(sent) - _SHOWN) > 0:
        yield f"and {more} more"


def _evidence(mail: Sequence[OutsideMail]) -> dict[str, Json]:
    return dict(sorted(Counter(message.place for message in mail).items()))
