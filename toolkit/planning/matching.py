"""Find the tenant's object for each desired object.

Records of the last apply and marks of other ledgers are taken into account.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime

from toolkit.planning.plan_details import Refusal
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import EVERY, Address, Desired, Mode, Observed, Origin, Reach
from toolkit.values import AtLeast, Settings, Value, satisfied, unique


@dataclass(frozen=True, slots=True)
class LedgerObjects:
    """The objects that this ledger has ever written or adopted."""

    addresses: Collection[Address] = ()  # without deleted objects, which another ledger can create again
    ids: Collection[tuple[str, str]] = ()  # pairs of kind and id, including deleted objects

    def contains(self, observed: Observed) -> bool:
        """Return whether this ledger has written or adopted an object.

        The object is found by its id or its name in the service.
        """
        named = replace(observed.address, name=observed.remote.name)
        return named in self.addresses or (observed.address.kind_path, observed.remote.id) in self.ids


def belongs_to_other_ledger(kind: Kind[Connection], observed: Observed, ledger_objects: LedgerObjects) -> bool:
    """Return whether an object has toolkit's marker but is not in this ledger.

    Such an object must be adopted before it is changed, because two computers with separate ledgers would undo each
    other's changes.
    """
    return bool(kind.is_ours and kind.is_ours(observed.remote)) and not ledger_objects.contains(observed)


def is_managed_by_other_ledger(
    kind: Kind[Connection], desired: Desired, observed: Observed, ledger_objects: LedgerObjects
) -> bool:
    """Return whether a desired object exists and is managed by another ledger.

    An object that the playbook adopts by name does not count.
    """
    if desired.address in ledger_objects.addresses or desired.handling.adopt or desired.renamed_from:
        return False
    return belongs_to_other_ledger(kind, observed, ledger_objects)


def refuse_object_of_other_ledger(address: Address, origin: Origin, reason: str = "") -> Refusal:
    """Return a refusal to change an object that another ledger manages, with the command that adopts the object."""
    managed = "another ledger manages it, because it has toolkit's marker and is not in this ledger"
    adopt = f"To manage the object from this ledger, run toolkit state adopt '{address}'"
    return Refusal(address, f"{f'{reason}, but ' if reason else ''}{managed}. {adopt}", origin)


@dataclass(frozen=True, slots=True)
class LastApplied:
    """The ledger's record of the last apply of an object: its id, its settings as sent and as returned, and its
    reach.
    """

    remote_id: str | None = None
    sent: Settings = field(default_factory=dict)
    returned: Settings = field(default_factory=dict)
    reach: Reach | None = None
    added: Mapping[str, frozenset[str]] = field(default_factory=dict)  # our entries in its lists
    at: datetime | None = None  # when we last wrote it
    run: str = ""  # the run that last wrote it


@dataclass(frozen=True, slots=True)
class Pair:
    """A desired object with its observed object, which is None if the tenant has no such object."""

    desired: Desired
    observed: Observed | None


def match_objects(
    desired_objects: Sequence[Desired],
    observed_objects: Sequence[Observed],
    last_applied: Mapping[Address, LastApplied],
    may_be_managed: Callable[[Observed], bool] = lambda _: True,
) -> tuple[list[Pair], list[Refusal]]:
    """Find the observed object of each desired object of a kind.

    Return the pairs, and a refusal for each desired object that cannot be matched. `last_applied` contains the ids of
    the objects at their last apply. `may_be_managed` returns whether toolkit may manage an
    object that has a desired name.
    """
    named, refusals = _expand_entries_for_every_object(desired_objects, observed_objects)
    objects = _ObservedObjects(observed_objects, may_be_managed)
    names = {desired.address.name.casefold() for desired in named}
    matched = []
    for desired in named:
        observed = _find_observed_object(desired, objects, last_applied.get(desired.address))
        if isinstance(observed, Refusal):
            refusals.append(observed)
            continue
        observed_name = observed.remote.name.casefold() if observed else ""
        is_of_another = observed_name != desired.address.name.casefold() and observed_name in names
        matched.append(Pair(desired, None if is_of_another else observed))
    return matched, refusals


class _ObservedObjects:
    """The tenant's objects by id and by name. Several objects may have the same name."""

    def __init__(self, observed_objects: Sequence[Observed], may_be_ours: Callable[[Observed], bool]) -> None:
        self._may_be_ours = may_be_ours
        self.by_id = {observed.remote.id: observed for observed in observed_objects}
        self.by_name: dict[str, list[Observed]] = {}
        for observed in observed_objects:
            self.by_name.setdefault(observed.remote.name.casefold(), []).append(observed)

    def find_by_name(self, name: str) -> list[Observed]:
        return self.by_name.get(name.casefold(), [])

    def find_manageable(self, name: str, last_observed: Observed | None) -> list[Observed]:
        """Return the objects with a desired object's name, except objects that toolkit cannot manage."""
        return [
            observed for observed in self.find_by_name(name) if observed is last_observed or self._may_be_ours(observed)
        ]


