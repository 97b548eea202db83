"""Find the controls that ask for exactly the tenant's state. Each object is read once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path

from toolkit.controls.blocking import Blocking
from toolkit.controls.control import Control, controls
from toolkit.engine.desired_state import trades
from toolkit.engine.imports.importing import Picture
from toolkit.engine.read_tenants import observe, read_directories, silent
from toolkit.errors import PlaybookError
from toolkit.planning.change import Update
from toolkit.planning.compare import Manner, compare
from toolkit.planning.draft import AnyKind
from toolkit.planning.expand import expand
from toolkit.planning.imports.fit_settings import ControlDraft, plainest, tailored
from toolkit.planning.ownership import Ownership
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, Unknown
from toolkit.planning.plan_states import ACCEPTED_LOOK_ALIKE, LOOK_ALIKE
from toolkit.playbook.controls import entry_of
from toolkit.playbook.entries import ControlEntry, Playbook, Playbooks
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import EVERYONE, Directory
from toolkit.sdk.providers import kinds, realisations
from toolkit.sdk.reason import NOT_LICENSED
from toolkit.sdk.resource import EVERY, Address, Desired, Mode, Observed
from toolkit.values import AtLeast, Json, entries

_NOT_THERE = 1000
"""What an object that is not there counts, beside settings that differ."""


@dataclass(frozen=True, slots=True)
class ControlScore:
    """The result of one set of settings of a control."""

    cost: int  # 0: it fits
    wanted: Sequence[Desired] = ()
    seen: Mapping[str, Sequence[Observed]] = field(default_factory=dict)  # by kind

    def there(self, desired: Desired) -> list[Observed]:
        """Return the tenant's objects for a desired object, or all objects of the kind for "every"."""
        name = desired.address.name.casefold()
        objects = self.seen.get(desired.address.of_kind, ())
        return [one for one in objects if name in (EVERY, one.address.name.casefold())]


IMPOSSIBLE = ControlScore(10**9)


def distance(plan: Plan) -> int:
    """Count the settings that differ, and much more for objects that are not there or not to be judged."""
    aside = (
        len(plan.unknown)
        + len(plan.refused)
        + len(plan.select(LOOK_ALIKE))
        + len(plan.select(ACCEPTED_LOOK_ALIKE))
        + len(plan.changes)
    )
    differing = sum(len(one.fields) if isinstance(one, Update) else _NOT_THERE for one in plan.watched)
    return differing + _NOT_THERE * aside


def beside(desired: Desired, tried: ControlScore) -> int:
    """Count list entries and settings of built-in objects that a control does not ask for.

    An object that a control creates also has defaults of its service, which no one chose and which do not count.
    """
    kind, there = kind_of(desired), tried.there(desired)
    if desired.address.name == EVERY:
        return 0
    others = sum(_count_foreign_entries(desired, path, one) for one in there for path in desired.settings)
    if not kind.fixed or kind.per_person:
        return others
    said = {path for one in there for path, value in one.settings.items() if value not in (None, False)}
    return others + len(said - desired.settings.keys())


def _count_foreign_entries(desired: Desired, path: str, there: Observed) -> int:
    value = desired.settings[path]
    return len(set(entries(there.settings.get(path))) - set(value.items)) if isinstance(value, AtLeast) else 0


def whole(desired: Desired, tried: ControlScore) -> frozenset[str]:
    """List the settings of every object that are as asked, without entries of others."""
    there = tried.there(desired)
    return frozenset(
        path for path in desired.settings if not any(_count_foreign_entries(desired, path, one) for one in there)
    )


def is_set(tried: ControlScore) -> bool:
    """Return whether the tenant has some setting of a control. Settings that are only checked do not count."""
    return any(tried.there(one) and not kind_of(one).read_only for one in tried.wanted)


def kind_of(desired: Desired) -> AnyKind:
    return kinds(desired.address.provider)[desired.address.kind]


def is_lent(desired: Desired) -> bool:
    return kind_of(desired).temporary is not None


