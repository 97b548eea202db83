"""Finding the controls that ask for exactly what a tenant has, with each object read once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from toolkit.controls.blocking import Blocking
from toolkit.controls.control import Control, controls
from toolkit.engine.desired_state import trades
from toolkit.engine.imports.importing import Picture
from toolkit.engine.imports.score import IMPOSSIBLE, ControlScore, beside, distance, is_lent, is_set, kind_of, whole
from toolkit.engine.observe import observe, read_directories, silent
from toolkit.errors import PlaybookError
from toolkit.planning.compare import Manner, compare
from toolkit.planning.draft import AnyKind
from toolkit.planning.expand import expand
from toolkit.planning.imports.fit_settings import ControlDraft, plainest, tailored
from toolkit.planning.plan import ObservedState, Unknown
from toolkit.playbook.controls import entry_of
from toolkit.playbook.entries import ControlEntry, Playbook, Playbooks
from toolkit.sdk.address import EVERY, Address
from toolkit.sdk.audience import EVERYONE
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import Directory
from toolkit.sdk.providers import kinds, realisations
from toolkit.sdk.reason import NOT_LICENSED
from toolkit.sdk.resource import Desired, Mode, Observed
from toolkit.sdk.school import School
from toolkit.values import Json


@dataclass(frozen=True, slots=True)
class Fitted:
    """A control that fits, and what it makes needless: objects, settings of all objects of a kind, people's kinds."""

    control: str
    written: Mapping[str, Json]
    asked: frozenset[str] = frozenset()  # the addresses of all that it asks for, on every cloud, in lower case
    objects: frozenset[Address] = frozenset()
    of_all: Mapping[str, frozenset[str]] = field(default_factory=dict)
    people: Mapping[str, int] = field(default_factory=dict)  # of how many people, by kind
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fitting:
    """What is looked at, and what is there already."""

    provider: str
    school: School
    there: Playbooks | None
    asked_for: frozenset[str]  # the addresses that the playbooks there ask for, in lower case
    connections: Mapping[str, Connection]
    picture: Picture
    now: datetime


def fitting(looking: Fitting) -> Iterator[Fitted]:
    """Give the controls that fit, by name; two never ask for the same object, but for what holds for every object.

    What several ask of every object is there already, so that they agree on it.
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
        """Give the way to write a control in which it asks for exactly what is there."""
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
        """List what there is of what a control asks for; people's own objects say the same many times."""
        found = {one.address: one for desired in tried.wanted for one in tried.there(desired)}
        return list({tuple(sorted(one.settings.items(), key=str)): one for one in found.values()}.values())

    def _audiences(self) -> Sequence[str]:
        """Name everyone, and then the roles that have members on every cloud."""
        clouds = self._looking.connections
        roles = (role for role in self._looking.school.roles.values() if all(role.on(cloud) for cloud in clouds))
        return (EVERYONE, *(role.name for role in roles))

    def _tried(self, control: Control, choice: ControlDraft) -> ControlScore:
        entry = entry_of(control, choice.written, choice.texts, self._looking.school)
        if entry is None:
            return IMPOSSIBLE
        clouds = trades(list(self._looking.connections))
        playbooks = _alone(entry, self._looking.school)
        try:
            expansion = expand(playbooks, clouds, controls(), self._directories, now=self._looking.now)
        except PlaybookError:
            return IMPOSSIBLE
        wanted = [one for one in expansion.wanted if isinstance(one, Desired)]
        if expansion.unknown or not wanted or any(is_lent(one) for one in wanted):
            return IMPOSSIBLE
        seen, known = self._look.at(one.address for one in wanted)
        plan = compare(wanted, seen, known, {}, manner=Manner())
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


def _alone(entry: ControlEntry, school: School) -> Playbooks:
    """Give playbooks that hold one control and nothing else."""
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
    """What was seen so far of the tenants that are open."""

    def __init__(self, connections: Mapping[str, Connection], seen: ObservedState) -> None:
        self._connections = connections
        self._objects = {name: list(objects) for name, objects in seen.objects.items()}
        self._order = {name: list(order) for name, order in seen.order.items()}
        self._unknown = list(seen.unknown)
        self._asked = {name: {one.address.name for one in objects} for name, objects in seen.objects.items()}
        for one in seen.unknown:
            self._asked.setdefault(one.kind, set()).add(one.address.name if one.address else EVERY)

    def at(self, addresses: Iterable[Address]) -> tuple[ObservedState, Mapping[str, AnyKind]]:
        """Give what is at some addresses, with their kinds."""
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
