"""Finds the automatic replies that absences and holidays ask for, and those that are over; pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from toolkit.planning.change import Create, Update
from toolkit.planning.matter import Matter
from toolkit.replies.due import DueOccasion
from toolkit.sdk.form import parse_instant
from toolkit.values import satisfied


def due_replies(occasion: DueOccasion) -> Iterator[Matter]:
    """List the replies to set and those to give back; nobody is named."""
    ours = [
        change for change in occasion.plan.changes if isinstance(change, Create | Update) and _is_due(change, occasion)
    ]
    for what, over in (("to set", False), ("to give back", True)):
        changes = [change for change in ours if _is_over(change) is over]
        hindrances = [occasion.history(change.address).hindrance for change in changes]
        for blocked in dict.fromkeys(hindrances):
            alike = [change for change, hindrance in zip(changes, hindrances, strict=True) if hindrance == blocked]
            yield _matter(alike, what, blocked, occasion)


def _matter(changes: Sequence[Create | Update], what: str, blocked: str, occasion: DueOccasion) -> Matter:
    replies = "automatic reply" if len(changes) == 1 else "automatic replies"
    return Matter(
        text=f"{len(changes)} {replies} {what} on {occasion.provider}",
        since=min((at for change in changes if (at := _since(change, occasion))), default=None),
        origin=None if _is_over(changes[0]) else changes[0].desired.origin,
        addresses=tuple(change.address for change in changes),
        blocked=blocked,
    )


def _is_due(change: Create | Update, occasion: DueOccasion) -> bool:
    """Say whether a control asks for a reply that toolkit has not set as it is asked for: else a hand changed it."""
    address, desired = change.address, change.desired
    if address.provider != occasion.provider or not occasion.kinds[address.of_kind].lent or not desired.made_by:
        return False
    if not occasion.history(address).was_applied:
        return False
    known = occasion.known.get(address)
    return known is None or not all(satisfied(value, known.sent.get(name)) for name, value in desired.settings.items())


def _is_over(change: Create | Update) -> bool:
    return change.desired.settings.get("status") == "off"


def _since(change: Create | Update, occasion: DueOccasion) -> datetime | None:
    """Give when a reply should have begun to answer, or, of one that is over, when it ended."""
    known = occasion.known.get(change.address)
    written = change.desired.settings.get("begins") or (known.sent.get("ends") if known else None)
    at = parse_instant(str(written)) if written else None
    return at if at and at <= occasion.now else None
