"""Gives a drift its memory: of each difference whether it is new, since when, why, and by whom."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from toolkit.drift.history import ChangeTraces, FindingHistory, Sought, find_actors
from toolkit.drift.model import (
    Cause,
    Difference,
    EndedFinding,
    FindingNovelty,
    RememberedFinding,
    Remembrance,
    Since,
    What,
    cause,
    differing,
    fought_over,
    judged,
    of_change,
)
from toolkit.engine.context import RunContext
from toolkit.engine.refresh import Survey
from toolkit.ledger.change_history import open_findings
from toolkit.ledger.findings import DriftSeen, Fixed, Sighting
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.tables import FindingRow
from toolkit.planning.change import Change, Create, Update
from toolkit.planning.finding_state import Ending, FindingState
from toolkit.planning.matter import EDITED, NEVER
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import (
    ACCEPTED,
    ACCEPTED_LOOK_ALIKE,
    CEDED,
    CONTESTED,
    NOTED,
    NOTED_UNREAD,
    UNCERTAIN,
    UNCERTAIN_UNREAD,
)
from toolkit.sdk.audit_log import LoggedChange
from toolkit.sdk.lending import is_lent
from toolkit.sdk.resource import Address, parse_address, without_name

_AROUND = frozenset({What.REFUSED, What.DEFEATED, What.LOOK_ALIKE})
"""What is about something else than the object's own settings: its end does not say that these are in place."""


def remember(context: RunContext, survey: Survey, ledger: Ledger) -> tuple[Remembrance, DriftSeen]:
    """Compare what was found with the drift before; gives what to tell, and what to write into the ledger."""
    before = open_findings(ledger)
    found = {one.id: one for one in differing(survey.plan)}
    if not found and not before:
        return Remembrance(), DriftSeen(run=context.run, at=context.now)
    past = FindingHistory(ledger, before)
    causes = dict(_causes(survey, past, context.now)) if found else {}
    sought = dict(_sought(context, survey, found, past, causes))
    traced = find_actors(survey, sought, context.now) if sought else ChangeTraces()
    told = dict(_told(context, survey, found, past, causes=causes, makers=traced.makers))
    ended, unseen = _ended(context, survey, found, past)
    changed = [
        one for key, one in told.items() if one.news or (one.actor and (row := before.get(key)) and not row.actor)
    ]
    is_first = past.drift is None and not past.applied
    return Remembrance(told, ended, traced.unread, is_first), DriftSeen(
        run=context.run,
        at=context.now,
        found=tuple(_sighting(one, past) for one in changed),
        fixed=tuple(Fixed(one.id, one.how) for one in ended),
        unseen=tuple(unseen),
    )


def _told(
    context: RunContext,
    survey: Survey,
    found: Mapping[str, Difference],
    past: FindingHistory,
    *,
    causes: Mapping[str, Cause],
    makers: Mapping[str, LoggedChange],
) -> Iterator[tuple[str, RememberedFinding]]:
    contested = {(one.address, path) for one in survey.plan.select(CONTESTED) for path in one.paths}
    for key, one in found.items():
        row = past.still(key)
        disputed = (one.address, fought_over(one.path, one.what)) in contested
        maker = makers.get(key)
        told_before = row is not None and (row.state == FindingState.CONTESTED) == disputed
        yield (
            key,
            RememberedFinding(
                difference=one,
                state=FindingNovelty.CONTESTED if disputed else (FindingNovelty.ONGOING if row else FindingNovelty.NEW),
                since=datetime.fromisoformat(row.since) if row else context.now,
                cause=row.cause if row else causes.get(key, Cause.NOT_KNOWN),
                actor=maker.actor if maker else (past.actor(row) if row else None),
                changed=maker.at if maker else (datetime.fromisoformat(row.changed) if row and row.changed else None),
                news=not told_before,
            ),
        )


def _of_exceptions(plan: Plan) -> frozenset[Address]:
    """Return the objects that only exceptions ask for."""
    asked: dict[bool, set[Address]] = {True: set(), False: set()}
    for control in plan.controls:
        resources = (resource for part in control.realisation.parts for resource in part.resources)
        asked[bool(control.exception)] |= {Address(control.provider, one.kind, one.name) for one in resources}
    return frozenset(asked[True] - asked[False])


def _causes(survey: Survey, past: FindingHistory, now: datetime) -> Iterator[tuple[str, Cause]]:
    matters = (matter for result in survey.results for matter in result.matters)
    turned = {address: matter for matter in matters for address in matter.addresses}
    own = _of_exceptions(survey.plan)
    for change in (*survey.plan.changes, *survey.plan.watched):
        known, matter = survey.recalled.known.get(change.address), turned.get(change.address)
        # What is blocked somebody changed as well; but nobody can have taken away what was never there.
        if matter and (not matter.blocked or (known is None and isinstance(change, Create))):
            yield from ((one.id, Cause.TIME) for one in of_change(change))
            continue
        if known is None and change.address in own:
            edited = past.drift is None or past.drift.began.playbooks != survey.playbooks.digest
            yield from ((one.id, Cause.PLAYBOOK if edited else Cause.TIME) for one in of_change(change))
            continue
        if known is None and (asked := past.asked_anew(change, survey, now)):
            yield from ((one.id, asked) for one in of_change(change))
            continue
        if known is None and is_lent(change.address):  # a calendar, the date, or its owner: no log shows which
            yield from ((one.id, Cause.NOT_KNOWN) for one in of_change(change))
            continue
        same = matter is not None and matter.blocked not in {EDITED, NEVER}
        settings = change.fields if isinstance(change, Update) else (None,)
        for one, setting in zip(of_change(change), settings, strict=True):
            as_wanted = past.was_as_wanted() and one.id not in past.before
            unchanged = Since(playbooks=True, toolkit=True, date=True)
            path = setting.path if setting else None
            since = unchanged if same else past.since(change.address, survey, now, path=path, as_wanted=as_wanted)
            found = cause(change, setting, known, since, as_wanted=as_wanted)
            yield one.id, Cause.TIME if matter and found is Cause.FOLLOWED else found  # the calendar makes it due


