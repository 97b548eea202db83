"""Effective settings: what people get from layered objects, joined before planning and compared after it."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial

from toolkit.engine.ledger_state import LedgerState
from toolkit.errors import NotLicensed, ServiceError
from toolkit.planning.change import Create, Delete, Update, around, as_called
from toolkit.planning.effective.findings import PeopleComparison, losses
from toolkit.planning.effective.join import LayerJoin, Origins
from toolkit.planning.effective.worlds import World
from toolkit.planning.plan import Plan, note_rows, uncertain_rows
from toolkit.planning.plan_details import LookAlike, ObservedState, Obstacle, Refusal, Remark, Unknown
from toolkit.planning.plan_states import MATCHING, OVERRIDDEN
from toolkit.planning.projected_state import project
from toolkit.planning.select import without
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Doubt, Kind
from toolkit.sdk.precedence import MachineSetting, Precedence, Scene
from toolkit.sdk.providers import cloud_titles, machine_settings, precedences
from toolkit.sdk.reason import reason_of
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Observed


@dataclass(frozen=True, slots=True)
class _Joined:
    """One mechanism: who is where, today, and our objects as the playbooks ask for them."""

    scene: Scene
    today: World
    wanted: Mapping[Address, Desired]


@dataclass(slots=True)
class EffectiveSettings:
    """The objects that the playbooks ask for, seen through the mechanisms of all providers."""

    connections: Mapping[str, Connection]
    kinds: Mapping[str, Kind[Connection]]
    seen: ObservedState
    recalled: LedgerState
    asked: Sequence[Desired] = ()
    joined: list[_Joined] = field(default_factory=list)
    doubts: list[Obstacle] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def join(self, wanted: Sequence[Desired | Absent]) -> list[Desired | Absent]:
        """Return the desired objects, each with the entries of weaker layers that people would otherwise lose."""
        self.asked = [one for one in wanted if isinstance(one, Desired)]
        changed: dict[Address, Desired] = {}
        for precedence, scene, own in self._scenes(self.asked):
            changed |= self._join(World.today(precedence, scene), scene, own)
        return [changed.get(one.address, one) if isinstance(one, Desired) else one for one in wanted]

    def _scenes(
        self, wanted: Sequence[Desired]
    ) -> Iterator[tuple[Precedence[Connection], Scene, Mapping[Address, Desired]]]:
        """Read each mechanism that some objects are of, as far as it can be read."""
        for provider, connection in self.connections.items():
            for precedence in precedences(provider):
                names = [f"{provider}.{kind}" for kind in precedence.kinds]
                own = {one.address: one for one in wanted if self._judges(one, names)}
                if own and (scene := self._scene(connection, precedence, own)):
                    yield precedence, scene, own

    def _scene(
        self, connection: Connection, precedence: Precedence[Connection], own: Mapping[Address, Desired]
    ) -> Scene | None:
        """Read a mechanism; None where that failed, which makes all of its objects unknown."""
        scene = attempt(precedence.kinds[0], lambda: precedence.read(connection, list(own.values())))
        if isinstance(scene, ServiceError):
            self.doubts += [Unknown(one.of_kind, reason_of(scene), one) for one in own]
            return None
        return scene

    def _judges(self, desired: Desired, names: Sequence[str]) -> bool:
        of_kind, enforced = desired.address.of_kind, desired.mode is Mode.ENFORCE
        return of_kind in names and of_kind in self.seen.objects and enforced and not desired.unknown

    def _join(self, today: World, scene: Scene, own: Mapping[Address, Desired]) -> Mapping[Address, Desired]:
        spec = self.kinds[next(iter(own)).of_kind].spec
        join = LayerJoin(today.copy(), scene.places, own, self._observed(own), self._origins(own), spec)
        join.run()
        self.doubts += join.refused
        self.remarks += join.remarks
        self.joined.append(_Joined(scene, today, own))
        return join.joined

    def _observed(self, own: Mapping[Address, Desired]) -> Mapping[Address, Observed]:
        kinds = dict.fromkeys(one.of_kind for one in own)
        found = {one.address: one for kind in kinds for one in self.seen.objects[kind]}
        return {address: found[address] for address in own if address in found}

    def _origins(self, own: Mapping[Address, Desired]) -> Origins:
        known = self.recalled.known.keys() & own.keys()
        deeds = self.recalled.deeds(sorted(known)) if known else ()
        followed = {deed.address for deed in deeds if deed.before.get("inherited")}
        return Origins(followed, known)

    def judge(self, plan: Plan, standing: Collection[Address]) -> tuple[Plan, Sequence[Obstacle]]:
        """Return a plan with remarks on overridden objects, and the changes to refuse.

        `standing` are objects in place, inside or outside the plan. Remarks are complete only if nothing is refused.
        """
        plan, obstacles = self.judge_conflicts(plan, standing)
        remarks = list(self.remarks)
        for joined in () if obstacles else self.joined:
            after, changes = joined.today.copy(), {c.address: c for c in plan.changes if isinstance(c, Update)}
            for address, place in joined.scene.places.items():
                if change := changes.get(address):
                    after.put(place, change.desired, change.observed)
            written = frozenset(changes) | {*plan.select(MATCHING)}
            comparison = PeopleComparison(after, joined.scene.places, joined.wanted, written)
            comparison.run()
            obstacles = [*obstacles, *comparison.refusals()]
            remarks += comparison.remarks()
        return plan.add(OVERRIDDEN, remarks), obstacles

    def across_clouds(self, plan: Plan) -> Plan:
        """Add a remark on each object that a policy of another cloud may override on a computer."""
        there = {change.address for change in plan.changes} | {*plan.select(MATCHING)}
        maybes: list[Remark] = []
        for joined in self.joined:
            own = [one for address, one in joined.wanted.items() if address in there]
            machine = self._machine_settings(own[0].address.provider, there) if own else ()
            for one in own:
                unread = isinstance(machine, str)
                found = (
                    [machine] if isinstance(machine, str) else joined.today.precedence.outranking_policies(one, machine)
                )
                maybes += [Remark(one.address, "", why, whole=False, sure=False, unread=unread) for why in found]
        return plan.add_rows(*uncertain_rows(maybes))

    def _machine_settings(self, provider: str, there: Collection[Address]) -> Sequence[MachineSetting] | str:
        """Return the computer settings of the other licensed clouds, or the reason why they are unknown."""
        found: list[MachineSetting] = []
        for other in self.connections.keys() - {provider}:
            asked = [one for one in self.asked if one.address.provider == other and one.address in there]
            for source in machine_settings(other):
                settings = attempt(other, partial(source.read, self.connections[other], asked))
                if isinstance(settings, NotLicensed):
                    continue
                if isinstance(settings, ServiceError):
                    return f"what {cloud_titles()[other]} sets on Windows computers is not known: {settings}"
                found += settings
        return found

    def judged_alone(self, plan: Plan) -> Plan:
        """Refuse changes without a playbook, such as a rollback's, that cancel an object or take a setting from people.

        Nothing is joined, because such a change restores an object exactly or not at all.
        """
        updates = {change.address: change for change in plan.changes if isinstance(change, Update)}
        self.asked = [as_called(change) for change in plan.changes if isinstance(change, Create | Update)]
        plan = without(*self.judge_conflicts(plan, whole=True))
        for precedence, scene, own in self._scenes([update.desired for update in updates.values()]):
            today = World.today(precedence, scene)
            after = today.copy()
            places = {address: place for address, place in scene.places.items() if address in own}
            for address, place in places.items():
                after.put(place, updates[address].desired, updates[address].observed)
            plan = without(plan, [*losses(today, after, places, own)])
        return without(plan, self.doubts)

    def judge_conflicts(
        self, plan: Plan, standing: Collection[Address] = (), *, whole: bool = False
    ) -> tuple[Plan, Sequence[Obstacle]]:
        """Return a plan with remarks, and the changes that would cancel objects in place or whose effect is unknown.

        With `whole`, the settings that a change leaves unchanged are judged too.
        """
        changes = [change for change in plan.changes if isinstance(change, Create | Update)]
        written = {change.address: _whole(change) if whole else as_called(change) for change in changes}
        matching = frozenset({*standing, *plan.select(MATCHING)})
        there = project(plan, standing).in_place
        going = frozenset(change.observed.remote.id for change in plan.changes if isinstance(change, Delete))
        found: list[Obstacle] = []
        remarks, maybes, notes = list[Remark](), list[Remark](), list[Remark]()
        judged = [
            written.get(one.address, one)
            for one in self.asked
            if (one.address in there and self._judges(one, [one.address.of_kind]))
            or (one.address in matching and one.mode is Mode.CHECK)
        ]
        by_kind: defaultdict[str, list[Desired]] = defaultdict(list)
        for one in judged:
            by_kind[one.address.of_kind].append(one)
        for name, kind in self.kinds.items():
            named = {one.address.name: one for one in by_kind[name]}
            provider = name.partition(".")[0]
            others = {f"{provider}.{other}" for other in kind.judged_with}
            beside = [one for one in judged if one.address.of_kind in others] if named and others else []
            for doubt in self._conflicts(kind, self.connections[provider], [*named.values()], beside, going):
                if isinstance(doubt, Unknown):
                    found.append(doubt)
                    continue
                of = named[doubt.name]
                remark, writes = _remark(of.address, doubt), of.address in written
                if doubt.is_remark or (doubt.unless_there and not writes):
                    notes.append(remark)
                elif doubt.rival and not whole and writes and not of.handling.beside:
                    found.append(LookAlike(of, doubt.rival, why=doubt.reason))
                elif doubt.maybe:
                    maybes.append(remark)
                elif of.mode is Mode.CHECK or ((doubt.by or doubt.beside) and not writes):
                    remarks.append(remark)
                else:
                    found.append(Refusal(of.address, doubt.reason, of.origins.get(doubt.setting, of.origin)))
        return plan.add_rows(*uncertain_rows(maybes), *note_rows(notes)).add(OVERRIDDEN, remarks), found

    def _conflicts(
        self,
        kind: Kind[Connection],
        connection: Connection,
        asked: Sequence[Desired],
        beside: Sequence[Desired],
        going: Collection[str],
    ) -> Sequence[Doubt | Unknown]:
        """Return the doubts about objects of a kind. `beside` are objects of other kinds that affect them."""
        judged = [*asked, *beside]
        conflicts = attempt(kind.name, lambda: list(kind.conflicts(connection, judged, going))) if asked else []
        if isinstance(conflicts, ServiceError):
            return [Unknown(one.address.of_kind, reason_of(conflicts), one.address) for one in asked]
        return conflicts


def _remark(address: Address, doubt: Doubt) -> Remark:
    return Remark(
        address, doubt.by, doubt.reason, whole=doubt.whole, sure=False, count=doubt.count, unread=doubt.unread
    )


def _whole(change: Create | Update) -> Desired:
    """Return an object with all settings that it has after a change."""
    return replace(as_called(change), settings=around(change)[1] or {})
