"""Find out from an object's mark which school owns the object.

The owner is this school, another school, or unknown. Two schools with a common tenant may use the same name, so a name
proves nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cache

from toolkit.planning.change import Create, Update, settings_before_and_after
from toolkit.planning.matching import LastApplied, LedgerObjects, Pair
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, Refusal
from toolkit.planning.plan_states import CHANGED, REFUSED
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.ownership import SchoolMark, parse_school
from toolkit.sdk.resource import Address, Desired, Mode, Observed, Origin
from toolkit.sdk.spec import Spec

AnyKind = Kind[Connection]


@dataclass(frozen=True, slots=True)
class Ownership:
    """The school for which a run is made, and the other schools with objects in the same tenants."""

    school: SchoolMark | None = None  # None: the school file has no id
    owns_tenant: bool = False
    ledger_objects: LedgerObjects = field(default_factory=LedgerObjects)
    other_schools: tuple[SchoolMark, ...] = ()
    ignores_marks: bool = False  # an import writes objects of any school

    def other_school_in_mark(self, kind: AnyKind, observed: Observed) -> SchoolMark | None:
        """Return the school that an object's mark names, or None if the mark names this school or no school."""
        path = "" if self.ignores_marks else mark_setting_name(kind.spec)
        named = parse_school(observed.settings.get(path)) if path else None
        return named if named and (self.school is None or named.id != self.school.id) else None

    def make_ownership_test(self, kind: AnyKind) -> Callable[[Observed], bool]:
        """Return a function that returns whether this school may own an object with a desired name.

        If other schools have objects in the tenant, a name is enough only for built-in objects, for a person's objects
        and for kinds with a fixed name.
        """
        by_name = not self.other_schools or kind.fixed or kind.per_person or kind.names.only is not None

        def is_possibly_ours(observed: Observed) -> bool:
            if self.other_school_in_mark(kind, observed):
                return False
            if kind.is_ours:
                return kind.is_ours(observed.remote)
            return (
                by_name or self.ledger_objects.contains(observed) or _school_named_in_mark(kind, observed) is not None
            )

        return is_possibly_ours

    def refuse_taken_name(self, kind: AnyKind, desired: Desired, same_name: Sequence[Observed]) -> Refusal | None:
        """Return a refusal to create an object because its name is taken, or None if the name is free.

        A name is taken if another school's object has it or, in a kind with unique names, if any object has it.
        """
        beside = desired.handling.beside
        other = next((school for observed in same_name if (school := self.other_school_in_mark(kind, observed))), None)
        if other and not (beside and kind.is_ours):
            return refuse_object_of_other_school(other, desired.address, desired.origin)
        if self.other_schools and beside and same_name and kind.is_ours is None:
            reason = f"a {kind.title} of this name exists already, so give this school's object another name"
            return Refusal(desired.address, reason, desired.origin)
        return None

    def other_school_owning_pair(
        self, kind: AnyKind, pair: Pair, last_applied: LastApplied | None
    ) -> SchoolMark | None:
        """Return the other school that owns an observed object, or None.

        If the object is only compared, return None, because any school may own it.
        """
        if pair.observed is None or pair.desired.mode is Mode.CHECK:
            return None
        return self.other_school_owning(kind, pair.observed, last_applied)

    def separate_other_schools(
        self, kind: AnyKind, pairs: Iterable[Pair], last_applied: Mapping[Address, LastApplied]
    ) -> tuple[list[Pair], list[Refusal]]:
        """Separate objects that other schools own.

        Return the pairs whose objects this school may own, and a refusal for each object of another school.
        """
        kept, refused = list[Pair](), list[Refusal]()
        for pair in pairs:
            desired = pair.desired
            if other := self.other_school_owning_pair(kind, pair, last_applied.get(desired.address)):
                refused.append(refuse_object_of_other_school(other, desired.address, desired.origin))
            else:
                kept.append(pair)
        return kept, refused

    def other_school_owning(
        self, kind: AnyKind, observed: Observed, last_applied: LastApplied | None
    ) -> SchoolMark | None:
        """Return the other school whose mark is on an object, or None.

        If `state adopt` recorded this school as the owner of the object, return None while the object's mark is the
        same as then.
        """
        other, path = self.other_school_in_mark(kind, observed), mark_setting_name(kind.spec)
        taken = last_applied is not None and last_applied.returned.get(path) == observed.settings.get(path)
        return None if taken else other


