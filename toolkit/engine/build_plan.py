"""Build the plan of a run from the state of the tenants."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from toolkit.controls.control import controls
from toolkit.engine.context import RunContext
from toolkit.engine.count_reach import count_reach, read_members_of_rules
from toolkit.engine.cover_facts import collect_cover_facts
from toolkit.engine.desired_state import DesiredState, cloud_catalogues
from toolkit.engine.effective_settings import EffectiveSettings
from toolkit.engine.ledger_state import LedgerState, mark_early_pilots
from toolkit.engine.pruning import Orphans, Pruning, plan_orphans
from toolkit.engine.read_state import ReadState
from toolkit.engine.review_refusals import add_deleted_data_counts, allow_harmless_changes
from toolkit.errors import ServiceError
from toolkit.planning.acceptances import separate_accepted_differences
from toolkit.planning.audience.cover_changes import CoverFacts
from toolkit.planning.audience.target_changes import find_replaceable_objects
from toolkit.planning.change import Change, Create, Update, desired_with_current_name, settings_before_and_after
from toolkit.planning.compare import PlanRules, compare
from toolkit.planning.expand import Expansion, contributions_if_all_enabled
from toolkit.planning.flapping import mark_contested_settings
from toolkit.planning.matching import LastApplied
from toolkit.planning.member_moves import refuse_removals_before_joining
from toolkit.planning.ownership import Ownership
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState, OrphanSetting, Refusal, Unknown
from toolkit.planning.plan_states import KEPT, MATCHING, ORPHANED_SETTING, UNDECIDED
from toolkit.planning.projected_state import predict_state, refuse_blocked_changes
from toolkit.planning.rollback.orphaned_objects import ORIGIN, WITHDRAWN, keep_evidence
from toolkit.planning.rollback.orphaned_settings import (
    AppliedRecords,
    find_objects_with_possible_orphans,
    find_orphaned_settings,
    restore_orphaned_settings,
)
from toolkit.planning.select import leave_out_blocked, narrow_plan, narrow_to_schools
from toolkit.planning.unproven import only_compare_unproven_changes
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Kind, MemberList
from toolkit.sdk.reason import COULD_NOT_BE_READ
from toolkit.sdk.resource import Address, Desired
from toolkit.values import entries


@dataclass(frozen=True, slots=True)
class Planning:
    """The state that a run has read from the tenants, and the steps that build a plan from this state."""

    context: RunContext
    playbooks: Playbooks
    ledger_state: LedgerState
    connections: Mapping[str, Connection]
    desired: DesiredState
    reads: ReadState
    known_objects: Mapping[Address, LastApplied]
    effects: EffectiveSettings

    def compare_objects(self, feature_objects: Sequence[Desired]) -> Plan:
        """Compare the objects in the tenants with the objects that playbooks and features desire, and return
        the plan.
        """
        expansion, observed = self.desired.expansion, self.reads.observed
        orphaned_settings = self._orphaned_settings()
        desired, stays = (
            restore_orphaned_settings(expansion.wanted, orphaned_settings)
            if self.context.prune
            else (expansion.wanted, ())
        )
        members = read_members_of_rules(observed, desired, self.reads.kinds, self.connections, self.desired.directories)
        plan = compare(
            [*self.effects.add_weaker_settings(desired), *feature_objects],
            _add_labels_to_unknown(replace(observed, unknown=(*observed.unknown, *expansion.unknown)), expansion),
            self.reads.kinds,
            self.known_objects,
            rules=replace(make_plan_rules(self.context, self.playbooks, self.ledger_state), members=members),
            controls=expansion.controls,
        )
        plan = plan.add(KEPT, (*expansion.not_restored, *stays)).add(UNDECIDED, self.playbooks.open_choices)
        return plan if self.context.prune else plan.add(ORPHANED_SETTING, orphaned_settings)

    def _orphaned_settings(self) -> tuple[OrphanSetting, ...]:
        """Return the orphaned settings of managed objects. Return none if some playbooks were not read."""
        expansion, directories = self.desired.expansion, self.desired.directories
        candidates = find_objects_with_possible_orphans(expansion.wanted, self.known_objects, self.reads.kinds)
        if not candidates or not self.context.has_all_playbooks or self.playbooks.waiting or expansion.unknown:
            return ()
        clouds = cloud_catalogues(list(self.connections))
        entries, unknown = contributions_if_all_enabled(
            self.playbooks, clouds, controls(), directories, self.context.now
        )
        if unknown:
            return ()
        settings_by_address: dict[Address, set[str]] = {}
        for entry in entries:
            settings_by_address.setdefault(entry.address, set()).update(entry.settings)
        deeds = self.ledger_state.deeds([candidate.address for candidate in candidates])
        records = AppliedRecords(self.known_objects, deeds, settings_by_address)
        return find_orphaned_settings(candidates, self.reads.observed, self.reads.kinds, records)

    def add_orphans(self, plan: Plan, orphans: Orphans) -> Plan:
        """Return the plan with orphaned objects and settings, for which no playbook asks any more.

        The plan is unchanged if some playbooks were not read.
        """
        if not self.context.has_all_playbooks:
            return plan
        pruning = Pruning(
            playbooks=self.playbooks,
            desired_state=self.desired,
            ledger_state=self.ledger_state,
            connections=self.connections,
            kinds=self.reads.kinds,
            plan_rules=make_plan_rules(self.context, self.playbooks, self.ledger_state),
            now=self.context.now,
            prune=self.context.prune,
            origin=WITHDRAWN if self.context.withdraws_everything else ORIGIN,
        )
        return plan_orphans(plan, self.reads.observed, orphans, pruning)

    def apply_plan_rules(self, plan: Plan) -> Plan:
        """Return the plan without changes that are unverified, accepted, contested or outside the selection.

        Count the people whom the remaining changes reach.
        """
        orphans, in_place = find_replaceable_objects(plan), frozenset(plan.select(MATCHING))
        names = self.playbooks.control_names
        plan = only_compare_unproven_changes(narrow_plan(plan, self.context.only, names), self.context.unproven)
        plan = separate_accepted_differences(plan, self.playbooks.acceptances, self.context.now)
        plan = mark_contested_settings(plan, self.ledger_state.contestable_acts(plan.changes, self.reads.kinds))
        plan = narrow_plan(self._refuse_until_valid(plan, in_place), self.context.only, names)
        plan = narrow_to_schools(plan, self.desired.expansion.wanted, self.playbooks.slices)
        known_objects, school = self.ledger_state.known_objects, self.playbooks.school
        plan = count_reach(
            plan,
            self.reads.kinds,
            self.connections,
            self.desired.directories,
            known_objects=known_objects,
            school=school,
            slices=self.playbooks.slices,
            replaceable_objects=orphans,
            all_clouds_connected=self.context.provider is None,
            cover=None if self.context.withdraws_everything else self._collect_cover_facts(),
        )
        plan = add_deleted_data_counts(plan, self.reads.kinds, self.connections)
        today = self.context.now.astimezone(ZoneInfo(self.playbooks.school.time_zone)).date()
        plan = mark_early_pilots(plan, self.ledger_state, today)
        if self.context.withdraws_everything:
            return keep_evidence(plan, self.reads.observed, self.reads.kinds, known_objects)
        return plan

    def _refuse_until_valid(self, plan: Plan, in_place: Collection[Address]) -> Plan:
        """Refuse changes that depend on refused changes.

        Repeat this until all remaining changes can be made together.
        """
        kinds, connections = self.reads.kinds, self.connections
        plan = leave_out_blocked(allow_harmless_changes(plan, kinds, connections), self.effects.doubts)
        refused = set[Address | None]()  # settings of people are compared for refused objects too, so each counts once
        while True:
            without_basis = refuse_blocked_changes(plan, kinds, predict_state(plan, in_place).missing)
            doubts = [*find_invalid_changes(plan, kinds, connections), *without_basis]
            judged, pending = (plan, doubts) if doubts else self.effects.judge_plan(plan, in_place)
            obstacles = [obstacle for obstacle in pending if obstacle.address not in refused]
            if not obstacles:
                return self.effects.add_cross_cloud_remarks(judged)
            refused |= {obstacle.address for obstacle in obstacles}
            plan = leave_out_blocked(plan, [*obstacles, *refuse_removals_before_joining(plan, kinds, obstacles)])

    def _collect_cover_facts(self) -> CoverFacts:
        return collect_cover_facts(
            self.playbooks, self.reads.kinds, self.ledger_state.known_objects, self.reads.observed, self.context.now
        )


def find_known_objects(
    ledger_state: LedgerState, kinds: Mapping[str, Kind[Connection]]
) -> Mapping[Address, LastApplied]:
    """Return the ledger's record of the last apply of each object.

    If other people also add entries to a list, only toolkit's entries are included.
    """
    shared = [name for name, kind in kinds.items() if any(s.at_least for s in kind.spec.table().values())]
    added = ledger_state.added(shared) if shared else {}
    return {
        address: replace(known_object, added=added[address]) if address in added else known_object
        for address, known_object in ledger_state.known_objects.items()
    }


def make_plan_rules(context: RunContext, playbooks: Playbooks, ledger_state: LedgerState) -> PlanRules:
    """Return the rules of a plan: whether new objects start in test mode, which accounts are protected, and
    which objects belong to the school.
    """
    cautious = context.target.live and not context.enforce_at_once
    protected = playbooks.school.protected
    return PlanRules(
        cautious=cautious,
        protected=protected.mailboxes,
        accounts=protected.accounts,
        approvers=playbooks.school.approvers,
        ownership=make_ownership(playbooks.school, ledger_state),
        now=context.now,
    )


def make_ownership(school: School, ledger_state: LedgerState) -> Ownership:
    """Return the rules that decide which objects belong to the school, based on the objects in the ledger."""
    return Ownership(school.mark, school.owns_tenant, ledger_state.own_objects)


def _add_labels_to_unknown(observed: ObservedState, expansion: Expansion) -> ObservedState:
    labels = {desired.address: desired.address for desired in expansion.wanted}
    labelled = (
        replace(unknown, address=labels.get(unknown.address, unknown.address)) if unknown.address else unknown
        for unknown in observed.unknown
    )
    return replace(observed, unknown=tuple(labelled))


def find_invalid_changes(
    plan: Plan, kinds: Mapping[str, Kind[Connection]], connections: Mapping[str, Connection]
) -> list[Refusal | Unknown]:
    """Return a refusal for each change that refers to a missing object, and an unknown for each change that
    refers to an object that could not be read.
    """
    obstacles: list[Refusal | Unknown] = [*_refuse_excessive_removals(plan, kinds)]
    for name, kind in kinds.items():
        changes = [change for change in plan.changes if change.address.kind_path == name]
        written = {c.address.name: desired_with_current_name(c) for c in changes if isinstance(c, Create | Update)}
        if written:
            doubts = _find_missing_references(name, kind, connections[name.partition(".")[0]], written)
            unchanged_lists = {change.address: _lists_to_leave_unchanged(change, kind) for change in changes}
            obstacles += [
                doubt for doubt, setting in doubts if doubt.address and setting not in unchanged_lists[doubt.address]
            ]
    return obstacles


def _refuse_excessive_removals(plan: Plan, kinds: Mapping[str, Kind[Connection]]) -> Iterator[Refusal]:
    """Yield a refusal of every change to a group if the run would remove too many people from the groups of all
    clouds together.
    """
    removing = list[tuple[Update, MemberList, int]]()
    for change in plan.changes:
        members = kinds[change.address.kind_path].members
        if members and isinstance(change, Update) and change.desired.origin.line:
            before, after = (
                {*entries((settings or {}).get(members.setting))} for settings in settings_before_and_after(change)
            )
            removing += [(change, members, len(before - after))] if before - after else []
    count = sum(gone for _, _, gone in removing)
    for change, members, _ in removing:
        if count > members.most_removed:
            reason = (
                f"{count} people would be removed from groups, but a run removes at most {members.most_removed}. "
                "Remove the others by hand, or list them as members"
            )
            desired = change.desired
            yield Refusal(change.address, reason, desired.origins.get(members.setting, desired.origin))


def _find_missing_references(
    kind_name: str, kind: Kind[Connection], connection: Connection, written_objects: Mapping[str, Desired]
) -> Iterator[tuple[Refusal | Unknown, str]]:
    doubts = attempt(kind_name, lambda: list(kind.doubts(connection, list(written_objects.values()))))
    if isinstance(doubts, ServiceError):
        for desired in written_objects.values():
            yield (
                Unknown(kind_name, COULD_NOT_BE_READ(text=f"objects to which it refers: {doubts}"), desired.address),
                "",
            )
        return
    for doubt in doubts:
        subject = written_objects[doubt.name]
        yield Refusal(subject.address, doubt.reason, subject.origins.get(doubt.setting, subject.origin)), doubt.setting


def _lists_to_leave_unchanged(change: Change, kind: Kind[Connection]) -> frozenset[str]:
    """Return the list settings from which a deleted group of an exception is excluded.

    An update must not change these lists.
    """
    if not isinstance(change, Update):
        return frozenset()
    written = {*(field.path for field in change.fields), *([kind.members.setting] if kind.members else [])}
    return frozenset(change.desired.spared.keys() - written)
