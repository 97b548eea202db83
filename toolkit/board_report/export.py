"""Read everything that an export reports: the current status of the clauses, and the events since the last export.

Each difference has its date and the role of the person who caused it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from toolkit.board_report.period import Beginning, ReportPast
from toolkit.board_report.period_scan import read_past
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.policy import PolicyReading, PolicyReport, judge_policy, read_for_policy
from toolkit.engine.read_expiry_board import read_expiry_board
from toolkit.engine.read_tenants import read_directories
from toolkit.engine.refresh import TenantSurvey
from toolkit.engine.tenants import Tenants
from toolkit.errors import Exit
from toolkit.ledger.chain import Head
from toolkit.planning.checks.expiry import ExpiryEntry
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.school.school import Role
from toolkit.sdk.audit_log import Actor
from toolkit.sdk.directory import Directory
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import FactVerdict

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


PROGRAM = "another program"
SOMEBODY = "a person with an account here"
FORGOTTEN = "a person whose name was removed"


@dataclass(frozen=True, slots=True)
class AttributedDifference:
    """A current difference, with its date and the role of the person who caused it."""

    address: Address
    since: datetime
    cause: str
    by: str  # a role, or ""


@dataclass(frozen=True, slots=True)
class Differences:
    """The current differences by object. Differences of people's objects are listed by control and cloud."""

    by_address: Mapping[Address, Sequence[AttributedDifference]] = field(default_factory=dict)
    by_control: Mapping[tuple[str, str], Sequence[AttributedDifference]] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)  # by the names that the ledger has for people


def differences(context: RunContext, survey: TenantSurvey, ledger: "Ledger", past: ReportPast) -> Differences:
    """Compare the tenants with the playbooks, as a drift check does, and look up the roles of people who made changes.

    The tenants' audit logs show who made a change. The ledger records nothing.
    """
    from toolkit.drift.findings import compare_with_history

    remembrance, _ = compare_with_history(context, survey, ledger)
    findings = list(remembrance.findings.values())
    recorded = _recorded_actors(past, ledger)
    roles = _roles_by_actor([*(finding.actor for finding in findings if finding.actor), *recorded.values()], survey)
    by_address: dict[Address, list[AttributedDifference]] = {}
    by_control: dict[tuple[str, str], list[AttributedDifference]] = {}
    for finding in findings:
        address = finding.difference.address
        difference = AttributedDifference(
            address, finding.since, str(finding.cause), roles[finding.actor] if finding.actor else ""
        )
        by_address.setdefault(address, []).append(difference)
        for control in survey.plan.desired_controls.get(address, ()) if address.label else ():
            by_control.setdefault((control, address.provider), []).append(difference)
    return Differences(by_address, by_control, {name: roles[actor] for name, actor in recorded.items()})


def _recorded_actors(past: ReportPast, ledger: "Ledger") -> Mapping[str, Actor]:
    """Return the people who caused findings, by the pseudonym that the ledger uses for them."""
    actors: dict[str, Actor] = {}
    for finding in past.findings:
        if finding.actor is not None and finding.actor not in actors:
            actors[finding.actor] = Actor(
                _person_name(finding.actor, ledger) if finding.person else finding.actor, person=finding.person
            )
    return actors


def _person_name(pseudonym: str, ledger: "Ledger") -> str:
    from toolkit.ledger.fingerprints import Pseudonyms

    return Pseudonyms(ledger).address(pseudonym) or FORGOTTEN


def _roles_by_actor(actors: Sequence[Actor], survey: TenantSurvey) -> Mapping[Actor, str]:
    """Return the role of each person who made a change. If no person is named, the directories are not read."""
    people = {actor for actor in actors if actor.person}
    names = {actor.name.casefold() for actor in people}
    roles = _read_roles(survey) if names else {}
    said = {actor: roles.get(actor.name.casefold(), SOMEBODY) for actor in people}
    gone = {actor: FORGOTTEN for actor in people if actor.name == FORGOTTEN}
    return {**{actor: PROGRAM for actor in actors if not actor.person}, **said, **gone}


def _read_roles(survey: TenantSurvey) -> Mapping[str, str]:
    """Return the role that each person has in the school file."""
    school = survey.playbooks.school
    groups = {
        provider: [name for role in school.roles.values() if (name := role.on(provider))]
        for provider in survey.connections
    }
    return roles_by_address(school.roles.values(), read_directories(survey.connections, groups, people=True))