def _sought(
    context: RunContext,
    survey: Survey,
    found: Mapping[str, Difference],
    past: FindingHistory,
    causes: Mapping[str, Cause],
) -> Iterator[tuple[str, Sought]]:
    """Say of which findings the tenant's log is asked who made them: new ones, and those it did not report yet."""
    observed = {change.address: _names(change) for change in (*survey.plan.changes, *survey.plan.watched)}
    for key, one in found.items():
        row = past.still(key)
        known = row.cause if row else causes.get(key, Cause.NOT_KNOWN)
        if known not in {Cause.TENANT, Cause.BOTH} or (row and row.actor):
            continue
        applied = past.applied.get(one.address)
        yield (
            key,
            Sought(
                one.address,
                names=observed.get(one.address, (one.address.name,)),
                path=one.path,
                after=applied.at if applied else None,
                looked=past.drift.began.at if past.drift and past.was_as_wanted() else None,
                since=datetime.fromisoformat(row.since) if row else context.now,
            ),
        )


def _names(change: Change) -> tuple[str, ...]:
    there = () if isinstance(change, Create) else (change.observed.remote.id, change.observed.remote.name)
    return (change.address.name, *there)


def _ended(
    context: RunContext, survey: Survey, found: Mapping[str, Difference], past: FindingHistory
) -> tuple[list[EndedFinding], list[str]]:
    plan = survey.plan
    labels = {address: address for address in plan.wanted}
    ended: list[EndedFinding] = []
    unseen: list[str] = []
    for key, row in past.before.items():
        if key in found:
            continue
        address = parse_address(row.address)
        narrowed = bool(context.only or context.provider)
        away = is_lent(address) and address not in plan.wanted and any(result.unread for result in survey.results)
        if away or not judged(address, plan, narrowed=narrowed) or _may_be_there(row, address, survey):
            unseen.append(key)
            continue
        is_repaired = key in past.repaired and not _is_left(plan, address, row)
        how = Ending.REPAIRED if is_repaired else _how(plan, address, row)
        kind = survey.kinds.get(address.of_kind)
        shown = labels.get(address) or (without_name(address) if kind and kind.per_person else address)
        one = Difference(shown, row.path, What(row.what))
        ended.append(EndedFinding(key, one, datetime.fromisoformat(row.since), how))
    return ended, unseen


def _may_be_there(row: FindingRow, address: Address, survey: Survey) -> bool:
    """Return whether an object with the same job may still be there, since its kind could not be read."""
    unread = {*survey.seen.unread_rivals, *(one.kind for one in survey.seen.unknown)} & survey.kinds.keys()
    own = survey.kinds.get(address.of_kind)
    jobs = own.jobs.names if own and row.what == What.LOOK_ALIKE else frozenset[str]()
    return any(survey.kinds[name].jobs.names & jobs for name in unread)


def _how(plan: Plan, address: Address, row: FindingRow) -> Ending:
    if any(one.address == address and one.path == row.path for one in plan.select(ACCEPTED)):
        return Ending.ACCEPTED
    ceded = {(one.address, path) for one in plan.select(CEDED) for path in one.paths}
    if address not in plan.wanted or (address, fought_over(row.path, What(row.what))) in ceded:
        return Ending.PLAYBOOK
    if _is_left(plan, address, row):
        return Ending.PLAYBOOK
    if row.what in _AROUND and any(one.address == address for one in (*plan.changes, *plan.watched)):
        return Ending.OTHERWISE
    return Ending.TENANT if row.cause in {Cause.TENANT, Cause.BOTH} else Ending.AS_WANTED


def _is_left(plan: Plan, address: Address, row: FindingRow) -> bool:
    """Return whether a finding is a look-alike that a playbook leaves in place."""
    if row.what != What.LOOK_ALIKE:
        return False
    accepted = ((alike.desired.address, alike.observed.remote.name) for alike in plan.select(ACCEPTED_LOOK_ALIKE))
    remarks = plan.select(NOTED, NOTED_UNREAD, UNCERTAIN, UNCERTAIN_UNREAD)
    noted = ((remark.address, remark.by) for remark in remarks)
    in_address = f"[{row.path}]"  # a note of two objects with one job has the other's address
    return any(ours == address and (by == row.path or by.endswith(in_address)) for ours, by in (*accepted, *noted))


def _sighting(one: RememberedFinding, past: FindingHistory) -> Sighting:
    who = one.actor
    name = who and (Pseudonyms(past.ledger).pseudonym(who.name) if who.person else who.name)
    return Sighting(
        id=one.difference.id,
        address=str(one.difference.address),
        path=one.difference.path,
        what=one.difference.what,
        state=FindingState.CONTESTED if one.state is FindingNovelty.CONTESTED else FindingState.OPEN,
        since=one.since,
        cause=one.cause,
        actor=name or None,
        person=bool(who and who.person),
        changed=one.changed,
    )
