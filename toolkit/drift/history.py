"""Find out from the ledger and the tenants' logs when a difference began and who made it."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import TypeAlias

import toolkit
from toolkit.drift.model import Cause, DifferenceType, Unchanged
from toolkit.engine.extension import Expand
from toolkit.engine.refresh import TenantSurvey
from toolkit.engine.run_report import UNREAD
from toolkit.errors import Exit, PlaybookError, RequestFailed
from toolkit.ledger.change_history import read_writes
from toolkit.ledger.entries import Action, StepBegan
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.tables import FindingRow
from toolkit.planning.change import Change
from toolkit.planning.diff import NAME
from toolkit.records import dataclass
from toolkit.sdk.audit_log import Actor, LoggedChange, Traces, find_last_change
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.resource import Address, Desired, parse_address
from toolkit.sdk.spec import wire_name
from toolkit.values import Settings

FORGOTTEN = "a person whose name was removed"


def repaired_findings(ledger: Ledger, rows: Collection[FindingRow]) -> frozenset[str]:
    """Return the findings that a run has repaired since the last drift run."""
    addresses = {row.address: parse_address(row.address) for row in rows}
    writes = read_writes(ledger, addresses.values()) if addresses else {}
    return frozenset(
        row.id
        for row in rows
        if any(n > row.n and does_step_repair(step, row) for n, step in writes.get(addresses[row.address], ()))
    )


_REPAIRS: Mapping[str, frozenset[Action]] = {
    DifferenceType.DIFFERENT: frozenset({Action.CREATE, Action.UPDATE}),
    DifferenceType.MISSING: frozenset({Action.CREATE, Action.UPDATE}),
    DifferenceType.UNWANTED: frozenset({Action.DELETE, Action.UPDATE}),
    DifferenceType.MOVED: frozenset({Action.MOVE, Action.CREATE}),
    DifferenceType.DEFEATED: frozenset({Action.MOVE, Action.CREATE, Action.DELETE}),
    DifferenceType.LOOK_ALIKE: frozenset({Action.UPDATE, Action.ADOPT}),
}
"""The writes that end a finding. A refusal ends with any write, and a look-alike is still there after a create."""


def does_step_repair(step: StepBegan, finding_row: FindingRow) -> bool:
    """Return whether a write repaired a finding. A write to another setting of the same object does not count."""
    if step.action not in _REPAIRS.get(finding_row.what, frozenset(Action)):
        return False
    if finding_row.what != DifferenceType.DIFFERENT or step.action is Action.CREATE:
        return True
    if finding_row.path == NAME:
        return step.was_named is not None and step.was_named != step.address.name
    sent, before = step.sent or {}, step.before or {}
    return finding_row.path in sent and sent[finding_row.path] != before.get(finding_row.path)


DesiredSettings: TypeAlias = Mapping[Address, Settings | None]
"""The desired settings by object, None for an object that must not exist."""


class FindingHistory:
    """The ledger's records of earlier drift runs and applies. They are read only if there is a difference."""

    def __init__(self, ledger: "Ledger", before: Mapping[str, FindingRow]) -> None:
        self.ledger, self.before = ledger, before
        self.repaired = repaired_findings(ledger, before.values())
        self.memory = LedgerMemory(ledger)
        self.drift = next((run for run in self.memory.runs_of(["drift"]) if not (run.ended and run.ended.failed)), None)
        self.applied = self.memory.all()
        self._same: dict[str, Unchanged | None] = {}
        self._wishes: dict[datetime, DesiredSettings] = {}

    def find_open(self, key: str) -> FindingRow | None:
        """Return the finding of the previous drift run with this key, or None if there is none or a run has repaired
        it.
        """
        return None if key in self.repaired else self.before.get(key)

    def unchanged_since(
        self,
        address: Address,
        survey: TenantSurvey,
        now: datetime,
        *,
        path: str | None,
        previous_run_was_complete: bool,
    ) -> Unchanged | None:
        """Return which facts have not changed since the object was last applied or, if it was never applied, since the
        previous drift run. `path` is the setting, or None for the whole object.
        """
        applied, drift = self.applied.get(address), self.drift.began if self.drift else None
        run = applied.run if applied else (drift.run if drift else "")
        if applied and drift and previous_run_was_complete and drift.at >= applied.at:
            run = drift.run
        if run not in self._same:
            self._same[run] = self._unchanged_since_run(run, survey) if run else None
        same, began = self._same[run], self.memory.start_entry(run) if run else None
        if same is None or began is None or same.desired_change_cause is not Cause.FOLLOWED:
            return same
        then, today = (self._desired_settings_at(survey, moment).get(address) for moment in (began.at, now))
        if then is None:  # the desired state of that time is unknown
            return same
        differs = then != today if path is None else then.get(path) != (today or {}).get(path)
        return replace(same, date=differs)

    def new_request_cause(self, change: Change, survey: TenantSurvey, now: datetime) -> Cause | None:
        """Return why the playbooks, although unchanged, now write an object that the previous drift run did not write.

        The previous run refused the object or did not need it. Return None in all other cases.
        """
        same = (
            self._unchanged_since_run(self.drift.began.run, survey)
            if self.drift and self.previous_run_read_everything()
            else None
        )
        if self.drift is None or survey.expand is None or not (same and same.playbooks and same.toolkit):
            return None
        if any(
            (row.address, row.what) == (str(change.address), DifferenceType.REFUSED) for row in self.before.values()
        ):
            return Cause.PLAYBOOK
        then, today = (
            self._desired_settings_at(survey, moment).get(change.address) for moment in (self.drift.began.at, now)
        )
        return Cause.TIME if then != today else None

    def _desired_settings_at(self, survey: TenantSurvey, moment: datetime) -> DesiredSettings:
        """Return the settings that the present playbooks would have required at another time, in the tenants as they
        are now.
        """
        if moment not in self._wishes:
            self._wishes[moment] = _desired_settings(survey.expand, moment) if survey.expand else {}
        return self._wishes[moment]

    def previous_run_read_everything(self) -> bool:
        """Return whether the previous drift run read everything. Its exit code does not show this."""
        drift = self.drift
        if not (drift and drift.ended) or drift.began.flags:
            return False
        return drift.ended.exit != Exit.UNREAD and not any(map(drift.ended.summary.get, ("unknown", UNREAD)))

    def _unchanged_since_run(self, run: str, survey: TenantSurvey) -> Unchanged | None:
        began = self.memory.start_entry(run)
        if began is None:
            return None
        return Unchanged(began.playbooks == survey.playbooks.digest, began.version == toolkit.__version__)

    def actor(self, row: FindingRow) -> Actor | None:
        """Return the person or application that made a difference, or None if the ledger no longer has the name."""
        if row.actor is None:
            return None
        if not row.person:
            return Actor(row.actor, person=False)
        return Actor(Pseudonyms(self.ledger).address(row.actor) or FORGOTTEN, person=True)