@cache
def mark_setting_name(spec: type[Spec]) -> str:
    """Return the name of the setting in which an object's owner is marked, or "" if the service has no field for
    a mark.
    """
    return next((path for path, setting in spec.table().items() if setting.mark), "")


def _school_named_in_mark(kind: AnyKind, observed: Observed) -> SchoolMark | None:
    return parse_school(observed.settings.get(mark_setting_name(kind.spec)))


def _find_other_schools(
    observed_state: ObservedState, kinds: Mapping[str, AnyKind], ownership: Ownership
) -> Iterator[SchoolMark]:
    """Yield each other school that owns observed objects, once."""
    if ownership.ignores_marks:
        return
    lists = (objects.items() for objects in (observed_state.objects, observed_state.rivals))
    schools = (
        ownership.other_school_in_mark(kinds[name], observed)
        for named in lists
        for name, objects in named
        if name in kinds
        for observed in objects
    )
    yield from {school.id: school for school in schools if school}.values()


def add_other_schools(ownership: Ownership, observed_state: ObservedState, kinds: Mapping[str, AnyKind]) -> Ownership:
    """Return the ownership rules of a run, with the other schools that have objects in the same tenants."""
    return replace(ownership, other_schools=tuple(_find_other_schools(observed_state, kinds, ownership)))


def add_mark(desired: Desired, kind: AnyKind, school: SchoolMark | None) -> Desired:
    """Return a desired object with this school's mark. If the school has no id, the mark does not name the school."""
    path = mark_setting_name(kind.spec)
    if path not in desired.settings or desired.mode is Mode.CHECK:
        return desired
    if school:
        return replace(desired, settings={**desired.settings, path: str(school)})
    if kind.is_ours:
        return desired
    return replace(desired, settings={name: value for name, value in desired.settings.items() if name != path})


def leave_out_new_mark(change: Update, kind: AnyKind, school: SchoolMark | None) -> Update | None:
    """Return a change, or None if the change would only add this school's mark.

    The mark is then added together with the next change. Replacing another school's mark, or a lost mark, counts as a
    change.
    """
    path = mark_setting_name(kind.spec)
    if [field.path for field in change.fields] != [path] or school is None:
        return change
    before = change.fields[0].before
    named = parse_school(before)
    if named and named.id != school.id:
        return change
    return None if before is not None or kind.is_ours is None else change


def refuse_object_of_other_school(
    other_school: SchoolMark, address: Address, origin: Origin, reason: str = ""
) -> Refusal:
    """Return a refusal to change another school's object, with advice on how to take the object over."""
    owner = f"its mark names another school in this tenant, {other_school.short_name} ({other_school.id})"
    advice = (
        "Give this school's object another name, or, if both schools agree that this school takes it over, run "
        f"toolkit state adopt '{address}'"
    )
    return Refusal(address, f"{f'{reason}, but ' if reason else ''}{owner}. {advice}", origin)


def refuse_tenant_wide_changes(plan: Plan, kinds: Mapping[str, AnyKind], ownership: Ownership) -> Plan:
    """Return the plan with changes refused that affect everyone in a shared tenant, unless the school file says
    that the school owns the tenant.
    """
    if not ownership.other_schools:
        return plan
    shared = replace(plan, shared_with=tuple(other.short_name for other in ownership.other_schools))
    if ownership.owns_tenant:
        return shared
    written = (change for change in plan.changes if isinstance(change, Create | Update))
    wide = [change for change in written if _applies_to_everyone(change, kinds[change.address.kind_path])]
    schools = " and ".join(shared.shared_with)
    reason = (
        f"it applies to everyone in the tenant, which also has objects of another school ({schools}): if this school "
        "decides for all of them, write `owns_tenant: true` into its school file"
    )
    refused = tuple(Refusal(change.address, reason, change.desired.origin) for change in wide)
    kept = [change for change in plan.changes if change not in wide]
    return shared.replace(CHANGED, kept).add(REFUSED, refused)


def _applies_to_everyone(change: Create | Update, kind: AnyKind) -> bool:
    return kind.reaches(change.address.name, settings_before_and_after(change)[1] or {}).everybody
