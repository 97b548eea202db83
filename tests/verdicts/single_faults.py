"""Each single fault of the table as a change to the faultless school, with the clauses that it breaks."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

from tests.verdicts.school import NOW, Faultless, PartRow, failed_test, faultless, part_rows, table
from toolkit.planning.change import Create
from toolkit.planning.checks.findings import ControlFinding, findings_on_parts_left_to_people
from toolkit.planning.coverage import mark_unavailable_parts
from toolkit.planning.plan import Plan, rows_for_unknown, to_rows
from toolkit.planning.plan_details import RealisedControl, Refusal, Unknown
from toolkit.planning.plan_states import CHANGED, MATCHING, REFUSED
from toolkit.planning.policy.facts import RunResults, collect_facts, find_undecided_clauses
from toolkit.planning.policy.statuses import ClauseStatus, StatusGrounds, work_out_status
from toolkit.playbook.entries import Playbooks, ResourceEntry
from toolkit.playbook.policy_entries import Clause, ClauseClass, Evidence
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import AS_RECORDED, Reason
from toolkit.sdk.resource import Address, Desired

_WHY = AS_RECORDED(text="a fault of this test")
_C18 = "decision C18"
EXCEPTED = "an exception"


@dataclass
class School:
    """A faultless school, and the faults put into it."""

    has_exception: bool = False
    unavailable: set[str] = field(default_factory=set)  # kinds
    missing: set[str] = field(default_factory=set)  # kinds
    refused: set[str] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)
    first_unreadable: set[str] = field(default_factory=set)  # kinds of which one object cannot be read
    first_missing: set[str] = field(default_factory=set)
    failing: set[tuple[str, str, str]] = field(default_factory=set)  # measured parts, by control, cloud and name
    unknown: set[tuple[str, str, str]] = field(default_factory=set)
    without: set[tuple[str, str, str]] = field(default_factory=set)
    without_confirmation: set[tuple[str, str, str]] = field(default_factory=set)
    overdue: set[tuple[str, str, str]] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)  # parts of tests
    without_test: set[str] = field(default_factory=set)
    missing_evidence: set[str] = field(default_factory=set)

    @property
    def faultless(self) -> Faultless:
        return faultless(has_exception=self.has_exception)


@dataclass(frozen=True)
class Fault:
    """One fault, and the clauses whose status it changes."""

    name: str
    breaks: frozenset[str]
    apply_to: Callable[[School], object]
    target: object  # the affected object: a run reports only one of two faults in it
    passes: bool = False  # the clauses are not broken but get another status, because of an approved exception


def faults() -> Sequence[Fault]:
    """List every single fault of the table."""
    rows = part_rows()
    all_faults = [*_kind_faults(rows)]
    for row in rows:
        all_faults += _part_faults(row)
    all_faults += [
        _fault(f"lost: {what}", clauses, "missing_evidence", what) for what, clauses in table()["lost"].items()
    ]
    ((control, clauses),) = table()["excepted"].items()
    excepted = Fault(f"exception to {control}", frozenset(clauses), _except, EXCEPTED, passes=True)
    return [*all_faults, excepted]


def _except(school: School) -> None:
    school.has_exception = True


def _kind_faults(rows: Sequence[PartRow]) -> Iterator[Fault]:
    """Return the faults of all objects of a kind. They break every part that uses the kind."""
    kinds = {kind: [row for row in rows if kind in row.kinds] for row in rows for kind in row.kinds}
    for kind, users in kinds.items():
        alone = {clause for clause, on in table()["objects"].items() if kind in on}
        every = alone.union(*(row.clauses for row in users))
        needed = alone.union(*(row.clauses for row in users if not row.optional))
        yield _fault(f"{kind} unlicensed", needed, "unavailable", kind)
        sorts = ["missing", "unreadable"]
        sorts += ["refused"] if all(row.source == "set" for row in users) else []
        sorts += ["first_unreadable", "first_missing"] if all(row.per_person for row in users) else []
        for sort in sorts:
            yield _fault(f"{kind} {sort}", every, sort, kind)


def _part_faults(row: PartRow) -> Iterator[Fault]:
    key, name = (row.control, row.cloud, row.part), f"{row.control}, {row.part} on {row.cloud}"
    unless_optional = frozenset() if row.optional else row.clauses
    match row.source:
        case "measured":
            yield _fault(f"{name}: fails", row.clauses, "failing", key)
            yield _fault(f"{name}: unknown", row.clauses, "unknown", key)
            yield _fault(f"{name}: unavailable", unless_optional, "without", key)
        case "confirmed":
            yield _fault(f"{name}: not confirmed", unless_optional, "without_confirmation", key)
            yield _fault(f"{name}: overdue", unless_optional, "overdue", key)
        case "tested":
            yield _fault(f"{name}: failed", unless_optional, "failed", row.part)
            yield _fault(f"{name}: never tested", unless_optional, "without_test", row.part)
        case _:
            pass


def _fault(name: str, breaks: Collection[str], sort: str, what: object) -> Fault:
    """Return a fault that adds a key to one of the sets of a school."""
    return Fault(name, frozenset(breaks), lambda school: getattr(school, sort).add(what), what)


def results_of(school: School, names: Collection[str] = ()) -> RunResults:
    """Return the results of a run over a school with faults. For named clauses, only their own controls are judged."""
    chosen = [clause for clause in clauses() if not names or clause.name in names]
    playbooks = _playbooks(school)
    control_names = frozenset(control for clause in chosen for control in clause.controls) if names else None
    controls = _controls(school, control_names)
    return RunResults(
        playbooks,
        _plan(school, _objects_of(school.has_exception, tuple(names))),
        _findings(school, playbooks, controls),
        controls,
        school.faultless.titles,
        NOW,
    )


def grounds_of(school: School) -> StatusGrounds:
    """Return the grounds of the statuses in a school with faults, other than the facts."""
    waiting = _waiting(has_exception=school.has_exception, undecided_too=_C18 in school.missing_evidence)
    providers = [*school.faultless.playbooks.school.tenants]
    return StatusGrounds(now=NOW, providers=providers, pending_decisions=waiting)


def statuses(school: School, names: Collection[str] = ()) -> Mapping[str, ClauseStatus]:
    """Return the status of the named clauses in a school with faults, or of all clauses that toolkit can judge.

    For named clauses, only their own controls and objects are judged.
    """
    results, grounds = results_of(school, names), grounds_of(school)
    chosen = [clause for clause in clauses() if not names or clause.name in names]
    return {clause.name: work_out_status(clause, collect_facts(clause, results), grounds) for clause in chosen}


@cache
def clauses() -> Sequence[Clause]:
    """Return the clauses that toolkit can judge."""
    return [clause for clause in faultless().playbooks.policy.clauses if clause.of_class is not ClauseClass.PEOPLE]


@cache
def _waiting(*, has_exception: bool, undecided_too: bool) -> Mapping[str, Reason]:
    """Return the clauses that wait for a decision. Only one fault changes the decisions."""
    return find_undecided_clauses(
        _playbooks(School(has_exception=has_exception, missing_evidence={_C18} if undecided_too else set()))
    )


@cache
def affected_by(name: str) -> frozenset[object]:
    """Return everything that a fault of a clause can affect: kinds, parts, names of parts, and evidence on file."""
    (clause,) = [clause for clause in clauses() if clause.name == name]
    affected: set[object] = {*clause.evidence}
    affected |= {_C18} if name in _waiting(has_exception=False, undecided_too=True) else set()
    # An exception to one block is also an exception to every block with the same objects.
    controls = faultless(has_exception=True).expansion.controls
    affected |= {EXCEPTED for control in controls if control.exception and control.control in clause.controls}
    for control in faultless().expansion.controls:
        for part in control.realisation.parts if control.control in clause.controls else ():
            affected |= {f"{control.provider}.{resource.kind}" for resource in part.resources}
            affected |= {part.name, (control.control, control.provider, part.name)}
    return frozenset(affected | {entry.address.kind_path for entry in _entries_of(clause)})


def _entries_of(clause: Clause) -> Sequence[ResourceEntry]:
    """Return the single resources that serve a clause."""
    playbooks = faultless().playbooks.playbooks
    return [entry for playbook in playbooks if playbook.slug in clause.resources for entry in playbook.resources]


@cache
def _objects_of(has_exception: bool, names: Sequence[str]) -> Sequence[Desired]:  # noqa: FBT001 -- for the cache
    """Return the desired objects of all clauses or of some."""
    chosen = [clause for clause in clauses() if clause.name in names]
    controls = {control for clause in chosen for control in clause.controls}
    entries = {entry.address for clause in chosen for entry in _entries_of(clause)}
    desired = [
        resource
        for resource in faultless(has_exception=has_exception).expansion.wanted
        if isinstance(resource, Desired)
    ]
    return [
        resource for resource in desired if not names or _makers(resource) & controls or resource.address in entries
    ]


def _makers(desired: Desired) -> frozenset[str]:
    return frozenset(desired.made_by)


def _controls(school: School, names: Collection[str] | None) -> Sequence[RealisedControl]:
    realised = [control for control in school.faultless.expansion.controls if names is None or control.control in names]
    return mark_unavailable_parts(realised, dict.fromkeys(school.unavailable, "no licence for it"))


@cache
def _first(has_exception: bool) -> Collection[Address]:  # noqa: FBT001 -- for the cache
    """Return the first object of each kind."""
    addresses: dict[str, Address] = {}
    for resource in _objects_of(has_exception, ()):
        addresses.setdefault(resource.address.kind_path, resource.address)
    return frozenset(addresses.values())


def _plan(school: School, desired: Sequence[Desired]) -> Plan:
    first = _first(school.has_exception)
    seen = [resource for resource in desired if resource.address.kind_path not in school.unavailable]

    def some(objects: Sequence[Desired], kinds: set[str], first_kinds: set[str]) -> Mapping[Address, Desired]:
        return {
            resource.address: resource
            for resource in objects
            if resource.address.kind_path in kinds
            or (resource.address.kind_path in first_kinds and resource.address in first)
        }

    unread = some(seen, school.unreadable, school.first_unreadable)
    rest = [resource for resource in seen if resource.address not in unread]
    missing = some(rest, school.missing, school.first_missing)
    rest = [resource for resource in rest if resource.address not in missing]
    refused = some(rest, school.refused, set())
    return Plan(
        rows=(
            *to_rows(CHANGED, tuple(Create(resource, ()) for resource in missing.values())),
            *to_rows(REFUSED, tuple(Refusal(address, "refused") for address in refused)),
            *rows_for_unknown(tuple(Unknown(address.kind_path, _WHY, address) for address in unread)),
            *to_rows(MATCHING, tuple(resource.address for resource in rest if resource.address not in refused)),
        ),
        desired_controls={resource.address: _makers(resource) for resource in seen},
    )


def _findings(school: School, playbooks: Playbooks, controls: Sequence[RealisedControl]) -> Sequence[ControlFinding]:
    expansion = replace(school.faultless.expansion, controls=tuple(controls))
    names = {control.control for control in controls}
    findings = [
        finding
        for provider in (*playbooks.school.tenants, SCHOOL)
        for finding in findings_on_parts_left_to_people(provider, playbooks, expansion, NOW.date())
    ]
    for row in part_rows():
        if row.source == "measured" and row.control in names:
            finding = Finding(row.part, _measured_status(school, (row.control, row.cloud, row.part)), _WHY)
            control_finding = ControlFinding(
                control=row.control, provider=row.cloud, clauses=(), finding=finding, measured=True
            )
            findings.append(control_finding)
    return findings


def _measured_status(school: School, key: tuple[str, str, str]) -> Status:
    """Return the status that a check would report. As in a check, a failure comes first."""
    sorts = {Status.FAIL: school.failing, Status.UNKNOWN: school.unknown, Status.UNAVAILABLE: school.without}
    return next((status for status, keys in sorts.items() if key in keys), Status.PASS)


def _playbooks(school: School) -> Playbooks:
    playbooks, yesterday = school.faultless.playbooks, NOW.date() - timedelta(days=1)
    words = [
        attestation.model_copy(update={"last": yesterday})
        if (attestation.control, attestation.provider, attestation.part) in school.overdue
        else attestation
        for attestation in playbooks.attestations
        if (attestation.control, attestation.provider, attestation.part) not in school.without_confirmation
    ]
    trials = [trial for trial in playbooks.trials if trial.part not in school.without_test]
    trials += [failed_test(part, trials) for part in school.failed - school.without_test]
    return _without(replace(playbooks, attestations=tuple(words), trials=tuple(trials)), school.missing_evidence)


def _without(playbooks: Playbooks, lost: set[str]) -> Playbooks:
    """Remove evidence from the registers, the document or the decisions."""
    document = playbooks.policy.document
    assert document is not None
    blank: dict[str, object] = {}
    blank |= {"ratified": date(2025, 1, 1), "review_due": date(2026, 1, 1)} if Evidence.REVIEW in lost else {}
    blank |= {"signed_by": None, "signed": None} if Evidence.SIGNATURE in lost else {}
    blank |= {"versions": []} if Evidence.HISTORY in lost else {}
    registers: dict[str, Any] = {
        name: () for name in ("acknowledgements", "approvals", "requests", "incidents") if name in lost
    }
    changed = replace(
        playbooks,
        policy=replace(playbooks.policy, document=document.model_copy(update=blank)),
        registers=replace(playbooks.registers, **registers),
    )
    if _C18 not in lost:
        return changed
    first, *rest = changed.playbooks
    return replace(changed, playbooks=(replace(first, open_choices=("C18",)), *rest))