def roles_by_address(roles: Iterable[Role], directories: Mapping[str, Directory]) -> Mapping[str, str]:
    """Return the role of each address.

    It is the first role of the school file whose group has the address and other members.
    """
    role_by_address: dict[str, str] = {}
    for role in roles:
        for provider, directory in directories.items():
            addresses = _member_addresses(directory, role.on(provider))
            for address in addresses if len(addresses) > 1 else ():
                role_by_address.setdefault(address.casefold(), f"a member of {role.name.replace('_', ' ')}")
    return role_by_address


def _member_addresses(directory: Directory, group: str | None) -> Sequence[str]:
    group_members = directory.groups.get(group or "")
    people = (directory.people.get(member) for member in (group_members.members if group_members else ()))
    return [person.address for person in people if person]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """All facts that an export reports."""

    report: PolicyReport
    beginning: Beginning
    past: ReportPast
    differences: Differences  # the present ones: since when, why, and by whom
    head: Head  # of the ledger, when the export was made
    journals: Sequence[Journal]  # one for each ledger
    board: Sequence[ExpiryEntry] = ()  # expiry dates in the tenants and in the registers
    unread_clouds: Sequence[str] = ()  # clouds whose expiry dates could not be read

    @property
    def exit(self) -> Exit:
        """Return the exit code UNREAD if a fact could not be read."""
        unread = any(fact.verdict is FactVerdict.UNREAD for status in self.report.statuses for fact in status.evidence)
        return Exit.UNREAD if unread else Exit.AS_WANTED

    def record_end(self, files: Mapping[str, str]) -> None:
        """Record the status of each clause, and the SHA-256 of each file that was written."""
        report = self.report
        for journal in self.journals:
            journal.record_end(
                code=self.exit,
                summary=report.summary,
                unmanaged={},
                statuses=report.status_words,
                lacking=report.failed_verdicts,
                exported=files,
            )


@dataclass(slots=True)
class ExportCollection:
    """The facts of an export that are read while the tenants are connected."""

    beginning: Beginning
    school: str = ""  # the school of a trust, of whose entries the ledger is read
    differences: Differences = field(default_factory=Differences)
    board: list[ExpiryEntry] = field(default_factory=list)

    def add(self, context: RunContext, playbooks: Playbooks, ledger: "Ledger", survey: TenantSurvey) -> None:
        """Add the differences and expiry dates of the connected tenants."""
        current, before = differences(context, survey, ledger, self.read_past([ledger])), self.differences
        self.differences = Differences(
            {**before.by_address, **current.by_address},
            {**before.by_control, **current.by_control},
            {**before.roles, **current.roles},
        )
        tenants = Tenants(survey.connections, survey.tenants, {})
        entries = read_expiry_board(context, _with_reached_tenants(playbooks, survey), tenants)
        others = playbooks.slices.other_domains
        self.board += [entry for entry in entries if not any(domain in entry.what.casefold() for domain in others)]

    def read_past(self, ledgers: "Sequence[Ledger]") -> ReportPast:
        """Return the ledgers' records of the time before the export."""
        existing = [ledger for ledger in ledgers if ledger.exists()]
        return (
            read_past(existing, self.beginning, self.school) if existing else ReportPast(before=self.beginning.earlier)
        )


def export_run(context: RunContext, playbooks: Playbooks, ledger: "Ledger", beginning: Beginning) -> Export:
    """Read everything that an export needs, and record the run. If there is no policy, no clause is judged."""
    collection = ExportCollection(beginning)
    past = collection.read_past([ledger])
    reading = read_for_policy(context, playbooks, ledger, partial(collection.add, context, playbooks, ledger))
    return make_export([reading], judge_policy([reading], reading.results), collection, past)


def make_export(
    readings: Sequence[PolicyReading], report: PolicyReport, collection: ExportCollection, past: ReportPast
) -> Export:
    """Record the beginning of each run, and return everything that an export reports."""
    journals = [Journal(reading.ledger, reading.context.run, reading.context.now) for reading in readings]
    for journal, reading in zip(journals, readings, strict=True):
        journal.record_start(reading.context, reading.playbooks, reading.tenants)
    return Export(
        report=report,
        beginning=collection.beginning,
        past=past,
        differences=collection.differences,
        head=readings[0].ledger.head(),
        journals=journals,
        board=collection.board,
        unread_clouds=[name for name in report.playbooks.school.tenants if name not in report.tenants],
    )


def _with_reached_tenants(playbooks: Playbooks, survey: TenantSurvey) -> Playbooks:
    """Return the playbooks without the tenants that could not be reached."""
    reached = {name: tenant for name, tenant in playbooks.school.tenants.items() if name in survey.connections}
    return replace(playbooks, school=replace(playbooks.school, tenants=reached))
