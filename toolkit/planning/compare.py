"""Makes the plan: matches, compares, orders, and sets aside what may not be written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import TypeVar

from toolkit.planning.audience.resolve import AUDIENCE_EMPTY, AUDIENCE_UNKNOWN, is_protected
from toolkit.planning.audience.unresolved import keep_as_applied
from toolkit.planning.change import Change, Create, Delete, Update
from toolkit.planning.coverage import with_unavailable_parts
from toolkit.planning.diff import differences_of, first_settings, without_former, without_mark
from toolkit.planning.draft import AnyKind, Draft, add_doubles, adopts_late, cannot_create, delete, too_many, weakens
from toolkit.planning.expand import as_spared
from toolkit.planning.look_alikes import Worker, as_it_is, not_known, two_of_ours
from toolkit.planning.matching import Known, Pair, from_another, not_ours, pairs
from toolkit.planning.ordering import arranged, judge_order
from toolkit.planning.ownership import (
    Ownership,
    among_schools,
    marked,
    refuse_tenant_wide,
    without_new_mark,
)
from toolkit.planning.plan import ObservedState, Plan, RealisedControl, Refusal, Unknown, UnreadProperty
from toolkit.planning.ranks import is_preset, judge_ranks, without_presets
from toolkit.planning.unknown_properties import add_unknown
from toolkit.records import dataclass
from toolkit.sdk.directory import Members
from toolkit.sdk.endpoint import Ordered
from toolkit.sdk.kind import Renaming
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Observed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manner:
    """How a plan is made: what a first write on a live tenant may already do, and who is protected."""

    cautious: bool = False
    protected: Sequence[str] = ()  # mailboxes
    accounts: Sequence[str] = ()
    approvers: Sequence[str] = ()  # who may agree that less is kept, by their roles
    ownership: Ownership = field(default_factory=Ownership)  # whose run it is, and what this ledger knows
    now: datetime | None = None  # None: rules with dates are judged as if these were open
    members: Mapping[str, Members] = field(default_factory=dict)  # of the groups that rules name, by provider


def compare(
    wanted: Sequence[Desired | Absent],
    seen: ObservedState,
    kinds: Mapping[str, AnyKind],
    known: Mapping[Address, Known],
    *,
    manner: Manner,
    controls: Sequence[RealisedControl] = (),
) -> Plan:
    """Plan the way from what was seen to what is wanted; nothing is planned for what is unknown."""
    manner = replace(manner, ownership=among_schools(manner.ownership, seen, kinds))
    begun = {
        name: _begin(kinds[name], [w for w in wanted if w.address.of_kind == name], seen, known, manner)
        for name in dict.fromkeys(w.address.of_kind for w in wanted)
        if name in seen.objects
    }
    foreign = {**seen.rivals, **seen.objects, **{name: one.draft.unmanaged for name, one in begun.items()}}
    rivals = [
        as_it_is(kinds[name], other)
        for name in foreign
        if name in kinds and kinds[name].jobs.names
        for other in foreign[name]
    ]
    by_kind = {name: _finish(one, rivals, seen, known, manner) for name, one in begun.items()}
    ours = _together(draft.ours for draft in by_kind.values())
    notes = (*two_of_ours(ours), *not_known(ours, [kinds[name] for name in seen.unread_rivals]))
    plan = _joined(by_kind, [w for w in wanted if isinstance(w, Desired)], seen, manner)
    plan = refuse_tenant_wide(plan, kinds, manner.ownership)
    return replace(plan, notes=(*plan.notes, *notes), controls=with_unavailable_parts(controls, seen.unavailable))


def _joined(by_kind: Mapping[str, Draft], wanted: Sequence[Desired], seen: ObservedState, manner: Manner) -> Plan:
    """Join what is planned of each kind, without objects that could not be read."""
    drafts = by_kind.values()
    unreadable = frozenset(_key(unknown.address) for unknown in seen.unknown if unknown.address)
    # What adopts an object that could not be read is unknown with it: whether it is there is not known.
    unsure = {_key(desired.address) for desired in wanted if _names_of(desired) & unreadable} | unreadable
    look_alikes = [one for draft in drafts for one in draft.look_alikes if _key(one.desired.address) not in unsure]
    unread = [(name, *item) for name, draft in by_kind.items() for item in draft.unread.items()]
    makers = {w.address: frozenset(w.made_by) for w in wanted if w.address.of_kind not in by_kind}
    return Plan(
        changes=tuple(c for draft in drafts for c in draft.changes if not _names(c) & unreadable),
        watched=tuple(c for draft in drafts for c in draft.watched if not _names(c) & unreadable),
        matching=_together(draft.matching for draft in drafts),
        unmanaged=_together(draft.unmanaged for draft in drafts),
        elsewhere=_together(draft.elsewhere for draft in drafts),
        look_alikes=tuple(replace(one, ours=manner.ownership.own.knows(one.observed)) for one in look_alikes),
        doubles=tuple(one for draft in drafts for one in draft.doubles if _key(one.desired.address) not in unsure),
        left=_together(draft.left for draft in drafts),
        unknown=(*(one for one in seen.unknown if not one.unused), *_together(draft.unknown for draft in drafts)),
        unused=tuple(one for one in seen.unknown if one.unused),
        refused=tuple(one for draft in drafts for one in draft.refused if _key(one.address) not in unsure),
        remarks=_together(draft.remarks for draft in drafts),
        notes=_together(draft.notes for draft in drafts),
        unread=tuple(UnreadProperty(name, path, tuple(addresses)) for name, path, addresses in unread),
        unavailable=seen.unavailable,
        wanted={**makers, **{address: by for draft in drafts for address, by in draft.wanted.items()}},
        orders={name: draft.order for name, draft in by_kind.items() if draft.order},
    )


def _names(change: Change) -> frozenset[Address]:
    """Give every name by which the object of a change could be one that was not readable."""
    return _names_of(change.desired) if isinstance(change, Create) else frozenset({_key(change.address)})


def _names_of(desired: Desired) -> frozenset[Address]:
    """Return the addresses at which an object may be: its own, its former one, and that of what it adopts."""
    names = (desired.address.name, desired.renamed_from, desired.handling.adopt)
    return frozenset(_key(replace(desired.address, name=name)) for name in names if name)


def _key(address: Address) -> Address:
    """Write an address as services compare names, without regard to case."""
    return replace(address, name=address.name.casefold())


def _together(lists: Iterable[Iterable[T]]) -> tuple[T, ...]:
    return tuple(item for items in lists for item in items)


@dataclass(frozen=True, slots=True)
class _Begun:
    """What is wanted of one kind, matched with what is there."""

    kind: AnyKind
    name: str
    draft: Draft
    matched: Sequence[Pair]
    there: Sequence[Observed]
    named: frozenset[str]  # what the playbooks ask for by its name, in small letters


def _begin(
    kind: AnyKind,
    wanted: Sequence[Desired | Absent],
    seen: ObservedState,
    known: Mapping[Address, Known],
    manner: Manner,
) -> _Begun:
    name = wanted[0].address.of_kind
    there = seen.objects[name]
    draft = Draft(there=there)
    whose = manner.ownership
    objects = [marked(one, kind, whose.school) for one in wanted if isinstance(one, Desired)]
    matched, refusals = pairs(objects, there, known, whose.may_be_ours(kind))
    draft.refused += refusals
    draft.wanted.update({one.desired.address: frozenset(one.desired.made_by) for one in matched})
    matched, theirs = whose.split(kind, matched, known)
    draft.refused += theirs
    named = frozenset(each.address.name.casefold() for each in wanted)
    matched = without_presets(kind, matched, named)
    ours = {pair.observed.remote.id for pair in matched if pair.observed}
    foreign = [observed for observed in there if observed.remote.id not in ours]
    absent = [w for w in wanted if isinstance(w, Absent)]
    delete(draft, kind, absent, foreign, known, ownership=whose, approvers=manner.approvers)
    gone = {change.observed.remote.id for change in draft.changes if isinstance(change, Delete)}
    draft.unmanaged = [observed for observed in foreign if observed.remote.id not in gone]
    return _Begun(kind, name, draft, matched, there, named)


def _finish(
    begun: _Begun, rivals: Sequence[Worker], seen: ObservedState, known: Mapping[Address, Known], manner: Manner
) -> Draft:
    """Plan what is wanted of one kind, beside what no playbook asks for of any."""
    kind, draft, matched, there = begun.kind, begun.draft, begun.matched, begun.there
    draft.rivals = rivals
    for pair in matched:
        if late := adopts_late(pair, there):
            draft.refused.append(late)
            continue
        _pair(draft, kind, pair, known.get(pair.desired.address), manner)
        if pair.observed:
            add_unknown(draft, pair.desired, pair.observed)
    draft.refused += too_many(draft, kind, len(there))
    add_doubles(draft, kind, matched)
    judge_ranks(draft, kind, matched, begun.named)
    if isinstance(kind.endpoint, Ordered):
        moves, draft.order = arranged(matched, seen.order[begun.name])
        draft.changes += moves
        draft.matching = [address for address in draft.matching if address not in {move.address for move in moves}]
        judge_order(kind, matched, draft, manner.members.get(begun.name.partition(".")[0], {}), manner.now)
        own = {foreign.remote.name for foreign in draft.unmanaged if manner.ownership.own.knows(foreign)}
        draft.remarks = [replace(remark, ours=remark.by in own) for remark in draft.remarks]
    return draft


def _people_of_group(kind: AnyKind, address: Address, known: Known | None) -> int | None:
    """Return for how many an object was applied last; None where it was for everyone, whatever group it names."""
    if known is None or known.reach is None:
        return None
    everybody = kind.reaches(address.name, {**known.returned, **known.sent}).everybody
    return None if everybody else known.reach.people


def _pair(draft: Draft, kind: AnyKind, pair: Pair, known: Known | None, manner: Manner) -> None:
    desired = keep_as_applied(pair.desired, pair.observed, known)
    desired = as_spared(desired, pair.observed, kind.spec) if pair.observed else desired
    desired = without_former(desired, known, kind.spec)
    if desired.mode is Mode.CHECK:
        desired = without_mark(desired, kind.spec)
    if desired.unknown:
        before = _people_of_group(kind, desired.address, known) if desired.lost_group else None
        reason = (AUDIENCE_EMPTY if desired.empty else AUDIENCE_UNKNOWN)(why=desired.unknown)
        unknown = Unknown(desired.address.of_kind, reason, desired.address, for_whom=True, people_before=before)
        draft.unknown.append(unknown)
        return
    if pair.observed is None and kind.lifecycle.only_where_there:
        draft.matching.append(desired.address)
        return
    there = pair.observed
    change = _update(kind, desired, there, known, manner) if there else _create(kind, desired, manner)
    # What is lent to a person delays no mail, so that a mailbox whose mail is protected may have it.
    protected = manner.accounts if kind.lent else (*manner.accounts, *manner.protected)
    if kind.per_person and is_protected(desired.address, protected):
        draft.refused.append(Refusal(desired.address, "the school file protects this account", desired.origin))
        return
    if desired.mode is Mode.CHECK or kind.read_only:
        draft.matching += [desired.address] if change is None else []
        draft.watched += [change] if change else []
        return
    if pair.observed is None and (refusal := cannot_create(draft, kind, desired, manner.ownership)):
        draft.refused += [refusal] if isinstance(refusal, Refusal) else []
        return
    another_s = bool(pair.observed and from_another(kind, desired, pair.observed, manner.ownership.own))
    if change is None:
        draft.matching.append(desired.address)
        draft.elsewhere += [replace(pair.observed, address=desired.address)] if pair.observed and another_s else []
    elif another_s:
        draft.refused.append(not_ours(desired.address, desired.origin))
    elif unsafe := _unsafe(kind, change, manner):
        draft.refused.append(unsafe)
    else:
        draft.changes.append(change)


def _unsafe(kind: AnyKind, change: Create | Update, manner: Manner) -> Refusal | None:
    """Say why a change is never made by a run: it holds up protected mail, or keeps less evidence than before."""
    desired = change.desired
    if reason := kind.mail.refusal(desired.settings, manner.protected):
        protected = kind.mail.holds_up(desired.settings, manner.protected)
        return Refusal(desired.address, reason, desired.origin, change, mail_of=protected)
    if isinstance(change, Update) and is_preset(kind, change.observed):
        reason = "the vendor sets what this preset policy does, and takes no change of it"
        return Refusal(desired.address, reason, desired.origin)
    if less := weakens(kind, change, manner.approvers):
        return Refusal(desired.address, less, desired.origin, change)
    return _closing(kind, change) if isinstance(change, Update) else None


def _closing(kind: AnyKind, change: Update) -> Refusal | None:
    """Refuse a change that stops what no API counts, unless the control says that people looked at it."""
    before, desired = change.observed.settings, change.desired
    for setting, uncounted in kind.lifecycle.closes(before, {**before, **desired.settings}).items():
        if why := desired.reviewed.get(setting, uncounted):
            return Refusal(desired.address, why, desired.origins.get(setting, desired.origin))
    return None


def _update(kind: AnyKind, desired: Desired, observed: Observed, known: Known | None, manner: Manner) -> Update | None:
    changed = differences_of(kind, desired, observed, known)
    if not changed:
        return None
    remark = kind.lifecycle.promotion(observed, desired.settings) or ""
    if kind.renaming is Renaming.MARK and observed.remote.name != desired.address.name:
        remark = f"the service cannot rename a {kind.title}: its own pages keep the old name, and the comment has ours"
    return without_new_mark(Update(desired, observed, changed, remark), kind, manner.ownership.school)


def _create(kind: AnyKind, desired: Desired, manner: Manner) -> Create:
    cautious = kind.lifecycle.cautious(desired.settings) if manner.cautious else desired.settings
    remark = "created in test mode first; the next apply turns it on" if cautious != desired.settings else ""
    return Create(desired, first_settings(cautious), remark)
