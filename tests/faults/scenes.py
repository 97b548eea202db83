"""The runs that are repeated under faults: for each kind a create, an update and a move, from its troubled cases."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.cases import CASES, Case, Edit, Stored, playbook, put, resource, snapshot
from tests.door import CommandResult, Door
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.ledger.verify import verify
from toolkit.sdk.endpoint import Ordered
from toolkit.sdk.providers import kinds

Sent = tuple[str, bool]
"""The name of an operation, and whether it writes."""

_OF_THE_MOMENT = frozenset(
    "Guid ImmutableId WhenChanged LastModifiedBy CreatedBy createTime updateTime deleteTime name id sortOrder "
    "createdDateTime lastModifiedDateTime version sourceId lastUpdateTime lastUpdatedBy creationTimeDateTimeUtc "
    "Policy".split()
)
_ONE_BY_ONE = {"groupsSettings.groups.get"}
_OWNERSHIP = "managed_by"
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


End = tuple[int, int, bool, tuple[str, ...]]
"""Exit codes of a run and of the next, whether the tenant is then as without a fault, and faults of the ledger."""


@dataclass(frozen=True)
class Moment:
    """One request of a scene: the nth request of its operation."""

    scene: str
    case: str  # the case of the scene
    operation: str
    nth: int
    write: bool
    after: bool  # a read that checks the result of a write

    def __str__(self) -> str:
        return f"{self.scene} {self.case}: {self.operation} {self.nth}"

    @property
    def sort(self) -> tuple[str, str, bool]:
        """Return a key that groups similar requests: reads by their purpose, writes also by the scene."""
        return self.scene if self.write else "", self.operation, self.after

    @property
    def reads_another(self) -> bool:
        """Return whether it reads a single object that is not the object of the scene, which is read first."""
        return self.operation in _ONE_BY_ONE and self.nth > 1

    @property
    def creates(self) -> bool:
        # The object exists already, and the request adds a part of it.
        of_an_object = "{id}" in self.operation or self.operation.startswith("Set-")
        # An update that creates an object again looks for it too.
        makes = self.operation.startswith("New-") or self.operation.endswith(".create")
        return self.write and ((self.scene == "create" and not of_an_object) or makes)


@dataclass(frozen=True)
class Scene:
    """A playbook for a tenant in a certain state, and the result and requests of an apply without faults."""

    text: str
    before: Stored
    after: Any
    moments: Sequence[Moment]
    is_ordered: bool = False  # its objects have an order
    ledger: Mapping[str, bytes] = field(default_factory=dict)  # the files of the ledger at the beginning


@dataclass(frozen=True)
class ScenePlay:
    """The result of an apply under a fault, and of the apply after it."""

    exit: int
    output: str
    wrote: bool
    next_exit: int
    as_without_trouble: bool
    ledger: tuple[str, ...]

    @property
    def end(self) -> End:
        return self.exit, self.next_exit, self.as_without_trouble, self.ledger

    @property
    def is_explained(self) -> bool:
        """Return whether a line of the output explains the failure."""
        return any(line.startswith(("! ", "? ", "toolkit: ")) and ": " in line for line in self.output.splitlines())


class Stage:
    """A school in which scenes are run, each from the same beginning."""

    def __init__(self, door: Door, shared: Collection[str] = ()) -> None:
        """Set the operations of every run of this cloud, from `shared` or from a run without changes."""
        self.door = door
        self._beginning: dict[str, Mapping[str, Any]] = {}
        self.shared = set(shared) or {operation for operation, _ in self._apply(playbook(), {})[1]}

    def scenes(self, kind: str, cases: Sequence[Case]) -> Iterator[Scene]:
        """Yield the scenes of a kind's cases, without the operations of every run."""
        provider, _, name = kind.partition(".")
        definition, tenant = kinds(provider)[name], self.door.tenant
        for case in cases:
            text = playbook(resource(kind, case.name, case.settings))
            self._begin(case.collections)
            case.prepare(tenant)
            if definition.read_only:
                yield self.scene("read", case.stem, text, self._now(case))
                continue
            made = self.scene("update" if definition.fixed else "create", case.stem, text, self._now(case))
            edited = case.apply_edits(tenant, self._now(case), *_edits_without_mark(case))
            changed = self.scene("update", case.stem, text, edited, ledger=self._ledger())
            if not definition.fixed or not {moment.operation for moment in made.moments} <= {
                moment.operation for moment in changed.moments
            }:
                yield made
            yield changed
        if isinstance(definition.endpoint, Ordered):
            yield from self._moves(kind, cases)

    def _moves(self, kind: str, cases: Sequence[Case]) -> Iterator[Scene]:
        """Yield scenes that swap two neighbours, so that one of them must move."""
        stored = cases[0].stored
        for first, second in pairwise(cases):
            text = playbook(*(resource(kind, case.name, case.settings) for case in (first, second)))
            self._apply(text, self._begin([stored]))
            keys = [case.key(self.door.tenant) for case in (first, second)]
            objects = self.door.tenant.objects(stored)
            swapped = dict(zip(keys, reversed(keys), strict=True))
            standing = {key: objects[key] for key in (swapped.get(key, key) for key in objects)}
            yield self.scene("move", second.stem, text, {stored: standing}, ordered=True)
        self._begin([stored])

    def directory_scene(self) -> Scene:
        """Return a scene that reads the directory."""
        return self.scene("people", "", _PEOPLE, snapshot(self.door.tenant, [_RULES]), shared=True)

    def sent_for_all_cases(self, kind: str) -> set[str]:
        """Return the operations that create and change the objects of all cases of a kind."""
        tenant, sent = self.door.tenant, set[Sent]()
        cases = [case for case in CASES if case.kind == kind]
        provider, _, name = kind.partition(".")
        ordered = isinstance(kinds(provider)[name].endpoint, Ordered)  # one object may block the next
        for together in [[case] for case in cases] if ordered else _group_by_object(cases):
            text = playbook(*(resource(kind, case.name, case.settings) for case in together))
            collections = list(dict.fromkeys(name for case in together for name in case.collections))
            self._begin(collections)
            for case in together:
                case.prepare(tenant)
            sent |= {*self._apply(text, snapshot(tenant, collections))[1]}
            changed = snapshot(tenant, collections)
            for case in together:
                changed = case.apply_edits(tenant, changed, *_edits_without_mark(case))
            sent |= {*self._apply(text, changed, self._ledger(), "--allow-changes", kind)[1]}
            self._begin(collections)
        return {operation for operation, _ in sent} - self.shared

    def scene(
        self,
        name: str,
        of: str,
        text: str,
        before: Stored,
        *,
        shared: bool = False,
        ordered: bool = False,
        ledger: Mapping[str, bytes] | None = None,
    ) -> Scene:
        """Run a scene once without faults."""
        answer, sent = self._apply(text, before, ledger)
        assert answer.exit == 0, answer.out + answer.err
        own = [moment for moment in _moments(name, of, sent) if shared or moment.operation not in self.shared]
        return Scene(text, before, self._stored_objects(before, ordered=ordered), own, ordered, ledger or {})

    def play(self, scene: Scene, moments: Sequence[Moment], fault: Mapping[str, Any], **variables: str) -> ScenePlay:
        """Run a scene with a fault at some of its moments, and apply once more without faults."""
        tenant = self.door.tenant
        self._set(scene.text, scene.before, scene.ledger)
        for moment in moments:
            tenant.fault(operation=moment.operation, nth=moment.nth, **fault)
        first, sent = self._run(**variables)
        tenant.disarm()
        then, _ = self._run()
        return ScenePlay(
            exit=first.exit,
            output=first.out + first.err,
            wrote=any(write for _, write in sent),
            next_exit=then.exit,
            as_without_trouble=self._stored_objects(scene.before, ordered=scene.is_ordered) == scene.after,
            ledger=tuple(str(fault) for fault in self._verified()),
        )

    def _apply(
        self, text: str, before: Stored, ledger: Mapping[str, bytes] | None = None, *options: str
    ) -> tuple[CommandResult, list[Sent]]:
        self._set(text, before, ledger or {})
        return self._run(*options)

    def _set(self, text: str, before: Stored, ledger: Mapping[str, bytes]) -> None:
        put(self.door.tenant, before)
        self.door.forget()
        for name, content in ledger.items():
            (self.door.state / "emulator" / name).write_bytes(content)
        self.door.write("10-scene.yaml", text)

    def _begin(self, collections: Sequence[str]) -> Stored:
        """Restore collections to their state at their first use."""
        for name in collections:
            if name not in self._beginning:
                self._beginning[name] = self.door.tenant.objects(name)
        beginning = {name: self._beginning[name] for name in collections}
        put(self.door.tenant, beginning)
        return beginning

    def _ledger(self) -> Mapping[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.door.state / "emulator").glob("ledger*")}

    def _now(self, case: Case) -> Stored:
        return snapshot(self.door.tenant, case.collections)

    def _run(self, *options: str, **variables: str) -> tuple[CommandResult, list[Sent]]:
        before = self.door.tenant.last_request()
        answer = self.door.toolkit("apply", "--yes", "--lose", "1000", *options, **variables)
        requests = self.door.tenant.requests(before)
        return answer, [
            (operation["name"], operation["write"]) for request in requests for operation in request["operations"]
        ]

    def _stored_objects(self, before: Stored, *, ordered: bool) -> Any:
        """Return the stored objects without properties that change in every run, in order only if order matters."""
        stored = {
            name: [_without_volatile(body) for body in self.door.tenant.objects(name).values()] for name in before
        }
        return stored if ordered else {name: sorted(of, key=repr) for name, of in stored.items()}

    def _verified(self) -> Sequence[object]:
        with Ledger(self.door.state / "emulator", redactor=Redactor()) as ledger:
            return verify(ledger).faults


