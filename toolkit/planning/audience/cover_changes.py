"""Find the objects that may cover fewer people after a plan, and the objects that replace them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace

from toolkit.planning.audience.cover import Cover, find_object_loss
from toolkit.planning.audience.resolve import AUDIENCE_UNKNOWN
from toolkit.planning.audience.target_changes import does_same_job
from toolkit.planning.change import Change, Create, Delete, Move, Update, settings_before_and_after
from toolkit.planning.loss import ObjectLoss
from toolkit.planning.matching import LastApplied
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.planning.plan_states import MATCHING
from toolkit.planning.select import leave_out_blocked
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import Address
from toolkit.sdk.targets import Targets
from toolkit.values import Settings

_NO_ONE = Targets()
_AT = " @ "  # in a name: between the setting and its unit or group


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverFacts:
    """Facts from outside the plan that are needed to find out whom an object covers."""

    kinds: Mapping[str, Kind[Connection]]
    last_applied: Mapping[Address, LastApplied]
    observed: ObservedState
    title_of: Callable[[str], str] = str  # returns the title of a control
    roles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # by provider and group
    exception_groups: Mapping[str, frozenset[str]] = field(
        default_factory=dict
    )  # by provider: groups with a live exception
    withdrawn: frozenset[str] = frozenset()  # controls that a playbook withdraws
    given_back: frozenset[Address] = frozenset()  # objects that no one had before the run that is rolled back


@dataclass(frozen=True, slots=True)
class _ChangedObject:
    """An object with its settings before and after a run."""

    cover: Cover
    does: Settings  # before, or after for an object that is new
    will_do: Settings | None  # after; None if the object does nothing then
    controls: frozenset[str]


Covers = Mapping[Address, Cover]
"""The objects that may cover fewer people after a run, and the objects that may take over, by address."""


def find_cover_changes(plan: Plan, facts: CoverFacts) -> Covers:
    """Return the objects that may cover fewer people after a plan, and the objects that may replace them.

    Removing a control, a list of members or a temporary setting is not a loss of cover.
    """
    objects = [*_find_changed_objects(plan, facts)]
    shrinking = [shrunk for shrunk in objects if shrunk.cover.may_cover_fewer_people]
    kinds = {shrunk.cover.address.kind_path for shrunk in shrinking}
    others = [other for other in (*objects, *_find_unchanged_objects(plan, facts, kinds)) if other.will_do is not None]
    covers: dict[Address, Cover] = {}
    for shrunk in shrinking:
        kind = facts.kinds[shrunk.cover.address.kind_path]
        successors = [] if kind.per_person else [other for other in others if _replaces_after_run(kind, shrunk, other)]
        covers |= {other.cover.address: other.cover for other in successors if other.cover.address not in covers}
        covers[shrunk.cover.address] = replace(
            shrunk.cover, successors=tuple(other.cover.address for other in successors)
        )
    return covers


def add_cover_losses(plan: Plan, covers: Covers, directories: Mapping[str, Directory], facts: CoverFacts) -> Plan:
    """Return the plan with the number of people whom each change takes out of an object's cover.

    If these people are unknown, the change is not made yet.
    """
    losses, unknown = list[ObjectLoss](), list[Unknown]()
    written = {change.address for change in plan.changes}
    unchanged = {*plan.select(MATCHING)}
    for address, cover in covers.items():
        provider = address.provider
        if address not in written or not cover.may_cover_fewer_people:
            continue
        loss = find_object_loss(cover, covers, directories.get(provider, Directory()), facts.roles.get(provider, {}))
        if isinstance(loss, str):
            why = f"toolkit cannot find out which people the object would no longer cover: {loss}"
            unknown.append(Unknown(address.kind_path, AUDIENCE_UNKNOWN(why=why), address, for_whom=True))
        elif loss:
            losses.append(loss.without_people_still_covered(unchanged))
    plan = leave_out_blocked(plan, unknown)
    return replace(plan, losses=tuple(losses), losses_by_rollback=tuple(find_rollback_losses(plan, directories, facts)))


def find_rollback_losses(plan: Plan, directories: Mapping[str, Directory], facts: CoverFacts) -> Iterator[ObjectLoss]:
    """Yield, for each updated object, the people and devices that a rollback would leave uncovered.

    An object that the plan applies for the first time is left out, because no limit counts a first application.
    """
    for change in plan.changes:
        kind, provider = facts.kinds[change.address.kind_path], change.address.provider
        if (
            not isinstance(change, Update)
            or not _covers_people(kind)
            or (kind.fixed and change.address not in facts.last_applied)
        ):
            continue
        there, after = settings_before_and_after(change)
        work = _EnabledCover(kind, change.address.name)
        cover = Cover(
            address=change.address,
            subject=_subject_name(change, kind, frozenset(), facts),
            before=(work.targets_if_enabled(after),),
            after=work.targets_if_enabled(there),
            nesting=kind.nesting,
        )
        if cover.may_cover_fewer_people:
            loss = find_object_loss(cover, {}, directories.get(provider, Directory()), facts.roles.get(provider, {}))
            if isinstance(loss, ObjectLoss):
                yield loss


def _covers_people(kind: Kind[Connection]) -> bool:
    """Return whether objects of this kind cover people. Lists of members and temporary settings do not."""
    return not (kind.members or kind.temporary)


def _find_changed_objects(plan: Plan, facts: CoverFacts) -> Iterator[_ChangedObject]:
    by_id = {
        (address.kind_path, record.remote_id): record
        for address, record in facts.last_applied.items()
        if record.remote_id
    }
    for change in plan.changes:
        kind = facts.kinds[change.address.kind_path]
        if isinstance(change, Move) or not _covers_people(kind):
            continue
        remote_id = "" if isinstance(change, Create) else change.observed.remote.id
        last = (
            facts.last_applied.get(change.address) or by_id.get((change.address.kind_path, remote_id)) or LastApplied()
        )
        yield _object_before_and_after(change, kind, last, plan, facts)


def _object_before_and_after(
    change: Change, kind: Kind[Connection], last_applied: LastApplied, plan: Plan, facts: CoverFacts
) -> _ChangedObject:
    there, after = settings_before_and_after(change)
    if change.address in plan.pruned_objects and kind.fixed and not kind.jobs.names:
        after = None  # no job shows whether a built-in object still covers people without our settings
    controls = _controls_of_change(change, plan)
    applied = {**last_applied.returned, **last_applied.sent}
    work = _EnabledCover(kind, change.address.name)
    counts = not (controls and controls <= facts.withdrawn) and change.address not in facts.given_back
    before = (work.targets_if_enabled(settings) for settings in (there, applied) if settings and counts)
    targets = (
        kind.reaches(change.address.name, after)
        if after and isinstance(change, Create)
        else work.targets_if_enabled(after)
    )
    cover = Cover(
        address=change.address,
        subject=_subject_name(change, kind, controls, facts),
        before=tuple(before),
        after=_include_exception_groups(targets, change.address, controls, facts),
        nesting=kind.nesting,
    )
    return _ChangedObject(cover, there or applied or after or {}, None if targets.is_empty else after, controls)


@dataclass(frozen=True, slots=True)
class _EnabledCover:
    """An object that covers people only while it is enabled.

    A built-in object counts as enabled if it does one of its kind's jobs.
    """

    kind: Kind[Connection]
    name: str

    def targets_if_enabled(self, settings: Settings | None) -> Targets:
        """Return the groups, people and devices that the object covers if it has these settings."""
        jobs = self.kind.jobs
        needs_job = self.kind.fixed and bool(jobs.names)
        if not settings or not jobs.works(settings) or (needs_job and not any(jobs.of(settings))):
            return _NO_ONE
        return self.kind.reaches(self.name, settings)


def _controls_of_change(change: Change, plan: Plan) -> frozenset[str]:
    makers = change.absent.made_by if isinstance(change, Delete) else change.desired.made_by
    return frozenset(makers) or plan.desired_controls.get(change.address, frozenset()) - {""}


def _subject_name(change: Change, kind: Kind[Connection], controls: frozenset[str], facts: CoverFacts) -> str:
    if titles := sorted(map(facts.title_of, controls)):
        return " and ".join(titles)
    is_enough = kind.per_person or kind.names.only is not None
    return kind.title if is_enough else f"{kind.title} {change.address.display_name}"


def _include_exception_groups(
    targets: Targets, address: Address, controls: frozenset[str], facts: CoverFacts
) -> Targets:
    """Return the targets of an object, without the exclusion of groups that a current exception spares."""
    spared = facts.exception_groups.get(address.provider, frozenset()) if controls else frozenset[str]()
    return replace(targets, excluded=targets.excluded - spared) if spared else targets


def _find_unchanged_objects(plan: Plan, facts: CoverFacts, kind_names: set[str]) -> Iterator[_ChangedObject]:
    """Yield the objects of some kinds that a run leaves unchanged because they already match the playbooks."""
    shared = {name for name in kind_names if not facts.kinds[name].per_person}
    objects = [observed for name in shared for observed in facts.observed.objects.get(name, ())]
    by_id = {(observed.address.kind_path, observed.remote.id): observed for observed in objects}
    by_name = {(observed.address.kind_path, observed.remote.name.casefold()): observed for observed in objects}
    for address in (address for address in plan.select(MATCHING) if address.kind_path in shared):
        kind, last = facts.kinds[address.kind_path], facts.last_applied.get(address, LastApplied())
        observed = by_id.get((address.kind_path, last.remote_id or "")) or by_name.get(
            (address.kind_path, address.name.casefold())
        )
        if observed and kind.jobs.works(observed.settings):
            targets = kind.reaches(address.name, observed.settings)
            cover = Cover(address=address, subject="", after=targets, nesting=kind.nesting)
            controls = plan.desired_controls.get(address, frozenset()) - {""}
            yield _ChangedObject(cover, observed.settings, observed.settings, controls)


def _replaces_after_run(kind: Kind[Connection], changed_object: _ChangedObject, other: _ChangedObject) -> bool:
    """Return whether another object replaces a changed object after a run.

    If jobs have names, the names are compared. Otherwise two objects do the same job if they share the setting in a
    name such as `users.UrlBlocking @ /Staff`, the control, or all values. An object of an ended exception no longer has
    a control, so the control's object must have all its settings.
    """
    if (
        changed_object.cover.address == other.cover.address
        or changed_object.cover.address.kind_path != other.cover.address.kind_path
    ):
        return False
    then = replace(other, does=other.will_do or {})
    jobs, their_jobs = {*kind.jobs.of(changed_object.does)}, {*kind.jobs.of(then.does)}
    same_control = bool(changed_object.controls & other.controls)
    if jobs or their_jobs:
        return does_same_job(kind, changed_object.does, then.does) or bool(jobs & their_jobs and same_control)
    policy, _, at_place = changed_object.cover.address.name.rpartition(_AT)
    sets, theirs = _setting_paths(kind, changed_object), _setting_paths(kind, then)
    if policy and at_place:
        return policy == other.cover.address.name.rpartition(_AT)[0] and bool(sets & theirs)
    is_equal = sets == theirs and all(changed_object.does[path] == then.does[path] for path in sets)
    includes = sets <= theirs and bool(other.controls) and not kind.jobs.names
    return bool(sets & theirs) and (same_control or is_equal or includes)


def _setting_paths(kind: Kind[Connection], changed_object: _ChangedObject) -> frozenset[str]:
    """Return the names of an object's settings, except the settings that contain its audience."""
    name, settings = changed_object.cover.address.name, changed_object.does
    targets = kind.reaches(name, settings)
    named = (path for path, value in settings.items() if value is not None)
    return frozenset(path for path in named if kind.reaches(name, {**settings, path: None}) == targets)
