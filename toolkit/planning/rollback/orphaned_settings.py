"""Finds what we set in objects that the playbooks still ask for, and that no playbook speaks of any more.

Such a setting stays as it is, since only what is named is managed, until a person prunes: then it gets back what it had
before we first set it. A list that several hands fill gives its entries back automatically.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field, replace

from toolkit.planning.applied_change import CREATE, AppliedChange, ChangedField, are_lists, lost_settings, why_lost
from toolkit.planning.draft import AnyKind
from toolkit.planning.matching import Known
from toolkit.planning.plan_details import ObservedState, OrphanSetting, Refusal
from toolkit.records import dataclass
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Observed
from toolkit.values import Value

_MADE_WITH = "it was made with this, and what it would be without is not known; write another value, or `null`"
_NO_WAY = "toolkit cannot put that back automatically"


@dataclass(frozen=True, slots=True)
class _Ours:
    """One setting as we last left it, and what it was before we first set it."""

    left: Value
    before: Value = None
    made_with: bool = False


@dataclass(frozen=True, slots=True)
class AppliedRecords:
    """What is known of objects: as we left them, what was done to them, and which settings any entry speaks of."""

    known: Mapping[Address, Known]
    deeds: Sequence[AppliedChange] = ()
    spoken: Mapping[Address, Collection[str]] = field(default_factory=dict)


def suspects(
    wanted: Iterable[Desired | Absent], known: Mapping[Address, Known], kinds: Mapping[str, AnyKind]
) -> list[Desired]:
    """List the wanted objects for which we once sent more than is asked for now."""
    return [
        one
        for one in wanted
        if isinstance(one, Desired)
        and one.mode is Mode.ENFORCE
        and not one.unknown
        and kinds[one.address.of_kind].temporary is None
        and one.address in known
        and known[one.address].sent.keys() - one.settings.keys()
    ]


def dropped(
    wanted: Sequence[Desired], seen: ObservedState, kinds: Mapping[str, AnyKind], past: AppliedRecords
) -> tuple[OrphanSetting, ...]:
    """List the settings of some objects that are as we left them, and that nothing asks for any more."""
    found: list[OrphanSetting] = []
    for one in wanted:
        kind, address = kinds[one.address.of_kind], one.address
        there = _there(address, past.known[address], seen)
        if there is None:
            continue
        named = {*one.settings, *past.spoken.get(address, ())}
        table = kind.spec.table()
        ours = _ours(deed for deed in past.deeds if deed.address == address)
        found += [
            OrphanSetting(address, path, it.before, _reason(kind, address, path, it))
            for path, it in ours.items()
            if path not in named and path in table and not (table[path].at_least or table[path].mark)
            if there.settings.get(path) == it.left and it.left != it.before
        ]
    return tuple(found)


def with_put_back(
    wanted: Sequence[Desired | Absent], found: Sequence[OrphanSetting]
) -> tuple[list[Desired | Absent], list[Refusal]]:
    """Ask of each object that it gets back what it had; and say of which settings that is not possible."""
    back: dict[Address, dict[str, Value]] = {}
    for one in found:
        if not one.stays:
            back.setdefault(one.address, {})[one.path] = one.before
    asked = [
        replace(one, settings={**one.settings, **back[one.address]})
        if isinstance(one, Desired) and one.address in back
        else one
        for one in wanted
    ]
    return asked, [Refusal(one.address, f"{one.path}: {one.stays}") for one in found if one.stays]


def _there(address: Address, known: Known, seen: ObservedState) -> Observed | None:
    return next((one for one in seen.objects.get(address.of_kind, ()) if one.remote.id == known.remote_id), None)


def _ours(deeds: Iterable[AppliedChange]) -> Mapping[str, _Ours]:
    """Sum up what we did to each setting; what a person changed in between counts as what was there before."""
    found: dict[str, _Ours] = {}
    for deed in deeds:
        for path in deed.sent:
            left, so_far = deed.left.get(path), found.get(path)
            if so_far and (deed.action == CREATE or deed.before.get(path) == so_far.left):
                found[path] = replace(so_far, left=left)
            else:
                before = deed.before.get(path)
                if so_far and are_lists(so_far.before, so_far.left, before):  # what others added is not ours with it
                    before = ChangedField(so_far.before, so_far.left).without_ours(before)
                found[path] = _Ours(left, before, made_with=deed.action == CREATE)
    return found


def _reason(kind: AnyKind, address: Address, path: str, ours: _Ours) -> str:
    """Say why a setting stays as it is also when a person prunes; "" where it gets back what it had."""
    if ours.made_with:
        return _MADE_WITH
    back = {path: ours.before}
    if lost := lost_settings(back):
        return why_lost(lost)
    return "" if kind.lifecycle.restores(address.name, {}, back) == back else _NO_WAY
