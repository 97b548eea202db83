"""Read everything that an export reports: the current status of the clauses, and the events since the last export.

Each difference has its date and the role of the person who caused it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from toolkit.board_report.period import Beginning, ReportPast
from toolkit.board_report.period_scan import read_past
from toolkit.engine.context import RunContext
from toolkit.engine.journal import Journal
from toolkit.engine.policy import PolicyReport, read_policy_report
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
    journal: Journal
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
        self.journal.record_end(
            code=self.exit,
            summary=report.summary,
            unmanaged={},
            statuses=report.status_words,
            lacking=report.failed_verdicts,
            exported=files,
        )


def export_run(context: RunContext, playbooks: Playbooks, ledger: "Ledger", beginning: Beginning) -> Export:
    """Read everything that an export needs, and record the run. If there is no policy, no clause is judged."""
    past = read_past(ledger, beginning) if ledger.exists() else ReportPast(before=beginning.earlier)
    differing, board = Differences(), list[ExpiryEntry]()

    def read_differences(survey: TenantSurvey) -> None:
        nonlocal differing
        differing = differences(context, survey, ledger, past)
        board.extend(
            read_expiry_board(
                context, _with_reached_tenants(playbooks, survey), Tenants(survey.connections, survey.tenants, {})
            )
        )

    report = read_policy_report(context, playbooks, ledger, read_differences)
    journal = Journal(ledger, context.run, context.now)
    journal.record_start(context, playbooks, report.tenants)
    return Export(
        report=report,
        beginning=beginning,
        past=past,
        differences=differing,
        head=ledger.head(),
        journal=journal,
        board=board,
        unread_clouds=[name for name in playbooks.school.tenants if name not in report.tenants],
    )


def _with_reached_tenants(playbooks: Playbooks, survey: TenantSurvey) -> Playbooks:
    """Return the playbooks without the tenants that could not be reached."""
    reached = {name: tenant for name, tenant in playbooks.school.tenants.items() if name in survey.connections}
    return replace(playbooks, school=replace(playbooks.school, tenants=reached))