@dataclass(frozen=True, slots=True)
class Fitted:
    """A matching control, with the objects, settings and kinds that need no entry of their own."""

    control: str
    written: Mapping[str, Json]
    asked: frozenset[str] = frozenset()  # the addresses of all that it asks for, on every cloud, in lower case
    objects: frozenset[Address] = frozenset()
    of_all: Mapping[str, frozenset[str]] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)  # of how many people, by kind
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fitting:
    """The tenant to match, and the controls that exist already."""

    provider: str
    school: School
    there: Playbooks | None
    asked_for: frozenset[str]  # the addresses that the playbooks there ask for, in lower case
    connections: Mapping[str, Connection]
    picture: Picture
    now: datetime


def fitting(looking: Fitting) -> Iterator[Fitted]:
    """Yield the matching controls by name. Two controls never share an object, except settings of every object.

    Controls that ask for the same settings of every object agree, since the tenant has these settings.
    """
    playbooks = looking.there.playbooks if looking.there else ()
    asked = {entry.name for playbook in playbooks for entry in playbook.controls}
    names = [name for name in sorted(controls()) if name in realisations(looking.provider) and name not in asked]
    # Which apps a list of hosts was meant to close, and with how many controls, nobody can tell from the list.
    names = [name for name in names if not issubclass(controls()[name].settings, Blocking)]
    trial = _Trial(looking)
    taken = set(looking.asked_for)
    for name in names:
        fitted = trial.fitted(controls()[name])
        if fitted and not taken & fitted.asked:
            taken |= {address for address in fitted.asked if not address.endswith(f"[{EVERY}]")}
            yield fitted


class _Trial:
    """Tries controls on all clouds of a school, since a control is for all of them."""

    def __init__(self, looking: Fitting) -> None:
        self._looking = looking
        self._look = ReadCache(looking.connections, looking.picture.seen)
        self._directories = _directories(looking)

    def fitted(self, control: Control) -> Fitted | None:
        """Return settings with which a control asks for exactly the tenant's state."""
        for audience in self._audiences() if control.reaches_people else (EVERYONE,):
            if control.of_role and audience == EVERYONE:
                continue
            start = plainest(control, audience)
            near = self._near(self._tried(control, start))
            best = tailored(control, start, near, lambda choice: self._tried(control, choice).cost) if near else start
            tried = self._tried(control, best) if near else IMPOSSIBLE
            if not tried.cost and is_set(tried):
                return self._fitted(control, best, tried)
        return None

    @staticmethod
    def _near(tried: ControlScore) -> Sequence[Observed]:
        """Return the tenant's objects that a control asks for, without objects per person."""
        found = {one.address: one for desired in tried.wanted for one in tried.there(desired)}
        return list({tuple(sorted(one.settings.items(), key=str)): one for one in found.values()}.values())

    def _audiences(self) -> Sequence[str]:
        """Return "everyone", and then the roles with members on every cloud."""
        clouds = self._looking.connections
        roles = (role for role in self._looking.school.roles.values() if all(role.on(cloud) for cloud in clouds))
        return (EVERYONE, *(role.name for role in roles))

    def _tried(self, control: Control, choice: ControlDraft) -> ControlScore:
        entry = entry_of(control, choice.written, choice.texts, self._looking.school)
        if entry is None:
            return IMPOSSIBLE
        clouds = trades(list(self._looking.connections))
        playbooks = _playbooks_with(entry, self._looking.school)
        try:
            expansion = expand(playbooks, clouds, controls(), self._directories, now=self._looking.now)
        except PlaybookError:
            return IMPOSSIBLE
        wanted = [one for one in expansion.wanted if isinstance(one, Desired)]
        if expansion.unknown or not wanted or any(is_lent(one) for one in wanted):
            return IMPOSSIBLE
        seen, known = self._look.at(one.address for one in wanted)
        plan = compare(wanted, seen, known, {}, manner=Manner(ownership=Ownership(ignores_marks=True)))
        tried = ControlScore(0, wanted, seen.objects)
        return replace(tried, cost=distance(plan) + sum(beside(one, tried) for one in wanted))

    def _fitted(self, control: Control, choice: ControlDraft, tried: ControlScore) -> Fitted:
        own = [one for one in tried.wanted if one.address.provider == self._looking.provider]
        single = [one for one in own if one.address.name != EVERY and not kind_of(one).per_person]
        of_all = {one.address.of_kind: whole(one, tried) for one in own if one.address.name == EVERY}
        return Fitted(
            control.name,
            choice.written,
            frozenset(str(one.address).casefold() for one in tried.wanted),
            frozenset(there.address for one in single for there in tried.there(one)),
            of_all,
            Counter(one.address.of_kind for one in own if kind_of(one).per_person),
            choice.texts,
        )


