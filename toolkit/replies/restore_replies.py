"""Finds the replies that toolkit has set, and plans to give back those that nothing asks for any more."""

from collections.abc import Callable, Mapping, Sequence

from toolkit.controls.control import controls
from toolkit.controls.mail.closure_reply import ClosureReply
from toolkit.controls.mail.out_of_office import OutOfOffice
from toolkit.engine.extension import RunReads, TenantSignals
from toolkit.planning.applied_state import Known
from toolkit.playbook.entries import Playbooks
from toolkit.replies.model import given_back
from toolkit.replies.read_signals import reply_kind
from toolkit.sdk.address import Address
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Desired
from toolkit.values import Json, Settings

WordsBefore = Callable[[Mapping[str, Mapping[str, Json]]], Mapping[Address, Settings]]
"""Gives, for some kinds and what gives one of them back, what was there before we first set an object."""


def lent(known: Mapping[Address, Known]) -> Sequence[Address]:
    """List the replies that toolkit set and has not given back."""
    return [
        address
        for address, one in known.items()
        if (kind := reply_kind(address.provider)) is not None
        and address.kind == kind.name
        and one.sent.get("status") == "scheduled"
    ]


def replies_wait(playbooks: Playbooks) -> bool:
    """Say whether a control of replies waits for a decision: until then nobody knows which replies go on."""
    known = controls()
    return any(issubclass(known[one.name].settings, OutOfOffice | ClosureReply) for one in playbooks.waiting)


def give_back(borrowed: Sequence[Address], reads: RunReads, before: WordsBefore) -> Sequence[Desired]:
    """Plan to give back what was lent and nothing asks for any more, as far as it still is ours."""
    if not borrowed:
        return ()
    back = {one.of_kind: kinds(one.provider)[one.kind].withdrawn({}) or {} for one in borrowed}
    objects = [one for kind in back for one in reads.seen.objects.get(kind, ())]
    wanted = {one.address for one in reads.expansion.wanted}
    unknown = {one for one in borrowed if _is_unknown(reads.signals.get(one.provider, {}), one.name)}
    return given_back(wanted, unknown, objects, reads.known, before(back), now=reads.now)


def _is_unknown(seen: TenantSignals, person: str) -> bool:
    """Return whether it could not be read if somebody is away; a reason that names no one is everyone's."""
    return any(person in signals.unknown or "" in signals.unknown for signals in seen.values())
