"""Read the settings that apply to one account and its devices, on each cloud, now and after a plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from toolkit.engine.context import RunContext
from toolkit.engine.describe_message import parse_moment
from toolkit.engine.desired_state import limit_to_provider
from toolkit.engine.journal import Journal
from toolkit.engine.question_tenants import open_for_question
from toolkit.engine.read_tenants import observe_kinds
from toolkit.engine.report_json import JsonReport
from toolkit.engine.tenants import Tenants
from toolkit.errors import BadAnswer, Exit, ServiceError, UsageError
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.ledger import Ledger
from toolkit.planning.account_settings import (
    AccountDifference,
    AccountSetting,
    SettingOutcome,
    differing_settings,
    settle_settings,
)
from toolkit.planning.mail_flow.parse_message import parse_mail_address
from toolkit.planning.mail_flow.project_objects import current_objects, projected_objects
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import ObservedState
from toolkit.playbook.entries import Departure, Pilot, Playbooks
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.account_settings import AccountFacts, AccountReader, CloudAccount, Objects
from toolkit.sdk.connector import Connection
from toolkit.sdk.directory import EVERYONE, Directory
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.kind import Kind
from toolkit.sdk.mail_flow import NotRead
from toolkit.sdk.providers import account_settings, broken_kind, cloud_titles, kinds
from toolkit.sdk.reason import admin_text


class Purpose(StrEnum):
    """Why someone asks for the settings of an account. The purpose is recorded with the question."""

    SUPPORT = "support"
    ACCESS_REQUEST = "access-request"
    EXCEPTION = "exception"


@dataclass(frozen=True, slots=True)
class AccountQuestion:
    """The account, the purpose of the question, and the moment."""

    address: str = field(repr=False)
    purpose: Purpose
    at: datetime | None = None


def describe_account_question(school: School, address: str, why: str, *, at: str | None = None) -> AccountQuestion:
    """Return a question about an account. `why` is support, access-request or exception.

    Raise UsageError if a part is invalid.

        >>> api.describe_account_question(school.school, "head@example-primary.example", "support").purpose
        <Purpose.SUPPORT: 'support'>
    """
    if why not in set(Purpose):
        raise UsageError(f"--why: {why!r} is not a purpose. Write support, access-request or exception")
    moment = parse_moment(at, school) if at else None
    return AccountQuestion(parse_mail_address(address, "ADDRESS"), Purpose(why), moment)


@dataclass(frozen=True, slots=True)
class ActivePeriod:
    """An exception or a pilot that changes a control for the account, without its reason."""

    name: str
    control: str
    role: str
    begins: datetime | None
    ends: datetime
    is_pilot: bool = False
    doubt: str = ""  # why it is unknown whether the account has it


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudSettings:
    """The settings that apply to an account on one cloud."""

    provider: str
    title: str
    account: CloudAccount | None = None  # None if the cloud has no account with the address
    settings: tuple[AccountSetting, ...] = ()
    settings_after: tuple[AccountSetting, ...] | None = None  # after the plan, or None if no plan was asked for
    unread_kinds: Mapping[str, str] = field(default_factory=dict)  # the reason by kind
    not_read: tuple[NotRead, ...] = ()
    periods: tuple[ActivePeriod, ...] = ()
    failure: str = ""  # why the cloud could not be read

    @property
    def result_settings(self) -> tuple[AccountSetting, ...]:
        """Return the settings after the plan if a plan was asked for, and the present settings otherwise."""
        return self.settings if self.settings_after is None else self.settings_after

    @property
    def differences(self) -> tuple[AccountDifference, ...]:
        """Return the settings that the plan would change for the account."""
        return () if self.settings_after is None else differing_settings(self.settings, self.settings_after)


@dataclass(frozen=True, slots=True)
class AccountReport(JsonReport):
    """The settings that apply to an account and its devices, on each cloud of the school."""

    context: RunContext
    playbooks: Playbooks
    tenants: Mapping[str, str]
    address: str
    purpose: Purpose
    at: datetime
    clouds: tuple[CloudSettings, ...]
    has_plan: bool = False

    @property
    def exit(self) -> Exit:
        """Return 3 if the plan changes something or settings cancel each other, 4 if something is unknown, else 0."""
        shown = [setting for cloud in self.clouds for setting in cloud.result_settings]
        if any(cloud.differences for cloud in self.clouds):
            return Exit.PENDING
        if any(setting.outcome is SettingOutcome.CANCELLED for setting in shown):
            return Exit.PENDING
        if any(cloud.failure or cloud.unread_kinds for cloud in self.clouds):
            return Exit.UNREAD
        unknown = any(setting.outcome is SettingOutcome.CANNOT_TELL for setting in shown)
        return Exit.UNREAD if unknown else Exit.AS_WANTED


_NOT_FOUND = (
    "no cloud of the school has an account with this address. Check its spelling in the admin centre. "
    "toolkit suggests no other address, because that would show who is at the school"
)


def find_account_settings(
    context: RunContext, playbooks: Playbooks, question: AccountQuestion, ledger: Ledger, *, after_plan: bool
) -> AccountReport:
    """Return the settings that apply to an account, and record the question in the ledger under a pseudonym.

    With `after_plan`, the plan for the moment of the question is made too. Raise UsageError, and record nothing, if no
    cloud has the account.
    """
    playbooks = limit_to_provider(playbooks, context.provider)
    moment = question.at or context.now
    planned = replace(context, now=moment) if after_plan else context
    with open_for_question(planned, playbooks, ledger if after_plan else None) as (reached, plan):
        clouds = tuple(
            read_cloud_settings(reached, name, question, moment, context=context, playbooks=playbooks, plan=plan)
            for name in playbooks.school.tenants
            if account_settings(name)
        )
        if not any(cloud.account or cloud.failure for cloud in clouds):
            raise UsageError(_NOT_FOUND)
        report = AccountReport(
            context, playbooks, reached.tenants, question.address, question.purpose, moment, clouds, plan is not None
        )
    _record_question(report, ledger)
    return report


def read_cloud_settings(
    reached: Tenants,
    provider: str,
    question: AccountQuestion,
    moment: datetime,
    *,
    context: RunContext,
    playbooks: Playbooks,
    plan: Plan | None = None,
) -> CloudSettings:
    """Return the settings that apply to an account on one cloud. Nothing is recorded."""
    title = cloud_titles()[provider]

    def read() -> CloudSettings:
        if provider not in reached.connections:
            raise reached.unreached.get(provider) or BadAnswer(f"{provider} was not read")
        connection = reached.connections[provider]
        opener = account_settings(provider)
        assert opener
        reader = opener(connection)
        account = reader.find(question.address)
        if account is None:
            return CloudSettings(provider=provider, title=title)
        observed, unread = _read_kinds(connection, provider, reader, account, context=context, plan=plan)
        before = current_objects(observed)
        after = projected_objects(observed, plan) if plan else None
        roles = _roles_with_periods(playbooks, provider, moment)
        groups = reader.named_groups(account, before) | frozenset(roles.values())
        if after is not None:
            groups |= reader.named_groups(account, after)
        directory = _read_groups(connection, groups)
        settle = partial(_settle, reader, account, directory)
        return CloudSettings(
            provider=provider,
            title=title,
            account=account,
            settings=settle(before),
            settings_after=None if after is None else settle(after),
            unread_kinds=unread,
            not_read=reader.not_read,
            periods=tuple(_find_periods(playbooks, roles, AccountFacts(account, before, directory), moment)),
        )

    cloud = attempt(title, read)
    return (
        CloudSettings(provider=provider, title=title, failure=str(cloud)) if isinstance(cloud, ServiceError) else cloud
    )


def _settle(
    reader: AccountReader, account: CloudAccount, directory: Directory, objects: Objects
) -> tuple[AccountSetting, ...]:
    return settle_settings(reader.list_layers(AccountFacts(account, objects, directory)))


def _read_kinds(
    connection: Connection,
    provider: str,
    reader: AccountReader,
    account: CloudAccount,
    *,
    context: RunContext,
    plan: Plan | None,
) -> tuple[ObservedState, Mapping[str, str]]:
    """Return the objects of the kinds that reach accounts, and the reason for each kind that could not be read.

    Of kinds that cannot be listed, the objects that the plan changes are read too.
    """
    changed = [change.address for change in plan.changes] if plan else []
    names = {
        f"{provider}.{kind}": named | {address.name for address in changed if address.kind == kind}
        for kind, named in reader.object_names(account).items()
    }
    chosen: dict[str, Kind[Connection]] = {}
    unread: dict[str, str] = {}
    for name in reader.kinds:
        if broken := broken_kind(provider, name):
            unread[name] = str(broken)
        else:
            chosen[f"{provider}.{name}"] = kinds(provider)[name]
    observed = observe_kinds({provider: connection}, chosen, context.progress, names)
    unlisted = [unknown for unknown in observed.unknown if unknown.address is None]
    return observed, {**unread, **{entry.kind.partition(".")[2]: admin_text(entry.reason) for entry in unlisted}}


def _read_groups(connection: Connection, groups: frozenset[str]) -> Directory:
    if not groups:
        return Directory()
    directory = attempt("directory", lambda: connection.directory(people=False, groups=sorted(groups)))
    if isinstance(directory, ServiceError):
        return Directory(unknown=dict.fromkeys(groups, str(directory)))
    return directory


def _periods(playbooks: Playbooks, moment: datetime) -> Sequence[Departure | Pilot]:
    live = [exception for exception in playbooks.departures if exception.live(moment)]
    return [*live, *(pilot for pilot in playbooks.pilots if pilot.live(moment))]


def _roles_with_periods(playbooks: Playbooks, provider: str, moment: datetime) -> Mapping[str, str]:
    """Return the group or unit on a cloud for each role that has an exception or a pilot, by the role."""
    roles = {period.audience for period in _periods(playbooks, moment)} - {EVERYONE}
    references = {
        role: playbooks.school.roles[role].on(provider) for role in sorted(roles) if role in playbooks.school.roles
    }
    return {role: reference for role, reference in references.items() if reference}


def _find_periods(
    playbooks: Playbooks, roles: Mapping[str, str], facts: AccountFacts, moment: datetime
) -> Iterator[ActivePeriod]:
    for period in _periods(playbooks, moment):
        has = facts.is_in(roles[period.audience]) if period.audience in roles else None
        if period.audience == EVERYONE or (has and has.value is not False):
            yield ActivePeriod(
                name=period.name,
                control=period.entry.name,
                role=period.audience,
                begins=getattr(period, "begins", None),
                ends=period.ends,
                is_pilot=isinstance(period, Pilot),
                doubt="" if has is None or has.value else "; ".join(has.reasons),
            )


def _record_question(report: AccountReport, ledger: Ledger) -> None:
    """Record who was looked up and why. The person is named by a pseudonym only."""
    person = Pseudonyms(ledger).create_pseudonym(_main_address(report))
    context = replace(report.context, flags=(f"{person} --why {report.purpose.value}",))
    journal = Journal(ledger, context.run, context.now)
    journal.record_start(context, report.playbooks, report.tenants)
    journal.record_end(code=report.exit, summary={}, unmanaged={})


def _main_address(report: AccountReport) -> str:
    return next((cloud.account.address for cloud in report.clouds if cloud.account), report.address)