def _directories(looking: Fitting) -> Mapping[str, Directory]:
    """Read who is there, and the groups of all roles: a control may be for any of them."""
    roles = looking.school.roles.values()
    groups = {name: [group for role in roles if (group := role.on(name))] for name in looking.connections}
    return read_directories(looking.connections, groups, people=True)


def _playbooks_with(entry: ControlEntry, school: School) -> Playbooks:
    """Return playbooks with only one control."""
    playbook = Playbook(
        slug="import",
        title="",
        owner=None,
        clauses=(),
        mode=Mode.CHECK,
        path=entry.origin.path,
        controls=(entry,),
        resources=(),
    )
    return Playbooks(school=school, playbooks=(playbook,), attestations=(), digest="", root=Path(), others={})


class ReadCache:
    """The reads of the connected tenants so far."""

    def __init__(self, connections: Mapping[str, Connection], seen: ObservedState) -> None:
        self._connections = connections
        self._objects = {name: list(objects) for name, objects in seen.objects.items()}
        self._order = {name: list(order) for name, order in seen.order.items()}
        self._unknown = list(seen.unknown)
        self._asked = {name: {one.address.name for one in objects} for name, objects in seen.objects.items()}
        for one in seen.unknown:
            self._asked.setdefault(one.kind, set()).add(one.address.name if one.address else EVERY)

    def at(self, addresses: Iterable[Address]) -> tuple[ObservedState, Mapping[str, AnyKind]]:
        named: dict[str, set[str]] = {}
        for address in addresses:
            named.setdefault(address.of_kind, set()).add(address.name)
        known = {name: kinds(name.partition(".")[0])[name.partition(".")[2]] for name in named}
        missing = {name: named[name] - self._asked.get(name, set()) for name in named}
        unread = {
            name: kind
            for name, kind in known.items()
            if (name not in self._asked if kind.whole else bool(missing[name]))
        }
        if unread:
            self._read(unread, {name: frozenset(missing[name]) for name in unread})
        return (
            ObservedState(
                {name: self._objects[name] for name in named if name in self._objects},
                {name: self._order[name] for name in named if name in self._order},
                tuple(one for one in self._unknown if one.kind in named and self._concerns(one, named[one.kind])),
            ),
            known,
        )

    @staticmethod
    def _concerns(unknown: Unknown, names: set[str]) -> bool:
        return unknown.address is None or unknown.address.name in names or EVERY in names

    def _read(self, unread: Mapping[str, AnyKind], named: Mapping[str, frozenset[str]]) -> None:
        seen = observe(self._connections, unread, silent, named)
        for name in unread:
            self._asked.setdefault(name, set()).update(named[name])
            known: list[Observed] = self._objects.setdefault(name, [])
            there = {one.remote.id for one in known}
            known += [one for one in seen.objects.get(name, ()) if one.remote.id not in there]
            self._order.setdefault(name, []).extend(one for one in seen.order.get(name, ()) if one not in there)
        self._unknown += seen.unknown
        self._unknown += [Unknown(name, NOT_LICENSED(text=reason)) for name, reason in seen.unavailable.items()]