def _without_volatile(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_volatile(inner) for name, inner in sorted(value.items()) if name not in _OF_THE_MOMENT}
    return [_without_volatile(inner) for inner in value] if isinstance(value, list) else value


def _edits_without_mark(case: Case) -> list[Edit]:
    """Return the edits of a case after which toolkit recognises the object without a ledger."""
    return [edit for edit in case.all_edits if edit.setting != _OWNERSHIP]


def _group_by_object(cases: Sequence[Case]) -> Iterator[list[Case]]:
    """Group cases so that no two cases of a group have the same object."""
    waiting = list(cases)
    while waiting:
        together = {case.name: case for case in reversed(waiting)}.values()
        yield list(together)
        waiting = [case for case in waiting if case not in together]


def troubled_cases(kind: str) -> list[Case]:
    """Return the cases of a kind whose requests are tested with every fault."""
    return [case for case in CASES if case.kind == kind and case.troubled]


def _moments(scene: str, of: str, sent: Sequence[Sent]) -> Iterator[Moment]:
    seen: Counter[str] = Counter()
    written = False
    for operation, write in sent:
        seen[operation] += 1
        written = written or write
        yield Moment(scene, of, operation, seen[operation], write, after=written and not write)


def every_moment(scenes: Sequence[Scene]) -> Iterator[tuple[Scene, Moment]]:
    """Return all requests of all scenes."""
    return ((scene, moment) for scene in scenes for moment in scene.moments)


def one_of_each_sort(scenes: Sequence[Scene]) -> Iterator[tuple[Scene, Moment]]:
    """Yield the first request of each sort."""
    picked = set()
    for scene, moment in every_moment(scenes):
        if moment.sort not in picked:
            picked.add(moment.sort)
            yield scene, moment


def played_at_once(
    picked: Iterable[tuple[Scene, Moment]], *, passing: bool
) -> Iterator[tuple[Scene, Sequence[Moment]]]:
    """Join the moments of a scene if the run passes the fault, because it then passes them all or names the others.

    Reads that check a write are run separately, because the same requests may come before it.
    """
    together: dict[object, tuple[Scene, list[Moment]]] = {}
    for scene, moment in picked:
        key = (moment.scene, moment.case, moment.after) if passing else moment
        together.setdefault(key, (scene, []))[1].append(moment)
    yield from together.values()