def _desired_settings(expand: Expand, moment: datetime) -> DesiredSettings:
    with suppress(PlaybookError):  # invalid playbooks had no desired state then
        desired = expand(now=moment).wanted
        return {resource.address: resource.settings if isinstance(resource, Desired) else None for resource in desired}
    return {}


LATE = timedelta(days=3)
"""How long a log may take to show a change. After that time the log is not read again for it."""

_OLDEST = timedelta(days=30)
_SLACK = timedelta(hours=1)  # our clock and the service's need not agree


@dataclass(frozen=True, slots=True)
class ChangeSearch:
    """A search of the tenants' logs for the author of a difference."""

    address: Address
    names: tuple[str, ...]  # the object's ids and names
    path: str  # the setting that differs, "" for the whole object
    after: datetime | None  # when we wrote to it last
    last_look: datetime | None  # when the drift before looked
    since: datetime  # when it was seen first

    def earliest_time(self) -> datetime:
        """Return the earliest time at which the difference could have been made."""
        instants = [instant for instant in (self.after, self.last_look) if instant and instant < self.since]
        return max(instants, default=self.since - _OLDEST) - _SLACK

    def earliest_log_time(self) -> datetime:
        """Return the earliest time of a log entry that can explain the difference.

        It is the time of toolkit's last write, or the last time at which there was no difference.
        """
        return max(self.earliest_time(), self.after or self.earliest_time())


@dataclass(frozen=True, slots=True)
class ChangeTraces:
    """The log entries that show who made each difference, by finding id, and the errors from logs that could not be
    read.
    """

    authors: Mapping[str, LoggedChange] = field(default_factory=dict)
    log_errors: tuple[str, ...] = ()


def find_authors_in_logs(survey: TenantSurvey, searches: Mapping[str, ChangeSearch], now: datetime) -> ChangeTraces:
    """Return the log entries that show who made each difference.

    The log of each tenant is read once. Differences without a matching log entry are left out.
    """
    young = {
        key: search for key, search in searches.items() if now - search.since <= LATE and _has_audit_log(survey, search)
    }
    authors: dict[str, LoggedChange] = {}
    unread: list[str] = []
    for provider in dict.fromkeys(search.address.provider for search in young.values()):
        of_tenant = {key: search for key, search in young.items() if search.address.provider == provider}
        traces = _read_traces(survey, provider, list(of_tenant.values()), now)
        unread += traces.unread_reasons
        for key, search in of_tenant.items():
            if trace := _find_author(survey, search, traces):
                authors[key] = trace
    return ChangeTraces(authors, tuple(unread))


def _find_author(survey: TenantSurvey, search: ChangeSearch, traces: Traces) -> LoggedChange | None:
    kind = survey.kinds[search.address.kind_path]
    setting = kind.spec.table().get(search.path)
    called = wire_name(search.path, setting) if setting else search.path or None
    if kind.logged is None:
        return None
    return find_last_change(traces.changes, kind.logged, search.names, called, search.earliest_log_time())


def _has_audit_log(survey: TenantSurvey, search: ChangeSearch) -> bool:
    return search.address.kind_path in survey.kinds and survey.kinds[search.address.kind_path].logged is not None


def _read_traces(survey: TenantSurvey, provider: str, searches: Sequence[ChangeSearch], now: datetime) -> Traces:
    kinds = (survey.kinds[search.address.kind_path] for search in searches)
    logs = {kind.logged.log for kind in kinds if kind.logged}
    try:
        begins = min(search.earliest_time() for search in searches)
        return read_safely("log", lambda: survey.connections[provider].read_logged_changes(logs, begins, now + _SLACK))
    except RequestFailed as error:
        return Traces(unread_reasons=(str(error),))
