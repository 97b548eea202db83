"""Judge the policy for a school of a trust, which may be in several tenants with ledgers of their own."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import field
from pathlib import Path
from typing import Unpack

from toolkit.engine.judged_school import UnreadTenant, join_readings
from toolkit.engine.policy import (
    PolicyReading,
    PolicyReport,
    judge_policy,
    read_for_policy,
    refuse_missing_policy,
)
from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.refresh import TenantSurvey
from toolkit.engine.selection import Selection
from toolkit.errors import RequestFailed, UsageError, WrongTenant
from toolkit.features import RunOptions, open_run
from toolkit.ledger.redact import Redactor
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.reason import Reason, ReasonCode, reason_of
from toolkit.settings.settings import Settings, is_secret, read_settings
from toolkit.trust.load import load_trust
from toolkit.trust.slices import load_tenant
from toolkit.trust.tenant_settings import settings_of_chosen_tenant

_NOT_CHOSEN = ReasonCode(
    "tenant_not_chosen",
    admin="the tenant {tenant} was not read in this run",
    governor="a part of the school's accounts and devices was not read for this report",
)
_NOT_OPENED = ReasonCode(
    "tenant_not_opened",
    admin="the tenant {tenant} was not read: {why}",
    governor="a part of the school's accounts and devices could not be read for this report",
)

UseSurvey = Callable[[PreparedRun, TenantSurvey], None]
"""Reads more of a tenant while it is connected."""


@dataclass(frozen=True, slots=True)
class SchoolReadings:
    """The readings of a school's tenants, and the tenants that were not read."""

    school: str
    readings: Sequence[PolicyReading]
    unread_tenants: Sequence[UnreadTenant]
    settings: Sequence[Settings] = field(repr=False)  # they hold the tenants' secrets

    def judge(self) -> PolicyReport:
        """Return the status of each policy clause from all readings."""
        return judge_policy(self.readings, join_readings(self.school, self.readings, self.unread_tenants))

    @property
    def redactor(self) -> Redactor:
        """Return the redactor that removes the secrets of all tenants."""
        variables = (variable for settings in self.settings for variable in settings.variables.items())
        return Redactor(value for name, value in variables if is_secret(name, value))


def load_judged_school(path: Path, selection: Selection) -> Playbooks:
    """Return the playbooks of a tenant of a school, of which there may be several.

    Raise UsageError for a name that the trust does not have. Without a school, all schools of a tenant are returned.
    """
    trust = load_trust(path)
    tenant = selection.tenant
    if tenant is None and len(selection.schools) == 1 and selection.schools[0] in trust.schools:
        tenant = next(name for name in trust.tenants if name in trust.schools[selection.schools[0]].tenants)
    return load_tenant(trust, tenant or next(iter(trust.tenants)), selection.schools)


@contextmanager
def read_school(
    playbooks: Playbooks,
    selection: Selection,
    command: str,
    use_survey: UseSurvey = lambda _run, _survey: None,
    **options: Unpack[RunOptions],
) -> Iterator[SchoolReadings]:
    """Read each tenant of a school, or only the tenant of the selection. The ledgers stay open until the end.

    A tenant that cannot be read does not stop the others. Raise the error of the first tenant if none can be read.
    """
    (school,) = playbooks.slices.selection
    with ExitStack() as opened:
        readings: list[PolicyReading] = []
        unread: list[UnreadTenant] = []
        used: list[Settings] = []
        errors: list[RequestFailed | UsageError | WrongTenant] = []
        for tenant in _SchoolTenants(playbooks, school, options).all():
            if selection.tenant not in {None, tenant.name}:
                unread.append(UnreadTenant(tenant.playbooks, _NOT_CHOSEN(tenant=tenant.name)))
                continue
            try:
                settings = tenant.settings()
                readings.append(tenant.read(opened, settings, selection, command, use_survey))
                used.append(settings)
            except (RequestFailed, UsageError, WrongTenant) as error:
                errors.append(error)
                unread.append(UnreadTenant(tenant.playbooks, _why_unread(tenant.name, error)))
        if not readings:
            raise errors[0]
        yield SchoolReadings(school, readings, unread, used)


def evaluate_school_policy(playbooks: Playbooks, selection: Selection, **options: Unpack[RunOptions]) -> PolicyReport:
    """Return the status of each policy clause for a school, and record the run in the ledger of each tenant."""
    from toolkit.engine.judged_slice import prepare_for_one_school
    from toolkit.engine.report_json import add_json_writer
    from toolkit.trust.school_policy_answer import school_policy_json

    prepare_for_one_school(playbooks)
    refuse_missing_policy(playbooks)
    with read_school(playbooks, selection, "policy", **options) as school:
        report = school.judge()
        for reading in school.readings:
            reading.record(report)
        return add_json_writer(report, school_policy_json, school.redactor)


def _why_unread(tenant: str, error: Exception) -> Reason:
    if isinstance(error, RequestFailed):
        return reason_of(error)
    return _NOT_OPENED(tenant=tenant, why=str(error))


@dataclass(frozen=True, slots=True)
class _SchoolTenants:
    """The tenants of a school that is judged."""

    playbooks: Playbooks
    school: str
    options: RunOptions

    def all(self) -> Iterator["_SchoolTenant"]:
        """Yield the tenants of the school, in the order of trust.yaml."""
        trust = load_trust(self.playbooks.root)
        given = self.options.get("settings") or read_settings(self.playbooks.root)
        names = [name for name in trust.tenants if name in trust.schools[self.school].tenants]
        for name in names:
            loaded = load_tenant(trust, name, [self.school])

            def settings(tenant: str = name) -> Settings:
                return settings_of_chosen_tenant(given, trust, tenant, os.environ, is_only=len(names) == 1)

            yield _SchoolTenant(name, loaded, settings, self.options)


@dataclass(frozen=True, slots=True)
class _SchoolTenant:
    """A tenant of a school that is judged. Its settings are read when the tenant is."""

    name: str
    playbooks: Playbooks
    settings: Callable[[], Settings]
    options: RunOptions

    def read(
        self, opened: ExitStack, settings: Settings, selection: Selection, command: str, use_survey: UseSurvey
    ) -> PolicyReading:
        """Read the tenant. Its ledger stays open."""
        options: RunOptions = {**self.options, "settings": settings}
        run = opened.enter_context(open_run(self.playbooks, selection, command=command, **options))
        return read_for_policy(run.context, self.playbooks, run.ledger, lambda survey: use_survey(run, survey))