def _find_observed_object(
    desired: Desired, objects: _ObservedObjects, last_applied: LastApplied | None
) -> Observed | Refusal | None:
    """Return the tenant's object for a desired object, found by its name, its id at the last apply, or its
    former or adopted name.
    """
    remembered = objects.by_id.get(last_applied.remote_id or "") if last_applied else None
    own = objects.find_manageable(desired.address.name, remembered)
    if len(own) > 1 and remembered not in own:
        reason = (
            f"the tenant has {len(own)} objects with this name, and toolkit cannot distinguish them. "
            "Give the objects different names"
        )
        return Refusal(desired.address, reason, desired.origin)
    if own:
        return remembered if remembered in own else own[0]
    if remembered:
        return remembered
    for other in (desired.renamed_from, desired.handling.adopt):
        if other and (candidates := objects.find_by_name(other)):
            return candidates[0]
    was_ours = last_applied is not None and last_applied.remote_id is not None  # adopted earlier, and deleted since
    if (adopted := desired.handling.adopt) and not was_ours:
        missing = f"adopt: the tenant has no {desired.address.kind_path} named {adopted!r}"
        return Refusal(desired.address, missing, desired.origin)
    return None


def _expand_entries_for_every_object(
    desired_objects: Sequence[Desired], observed_objects: Sequence[Observed]
) -> tuple[list[Desired], list[Refusal]]:
    """Replace a playbook entry for every object of a kind by a separate entry for each observed object."""
    named = {
        _key_by_name_and_mode(desired, desired.address.name): desired
        for desired in desired_objects
        if desired.address.name != EVERY
    }
    refusals: list[Refusal] = []
    for every in (desired for desired in desired_objects if desired.address.name == EVERY):
        for observed in observed_objects:
            name = observed.remote.name
            address = replace(every.address, name=name)
            key = _key_by_name_and_mode(every, name)
            own = named.get(key)
            if own is None:
                named[key] = replace(every, address=address)
            elif clash := _describe_clash(own, every):
                refusals.append(Refusal(own.address, clash, own.origin))
                del named[key]
            else:
                both = {
                    path: _common_value(own.settings.get(path, value), value) for path, value in every.settings.items()
                }
                named[key] = replace(own, settings={**own.settings, **both}, origins={**every.origins, **own.origins})
    return list(named.values()), refusals


def _key_by_name_and_mode(desired: Desired, name: str) -> tuple[str, Mode]:
    return name.casefold(), desired.mode


_CLASH = AtLeast(())


def _common_value(own_value: Value, value_for_all: Value) -> Value:
    """Return the value that satisfies an object's own entry as well as the entry for every object."""
    match own_value, value_for_all:
        case AtLeast(items, lacking), AtLeast(others, without) if not {*items, *others} & {*lacking, *without}:
            return AtLeast(unique((*items, *others)), unique((*lacking, *without)))
        case _ if satisfied(value_for_all, own_value):
            return own_value
        case _ if satisfied(own_value, value_for_all):
            return value_for_all
        case _:
            return _CLASH


def _describe_clash(own_entry: Desired, entry_for_all: Desired) -> str | None:
    for path, value in entry_for_all.settings.items():
        if path in own_entry.settings and _common_value(own_entry.settings[path], value) is _CLASH:
            own_origin = own_entry.origins.get(path, own_entry.origin)
            origin_for_all = entry_for_all.origins.get(path, entry_for_all.origin)
            return (
                f"{path} is {own_entry.settings[path]!r} at {own_origin} and {value!r} at {origin_for_all}, "
                f"which applies to every {own_entry.address.kind_path}"
            )
    return None
