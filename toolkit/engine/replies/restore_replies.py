"""Finds the replies that toolkit has set, and plans to give back those that nothing asks for any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from toolkit.controls.control import controls
from toolkit.controls.mail.closure_reply import ClosureReply
from toolkit.controls.mail.out_of_office import OutOfOffice
from toolkit.engine.ledger_state import Recalled
from toolkit.engine.replies.absences import Seeing, reply_kind
from toolkit.planning.applied_state import Known
from toolkit.planning.calendar.replies import given_back
from toolkit.planning.expand import Expansion
from toolkit.planning.plan import ObservedState
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.address import Address
from toolkit.sdk.connector import Connection
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Desired


def lent(known: Mapping[Address, Known], connections: Mapping[str, Connection]) -> Sequence[Address]:
    """List the replies that toolkit set and has not given back, of the tenants that are open."""
    return [
        address
        for address, one in known.items()
        if address.provider in connections
        and (kind := reply_kind(address.provider)) is not None
        and address.kind == kind.name
        and one.sent.get("status") == "scheduled"
    ]


def replies_wait(playbooks: Playbooks) -> bool:
    """Say whether a control of replies waits for a decision: until then nobody knows which replies go on."""
    known = controls()
    return any(issubclass(known[one.name].settings, OutOfOffice | ClosureReply) for one in playbooks.waiting)


def give_back(
    borrowed: Sequence[Address],
    expansion: Expansion,
    seen: ObservedState,
    recalled: Recalled,
    *,
    signals: Mapping[str, Seeing],
    now: datetime,
) -> Sequence[Desired]:
    """Plan to give back what was lent and nothing asks for any more, as far as it still is ours."""
    if not borrowed:
        return ()
    back = {one.of_kind: kinds(one.provider)[one.kind].withdrawn({}) or {} for one in borrowed}
    objects = [one for kind in back for one in seen.objects.get(kind, ())]
    wanted = {one.address for one in expansion.wanted}
    unknown = {one for one in borrowed if _is_unknown(signals.get(one.provider, {}), one.name)}
    return given_back(wanted, unknown, objects, recalled.known, recalled.lent(back), now=now)


def _is_unknown(seeing: Seeing, person: str) -> bool:
    """Say whether it could not be seen if somebody is away; a reason that names nobody is everybody's."""
    return any(person in signals.unknown or "" in signals.unknown for signals in seeing.values())
