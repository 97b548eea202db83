"""Work out which settings people get when several policies apply to them in an order of precedence."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import partial

from toolkit.engine.ledger_state import LedgerState
from toolkit.errors import NotLicensed, ServiceError
from toolkit.planning.change import Create, Delete, Update, desired_with_current_name, settings_before_and_after
from toolkit.planning.effective.findings import PeopleComparison, refuse_lost_settings
from toolkit.planning.effective.join import LayerJoin, Origins
from toolkit.planning.effective.worlds import SettingLayers
from toolkit.planning.plan import Plan, rows_for_notes, rows_for_uncertain_objects
from toolkit.planning.plan_details import LookAlike, ObservedState, Obstacle, Refusal, Remark, Unknown
from toolkit.planning.plan_states import MATCHING, OVERRIDDEN
from toolkit.planning.projected_state import predict_state
from toolkit.planning.select import leave_out_blocked
from toolkit.records import dataclass
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Doubt, Kind
from toolkit.sdk.precedence import MachineSetting, Precedence, PrecedenceInputs
from toolkit.sdk.providers import cloud_titles, machine_settings, precedences
from toolkit.sdk.reason import reason_of
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Observed


@dataclass(frozen=True, slots=True)
class _PrecedenceState:
    """An order of precedence between policies, with the inputs, the current policies, and the desired policies."""

    inputs: PrecedenceInputs
    current_layers: SettingLayers
    desired: Mapping[Address, Desired]


@dataclass(slots=True)
class EffectiveSettings:
    """Works out the settings that people get after a plan, for all providers."""

    connections: Mapping[str, Connection]
    kinds: Mapping[str, Kind[Connection]]
    observed: ObservedState
    ledger_state: LedgerState
    desired: Sequence[Desired] = ()
    mechanisms: list[_PrecedenceState] = field(default_factory=list)
    doubts: list[Obstacle] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)

    def add_weaker_settings(self, desired_objects: Sequence[Desired | Absent]) -> list[Desired | Absent]:
        """Return the desired objects with settings of weaker policies added, which people would otherwise lose."""
        self.desired = [desired for desired in desired_objects if isinstance(desired, Desired)]
        changed: dict[Address, Desired] = {}
        for precedence, inputs, own in self._read_precedences(self.desired):
            changed |= self._add_settings_of_weaker_layers(SettingLayers.from_tenant(precedence, inputs), inputs, own)
        return [
            changed.get(desired.address, desired) if isinstance(desired, Desired) else desired
            for desired in desired_objects
        ]

    def _read_precedences(
        self, desired_objects: Sequence[Desired]
    ) -> Iterator[tuple[Precedence[Connection], PrecedenceInputs, Mapping[Address, Desired]]]:
        """Read each order of precedence that affects desired objects.

        Yield each order that could be read, with its inputs and the desired objects that it affects.
        """
        for provider, connection in self.connections.items():
            for precedence in precedences(provider):
                names = [f"{provider}.{kind}" for kind in precedence.kinds]
                own = {desired.address: desired for desired in desired_objects if self._is_judged(desired, names)}
                if own and (inputs := self._read_precedence(connection, precedence, own)):
                    yield precedence, inputs, own

    def _read_precedence(
        self, connection: Connection, precedence: Precedence[Connection], own_objects: Mapping[Address, Desired]
    ) -> PrecedenceInputs | None:
        """Read the inputs of an order of precedence, such as policies and people.

        If they cannot be read, mark the desired objects as unknown and return None.
        """
        inputs = attempt(precedence.kinds[0], lambda: precedence.read(connection, list(own_objects.values())))
        if isinstance(inputs, ServiceError):
            self.doubts += [Unknown(address.kind_path, reason_of(inputs), address) for address in own_objects]
            return None
        return inputs

    def _is_judged(self, desired: Desired, names: Sequence[str]) -> bool:
        of_kind, enforced = desired.address.kind_path, desired.mode is Mode.ENFORCE
        return of_kind in names and of_kind in self.observed.objects and enforced and not desired.unknown

    def _add_settings_of_weaker_layers(
        self, current_world: SettingLayers, inputs: PrecedenceInputs, own_objects: Mapping[Address, Desired]
    ) -> Mapping[Address, Desired]:
        spec = self.kinds[next(iter(own_objects)).kind_path].spec
        join = LayerJoin(
            current_world.copy(),
            inputs.places,
            own_objects,
            self._observed_objects(own_objects),
            self._find_origins(own_objects),
            spec,
        )
        join.add_hidden_settings()
        self.doubts += join.refused
        self.remarks += join.remarks
        self.mechanisms.append(_PrecedenceState(inputs, current_world, own_objects))
        return join.joined_objects

    def _observed_objects(self, own_objects: Mapping[Address, Desired]) -> Mapping[Address, Observed]:
        kinds = dict.fromkeys(address.kind_path for address in own_objects)
        observed = {resource.address: resource for kind in kinds for resource in self.observed.objects[kind]}
        return {address: observed[address] for address in own_objects if address in observed}

    def _find_origins(self, own_objects: Mapping[Address, Desired]) -> Origins:
        known_addresses = self.ledger_state.known_objects.keys() & own_objects.keys()
        deeds = self.ledger_state.deeds(sorted(known_addresses)) if known_addresses else ()
        followed = {deed.address for deed in deeds if deed.before.get("inherited")}
        return Origins(followed, known_addresses)

    def judge_plan(self, plan: Plan, in_place: Collection[Address]) -> tuple[Plan, Sequence[Obstacle]]:
        """Return the plan with remarks on overridden objects, and the reasons to refuse changes.

        `in_place` are the objects that exist, inside or outside the plan. If a change is refused, the remarks may be
        incomplete.
        """
        plan, obstacles = self.judge_conflicts(plan, in_place)
        remarks = list(self.remarks)
        for mechanism in () if obstacles else self.mechanisms:
            after, changes = (
                mechanism.current_layers.copy(),
                {c.address: c for c in plan.changes if isinstance(c, Update)},
            )
            for address, place in mechanism.inputs.places.items():
                if change := changes.get(address):
                    after.set_layer(place, change.desired, change.observed)
            written = frozenset(changes) | {*plan.select(MATCHING)}
            comparison = PeopleComparison(after, mechanism.inputs.places, mechanism.desired, written)
            comparison.compare_settings()
            obstacles = [*obstacles, *comparison.refusals()]
            remarks += comparison.remarks()
        return plan.add(OVERRIDDEN, remarks), obstacles

    def add_cross_cloud_remarks(self, plan: Plan) -> Plan:
        """Return the plan with a remark on each object that sets up Windows computers and may be overridden
        by another cloud's policy.
        """
        in_place = {change.address for change in plan.changes} | {*plan.select(MATCHING)}
        maybes: list[Remark] = []
        for mechanism in self.mechanisms:
            own = [desired for address, desired in mechanism.desired.items() if address in in_place]
            machine = self._machine_settings(own[0].address.provider, in_place) if own else ()
            for desired in own:
                unread = isinstance(machine, str)
                policies = (
                    [machine]
                    if isinstance(machine, str)
                    else mechanism.current_layers.precedence.outranking_policies(desired, machine)
                )
                maybes += [
                    Remark(desired.address, "", why, whole=False, sure=False, is_unread=unread) for why in policies
                ]
        return plan.add_rows(*rows_for_uncertain_objects(maybes))

    def _machine_settings(self, provider: str, in_place: Collection[Address]) -> Sequence[MachineSetting] | str:
        """Return the settings that the school's other clouds apply to computers, or the reason why these
        settings are unknown.
        """
        computer_settings: list[MachineSetting] = []
        for other in self.connections.keys() - {provider}:
            desired_objects = [
                desired for desired in self.desired if desired.address.provider == other and desired.address in in_place
            ]
            for source in machine_settings(other):
                settings = attempt(other, partial(source.read, self.connections[other], desired_objects))
                if isinstance(settings, NotLicensed):
                    continue
                if isinstance(settings, ServiceError):
                    return f"the settings of {cloud_titles()[other]} for Windows computers are unknown: {settings}"
                computer_settings += settings
        return computer_settings

    def refuse_ineffective_rollback(self, plan: Plan) -> Plan:
        """Refuse changes of a rollback that would make an object ineffective or take a setting from people.

        A rollback restores an object exactly or not at all, so settings of weaker policies are not added.
        """
        updates = {change.address: change for change in plan.changes if isinstance(change, Update)}
        self.desired = [
            desired_with_current_name(change) for change in plan.changes if isinstance(change, Create | Update)
        ]
        plan = leave_out_blocked(*self.judge_conflicts(plan, judges_kept_settings=True))
        for precedence, inputs, own in self._read_precedences([update.desired for update in updates.values()]):
            current = SettingLayers.from_tenant(precedence, inputs)
            after = current.copy()
            places = {address: place for address, place in inputs.places.items() if address in own}
            for address, place in places.items():
                after.set_layer(place, updates[address].desired, updates[address].observed)
            plan = leave_out_blocked(plan, [*refuse_lost_settings(current, after, places, own)])
        return leave_out_blocked(plan, self.doubts)

    def judge_conflicts(
        self, plan: Plan, in_place: Collection[Address] = (), *, judges_kept_settings: bool = False
    ) -> tuple[Plan, Sequence[Obstacle]]:
        """Return the plan with remarks on conflicts, and the reasons to refuse changes.

        A change is refused if it would make an existing object ineffective, or if its effect is unknown. With
        `judges_kept_settings`, also judge the settings that the change keeps.
        """
        changes = [change for change in plan.changes if isinstance(change, Create | Update)]
        written = {
            change.address: _desired_with_all_settings(change)
            if judges_kept_settings
            else desired_with_current_name(change)
            for change in changes
        }
        matching = frozenset({*in_place, *plan.select(MATCHING)})
        there = predict_state(plan, in_place).in_place
        deleted_ids = frozenset(change.observed.remote.id for change in plan.changes if isinstance(change, Delete))
        obstacles: list[Obstacle] = []
        remarks, maybes, notes = list[Remark](), list[Remark](), list[Remark]()
        judged = [
            written.get(desired.address, desired)
            for desired in self.desired
            if (desired.address in there and self._is_judged(desired, [desired.address.kind_path]))
            or (desired.address in matching and desired.mode is Mode.CHECK)
        ]
        by_kind: defaultdict[str, list[Desired]] = defaultdict(list)
        for desired in judged:
            by_kind[desired.address.kind_path].append(desired)
        for name, kind in self.kinds.items():
            named = {desired.address.name: desired for desired in by_kind[name]}
            provider = name.partition(".")[0]
            others = {f"{provider}.{other}" for other in kind.judged_with}
            related = [desired for desired in judged if desired.address.kind_path in others] if named and others else []
            for doubt in self._find_conflicts(
                kind, self.connections[provider], [*named.values()], related, deleted_ids
            ):
                if isinstance(doubt, Unknown):
                    obstacles.append(doubt)
                    continue
                subject = named[doubt.name]
                remark, writes = _to_remark(subject.address, doubt), subject.address in written
                if doubt.is_remark or (doubt.unless_there and not writes):
                    notes.append(remark)
                elif doubt.rival and not judges_kept_settings and writes and not subject.handling.beside:
                    obstacles.append(LookAlike(subject, doubt.rival, why=doubt.reason))
                elif doubt.is_uncertain:
                    maybes.append(remark)
                elif subject.mode is Mode.CHECK or ((doubt.by or doubt.only_beside_other) and not writes):
                    remarks.append(remark)
                else:
                    obstacles.append(
                        Refusal(subject.address, doubt.reason, subject.origins.get(doubt.setting, subject.origin))
                    )
        return plan.add_rows(*rows_for_uncertain_objects(maybes), *rows_for_notes(notes)).add(
            OVERRIDDEN, remarks
        ), obstacles

    def _find_conflicts(
        self,
        kind: Kind[Connection],
        connection: Connection,
        desired_objects: Sequence[Desired],
        related: Sequence[Desired],
        deleted_ids: Collection[str],
    ) -> Sequence[Doubt | Unknown]:
        """Return the conflicts between objects of a kind.

        `related` are objects of other kinds that affect objects of this kind.
        """
        judged = [*desired_objects, *related]
        conflicts = (
            attempt(kind.name, lambda: list(kind.conflicts(connection, judged, deleted_ids))) if desired_objects else []
        )
        if isinstance(conflicts, ServiceError):
            return [
                Unknown(desired.address.kind_path, reason_of(conflicts), desired.address) for desired in desired_objects
            ]
        return conflicts


def _to_remark(address: Address, doubt: Doubt) -> Remark:
    return Remark(
        address, doubt.by, doubt.reason, whole=doubt.whole, sure=False, count=doubt.count, is_unread=doubt.is_unread
    )


def _desired_with_all_settings(change: Create | Update) -> Desired:
    """Return the desired object of a change with all settings that the object has after the change."""
    return replace(desired_with_current_name(change), settings=settings_before_and_after(change)[1] or {})
