"""Makes objects that another ledger manages this one's: nothing is written to a tenant."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.refresh import Survey, surveyed
from toolkit.engine.runs import recall
from toolkit.errors import Exit, UsageError
from toolkit.planning.matching import of_another
from toolkit.playbook.entries import Playbooks
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Address, Observed
from toolkit.yaml.messages import closest

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def adopt_run(
    context: RunContext, playbooks: Playbooks, ledger: "Ledger", wanted: Sequence[Address] | None
) -> Sequence[Address]:
    """Record that objects are this ledger's, as they are now, and say which; the caller holds the lease.

    None wants every object that bears toolkit's marker and that this ledger does not know. UsageError, and nothing
    recorded, for an address that is none of those.
    """
    journal = Journal(ledger, context.run, context.now)
    reading = replace(context, prune=True)  # so that no kind is left out
    with surveyed(reading, playbooks, recall(context, ledger)) as survey:
        unknown = {one.address: one for one in _of_others(survey)}
        adopted = list(unknown) if wanted is None else [_one(address, unknown, survey) for address in wanted]
        tenants = survey.tenants
    if not adopted:
        return []
    journal.began(context, playbooks, tenants)
    for address in dict.fromkeys(adopted):
        journal.adopt(address, unknown[address])
    journal.finished(code=Exit.AS_WANTED, summary={}, unmanaged={})
    return adopted


def _of_others(survey: Survey) -> Iterator[Observed]:
    for name, objects in survey.seen.objects.items():
        for one in objects:
            if of_another(survey.kinds[name], one, survey.recalled.own):
                yield replace(one, address=replace(one.address, name=one.remote.name))


def _one(address: Address, unknown: dict[Address, Observed], survey: Survey) -> Address:
    if address in unknown:
        return address
    if address in survey.recalled.own.addresses:
        raise UsageError(f"{address}: this ledger knows it already")
    if address.of_kind not in survey.seen.objects:
        raise UsageError(f"{address}: {_unread(address, survey)}")
    if survey.kinds[address.of_kind].is_ours is None:
        raise UsageError(f"{address}: objects of this kind bear no marker; toolkit knows them by their names")
    meant = closest(str(address), [str(one) for one in unknown])
    hint = f": did you mean `{meant}`?" if meant else ""
    raise UsageError(f"{address}: the tenant has no such object with toolkit's marker{hint}")


def _unread(address: Address, survey: Survey) -> str:
    reasons = [admin_text(one.reason) for one in survey.seen.unknown if one.kind in {address.of_kind, address.provider}]
    if reason := next(iter(reasons), survey.seen.unavailable.get(address.of_kind)):
        return f"no {address.of_kind} could be read: {reason}"
    return f"the playbooks ask for no {address.of_kind}, so that none was read"
