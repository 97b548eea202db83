"""What is played under faults: for each kind its creation, its change and its move, as the troubled cases ask for them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.cases import CASES, Case, playbook, resource
from tests.door import Answered, Door
from toolkit.record.ledger import Ledger
from toolkit.record.redact import Redactor
from toolkit.record.verify import verify
from toolkit.tenant.endpoint import Ordered
from toolkit.tenant.providers import kinds

Objects = Mapping[str, Mapping[str, Any]]

_OF_THE_MOMENT = frozenset({"Guid", "ImmutableId", "WhenChanged", "LastModifiedBy", "CreatedBy"})
_RULES = "exchange.transportRules"
_PEOPLE = """\
playbook: people
title: People
owner: Head Teacher
controls:
  - mail.personal_label:
      for: staff
      labels: [personal]
"""


@dataclass(frozen=True)
class Moment:
    """One request of a scene: the nth one of its operation."""

    operation: str
    nth: int
    write: bool
    after: bool  # a read that looks what became of a write

    @property
    def sort(self) -> tuple[str, bool]:
        """Say what sort of request it is; each sort meets each fault once."""
        return self.operation, self.after


@dataclass(frozen=True)
class Scene:
    """A playbook for a tenant in a certain state, and what an apply without trouble does there."""

    name: str
    text: str
    stored: str  # the collection that it is about
    before: Objects
    after: Sequence[Mapping[str, Any]]
    moments: Sequence[Moment]


@dataclass(frozen=True)
class Played:
    """How an apply under a fault went, and the one after it."""

    exit: int
    said: str
    wrote: bool
    next_exit: int
    as_without_trouble: bool
    ledger: Sequence[str]


class Stage:
    """A school on which scenes are played, each from the same beginning."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._shared = {moment.operation for moment in self._apply(playbook(), {}, _RULES)[1]}

    def scenes(self, kind: str, cases: Sequence[Case]) -> Iterator[Scene]:
        """Make the scenes of a kind's cases; what every run asks first is left out."""
        provider, _, name = kind.partition(".")
        known = kinds(provider)[name]
        for case in cases:
            text = playbook(resource(kind, case.name, case.settings))
            seeded = self.door.tenant.objects(case.stored)
            made = self.scene("create", text, case.stored, seeded)
            if not known.fixed:
                yield made
            key = case.key(self.door.tenant)
            wire = {name: value for edit in case.all_edits for name, value in edit.wire.items()}
            applied = self.door.tenant.objects(case.stored)
            yield self.scene("update", text, case.stored, {**applied, key: {**applied[key], **wire}})
            self._put(case.stored, seeded)
        if isinstance(known.endpoint, Ordered):
            yield from self._moves(kind, cases)

    def _moves(self, kind: str, cases: Sequence[Case]) -> Iterator[Scene]:
        """Swap neighbours, so that one of each two has to move."""
        seeded = self.door.tenant.objects(cases[0].stored)
        for one, other in pairwise(cases):
            text = playbook(*(resource(kind, case.name, case.settings) for case in (one, other)))
            self._apply(text, seeded, one.stored)
            keys = [case.key(self.door.tenant) for case in (one, other)]
            objects = self.door.tenant.objects(one.stored)
            swapped = dict(zip(keys, reversed(keys), strict=True))
            yield self.scene("move", text, one.stored, {k: objects[k] for k in (swapped.get(k, k) for k in objects)})
        self._put(cases[0].stored, seeded)

    def of_people(self) -> Scene:
        """Make a scene that needs the directory."""
        return self.scene("people", _PEOPLE, _RULES, self.door.tenant.objects(_RULES), shared=True)

    def scene(self, name: str, text: str, stored: str, before: Objects, *, shared: bool = False) -> Scene:
        """Play it once without trouble."""
        answer, moments = self._apply(text, before, stored)
        assert answer.exit == 0, answer.out + answer.err
        own = [moment for moment in moments if shared or moment.operation not in self._shared]
        return Scene(name, text, stored, before, self._shown(stored), own)

    def play(self, scene: Scene, moment: Moment, fault: Mapping[str, Any], **variables: str) -> Played:
        """Play a scene with a fault at one moment of it, and apply once more without."""
        tenant = self.door.tenant
        self._set(scene.text, scene.before, scene.stored)
        tenant.fault(operation=moment.operation, nth=moment.nth, **fault)
        first, moments = self._run(**variables)
        tenant.disarm()
        then, _ = self._run()
        return Played(
            exit=first.exit,
            said=first.out + first.err,
            wrote=any(one.write for one in moments),
            next_exit=then.exit,
            as_without_trouble=self._shown(scene.stored) == scene.after,
            ledger=[str(fault) for fault in self._verified()],
        )

    def _apply(self, text: str, before: Objects, stored: str) -> tuple[Answered, list[Moment]]:
        self._set(text, before, stored)
        return self._run()

    def _set(self, text: str, before: Objects, stored: str) -> None:
        self._put(stored, before or self.door.tenant.objects(stored))
        self.door.forget()
        self.door.write("10-scene.yaml", text)

    def _put(self, stored: str, objects: Objects) -> None:
        self.door.tenant.control("PUT", f"/objects/{stored}", objects)

    def _run(self, **variables: str) -> tuple[Answered, list[Moment]]:
        before = max((request["n"] for request in self.door.tenant.requests()), default=0)
        answer = self.door.toolkit("apply", "--yes", **variables)
        return answer, list(_moments(self.door.tenant.requests(before)))

    def _shown(self, stored: str) -> list[Mapping[str, Any]]:
        """Give the stored objects in their order, without what differs from time to time."""
        objects = self.door.tenant.objects(stored).values()
        return [{name: value for name, value in one.items() if name not in _OF_THE_MOMENT} for one in objects]

    def _verified(self) -> Sequence[object]:
        with Ledger(self.door.state / "emulator", redactor=Redactor()) as ledger:
            return verify(ledger).faults


def troubled(kind: str) -> list[Case]:
    """List the cases of a kind whose requests meet every fault."""
    return [case for case in CASES if case.kind == kind and case.troubled]


def _moments(requests: Sequence[Mapping[str, Any]]) -> Iterator[Moment]:
    seen: dict[str, int] = {}
    written = False
    for operation in (operation for request in requests for operation in request["operations"]):
        name, write = operation["name"], operation["write"]
        seen[name] = seen.get(name, 0) + 1
        written = written or write
        yield Moment(name, seen[name], write, written and not write)


def one_of_each_sort(scenes: Sequence[Scene]) -> Iterator[tuple[Scene, Moment]]:
    """Pick a moment of each sort of request: reads by what they are for, writes by the scene too."""
    picked = set()
    for scene in scenes:
        for moment in scene.moments:
            key = (scene.name if moment.write else "", *moment.sort)
            if key not in picked:
                picked.add(key)
                yield scene, moment
