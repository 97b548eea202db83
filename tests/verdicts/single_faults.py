"""Every single fault of the table as a change of the faultless school, with the clauses that it breaks."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from tests.verdicts.school import NOW, Faultless, PartRow, failed_test, faultless, part_rows, table
from toolkit.planning.change import Create
from toolkit.planning.checks.findings import ControlFinding, left_to_people
from toolkit.planning.coverage import with_unavailable_parts
from toolkit.planning.plan import Plan, RealisedControl, Refusal, Unknown
from toolkit.planning.policy.facts import RunResults, facts_of, undecided
from toolkit.planning.policy.statuses import ClauseStatus, StatusGrounds, status_of
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.policy_entries import ClauseClass, Evidence
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import AS_RECORDED
from toolkit.sdk.resource import Desired

_WHY = AS_RECORDED(text="a fault of this test")


@dataclass
class School:
    """A school that faults are put into."""

    excepted: bool = False
    unavailable: set[str] = field(default_factory=set)  # kinds
    missing: set[str] = field(default_factory=set)  # kinds
    refused: set[str] = field(default_factory=set)
    unread: set[str] = field(default_factory=set)
    first_unread: set[str] = field(default_factory=set)  # kinds of which one object is unread
    first_missing: set[str] = field(default_factory=set)
    failing: set[tuple[str, str, str]] = field(default_factory=set)  # what is measured
    unknown: set[tuple[str, str, str]] = field(default_factory=set)
    without: set[tuple[str, str, str]] = field(default_factory=set)
    unconfirmed: set[tuple[str, str, str]] = field(default_factory=set)
    overdue: set[tuple[str, str, str]] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)  # parts of tests
    untested: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)

    @property
    def faultless(self) -> Faultless:
        return faultless(excepted=self.excepted)


@dataclass(frozen=True)
class Fault:
    """One fault, and the clauses of which something changes."""

    name: str
    breaks: frozenset[str]
    put: Callable[[School], object]
    about: object = None  # what it befalls: of two faults of one thing a run would see one alone
    passes: bool = False  # the clauses are not broken, only different: an exception that somebody approved


def faults() -> Sequence[Fault]:
    """List every single fault of the table."""
    rows = part_rows()
    found = [*_of_kinds(rows)]
    for row in rows:
        found += _of_part(row)
    found += [_fault(f"lost: {what}", clauses, "lost", what) for what, clauses in table()["lost"].items()]
    ((control, clauses),) = table()["excepted"].items()
    excepted = Fault(f"exception to {control}", frozenset(clauses), _except, passes=True)
    return [*found, excepted]


def _except(school: School) -> None:
    school.excepted = True


def _of_kinds(rows: Sequence[PartRow]) -> Iterator[Fault]:
    """Give the faults of all objects of a kind: they break every part that has any."""
    kinds = {kind: [row for row in rows if kind in row.kinds] for row in rows for kind in row.kinds}
    for kind, users in kinds.items():
        alone = {clause for clause, on in table()["objects"].items() if kind in on}
        every = alone.union(*(row.clauses for row in users))
        needed = alone.union(*(row.clauses for row in users if not row.optional))
        yield _fault(f"{kind} unlicensed", needed, "unavailable", kind)
        sorts = ["missing", "unread"]
        sorts += ["refused"] if all(row.known == "set" for row in users) else []
        sorts += ["first_unread", "first_missing"] if all(row.per_person for row in users) else []
        for sort in sorts:
            yield _fault(f"{kind} {sort}", every, sort, kind)


def _of_part(row: PartRow) -> Iterator[Fault]:
    key, name = (row.control, row.cloud, row.part), f"{row.control}, {row.part} on {row.cloud}"
    unless_optional = frozenset() if row.optional else row.clauses
    match row.known:
        case "measured":
            yield _fault(f"{name}: fails", row.clauses, "failing", key)
            yield _fault(f"{name}: unknown", row.clauses, "unknown", key)
            yield _fault(f"{name}: unavailable", unless_optional, "without", key)
        case "confirmed":
            yield _fault(f"{name}: not confirmed", unless_optional, "unconfirmed", key)
            yield _fault(f"{name}: overdue", unless_optional, "overdue", key)
        case "tested":
            yield _fault(f"{name}: failed", unless_optional, "failed", row.part)
            yield _fault(f"{name}: never tested", unless_optional, "untested", row.part)
        case _:
            pass


def _fault(name: str, breaks: Collection[str], sort: str, what: object) -> Fault:
    """Give a fault that adds something to one of the sets of a school."""
    return Fault(name, frozenset(breaks), lambda school: getattr(school, sort).add(what), what)


def statuses(school: School, names: Collection[str] = ()) -> Mapping[str, ClauseStatus]:
    """Say how clauses stand in a school with faults: those named, or all but those that people alone keep."""
    playbooks = _playbooks(school)
    results = RunResults(
        playbooks, _plan(school), _findings(school, playbooks), _controls(school), school.faultless.titles, NOW
    )
    grounds = StatusGrounds(now=NOW, providers=[*playbooks.school.tenants], undecided=undecided(playbooks))
    clauses = [
        clause
        for clause in playbooks.policy.clauses
        if clause.of_class is not ClauseClass.PEOPLE and (not names or clause.name in names)
    ]
    return {clause.name: status_of(clause, facts_of(clause, results), grounds) for clause in clauses}


def _controls(school: School) -> Sequence[RealisedControl]:
    return with_unavailable_parts(
        school.faultless.expansion.controls, dict.fromkeys(school.unavailable, "no licence for it")
    )


def _plan(school: School) -> Plan:
    wanted = [one for one in school.faultless.expansion.wanted if isinstance(one, Desired)]
    seen = [one for one in wanted if one.address.of_kind not in school.unavailable]
    first: dict[str, Desired] = {}
    for one in seen:
        first.setdefault(one.address.of_kind, one)

    def is_first(one: Desired, kinds: set[str]) -> bool:
        return one.address.of_kind in kinds and first[one.address.of_kind] is one

    unread = [one for one in seen if one.address.of_kind in school.unread or is_first(one, school.first_unread)]
    rest = [one for one in seen if one not in unread]
    missing = [one for one in rest if one.address.of_kind in school.missing or is_first(one, school.first_missing)]
    refused = [one for one in rest if one.address.of_kind in school.refused and one not in missing]
    return Plan(
        changes=tuple(Create(one, ()) for one in missing),
        refused=tuple(Refusal(one.address, "refused") for one in refused),
        unknown=tuple(Unknown(one.address.of_kind, _WHY, one.address) for one in unread),
        matching=tuple(one.address for one in rest if one not in missing and one not in refused),
        wanted={one.address: frozenset((one.made_by or "").split(", ")) for one in seen},
    )


def _findings(school: School, playbooks: Playbooks) -> Sequence[ControlFinding]:
    expansion = replace(school.faultless.expansion, controls=tuple(_controls(school)))
    found = [
        one
        for provider in (*playbooks.school.tenants, SCHOOL)
        for one in left_to_people(provider, playbooks, expansion, NOW.date())
    ]
    for row in part_rows():
        if row.known == "measured":
            finding = Finding(row.part, _measured(school, (row.control, row.cloud, row.part)), _WHY)
            one = ControlFinding(control=row.control, provider=row.cloud, clauses=(), finding=finding, measured=True)
            found.append(one)
    return found


def _measured(school: School, key: tuple[str, str, str]) -> Status:
    """Say what a check finds; a failure before all, as a check would."""
    sorts = {Status.FAIL: school.failing, Status.UNKNOWN: school.unknown, Status.UNAVAILABLE: school.without}
    return next((status for status, keys in sorts.items() if key in keys), Status.PASS)


def _playbooks(school: School) -> Playbooks:
    playbooks, yesterday = school.faultless.playbooks, NOW.date() - timedelta(days=1)
    words = [
        replace(one, until=yesterday) if (one.control, one.provider, one.part) in school.overdue else one
        for one in playbooks.attestations
        if (one.control, one.provider, one.part) not in school.unconfirmed
    ]
    trials = [one for one in playbooks.trials if one.part not in school.untested]
    trials += [failed_test(part, trials) for part in school.failed - school.untested]
    return _without(replace(playbooks, attestations=tuple(words), trials=tuple(trials)), school.lost)


def _without(playbooks: Playbooks, lost: set[str]) -> Playbooks:
    """Take something out of the registers, the document or the decisions."""
    document = playbooks.policy.document
    assert document is not None
    blank: dict[str, object] = {}
    blank |= {"review_due": date(2026, 1, 1)} if Evidence.REVIEW in lost else {}
    blank |= {"signed_by": None, "signed": None} if Evidence.SIGNATURE in lost else {}
    blank |= {"versions": []} if Evidence.HISTORY in lost else {}
    registers = {name: () for name in ("acknowledgements", "approvals", "incidents") if name in lost}
    found = replace(
        playbooks,
        policy=replace(playbooks.policy, document=document.model_copy(update=blank)),
        registers=replace(playbooks.registers, **registers),
    )
    if "decision C18" not in lost:
        return found
    first, *rest = found.playbooks
    return replace(found, playbooks=(replace(first, open_choices=("C18",)), *rest))
