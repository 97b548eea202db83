"""Write a digest for each notification channel, from new entries and from entries that quiet hours delayed.

No person is named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from toolkit.drift.history import repaired_findings
from toolkit.drift.model import Cause
from toolkit.drift.run import DriftReport
from toolkit.engine.apply.outcome import Result
from toolkit.engine.notices.deliver import Notice
from toolkit.engine.notices.transports import PlainMessage
from toolkit.engine.prepare_run import PreparedRun
from toolkit.engine.run_report import Report
from toolkit.errors import Exit
from toolkit.holds.model import HoldState
from toolkit.ledger.change_history import open_findings
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.notifications_sent import ONCE, ChannelState, fixed_findings, read_delayed_findings
from toolkit.ledger.tables import FindingRow
from toolkit.notices.digest import (
    CHECKLIST,
    DONE,
    FINDING,
    HOLDS,
    MISSING,
    NEWCOMER,
    NO_ANSWER,
    OVERDUE,
    RENAMED,
    RUN,
    UNDONE,
    UNREAD,
    UNSENT,
    Digest,
    DigestItem,
    compose_digest,
    digest_subject,
    digest_text,
    failed_job_key,
    is_partial_run,
    new_object_item,
    new_object_items,
    object_label,
    record_line,
    resolved_item,
    shorten,
)
from toolkit.notices.digest_content import Wording
from toolkit.planning.due_change import DueChange
from toolkit.records import dataclass
from toolkit.render.values_text import count_text
from toolkit.school.notices import Notices
from toolkit.school.schedule import DRIFT, DUE
from toolkit.sdk.resource import Address, parse_address


def overdue_items(report: Report, wording: Wording) -> Iterator[DigestItem]:
    """Yield an entry for each exception or pilot that a `due` run should have begun or ended by now."""
    for due_change in _late_changes(report):
        advice = f"`toolkit due` cannot make this change: {due_change.blocked}" if due_change.blocked else ""
        yield wording.overdue_item(
            due_change.text, many=f", for {count_text(len(due_change.addresses), 'object')}", advice=advice
        )


def covered_addresses(report: Report) -> frozenset[Address]:
    """Return the objects that an entry about an exception or a pilot already covers."""
    return frozenset(address for due_change in _late_changes(report) for address in due_change.addresses)


def _late_changes(report: Report) -> Iterator[DueChange]:
    return (
        due_change
        for due_change in report.due_changes
        if due_change.must_change_together and due_change.minutes_late(report.context.now)
    )


@dataclass(frozen=True, slots=True)
class DueOutcome:
    """The result of a `due` run: a report or an error."""

    ended: Report | Exception
    holds: HoldState | None  # as they were followed up; None where nobody did
    wording: Wording

    def problems(self) -> Iterator[DigestItem]:
        """Yield the problems of the run.

        Changes that wait, and changes that another command makes, are left out, because drift runs report them.
        """
        if self.holds is HoldState.NOT_AS_WANTED:
            yield self.wording.holds_item()
        if not isinstance(self.ended, Report):
            phrase = f"failed, so nothing that is due was done: {shorten(str(self.ended))}"
            advice = f"`toolkit doctor {self.wording.playbooks}` lists the faults"
            yield DigestItem(id=NO_ANSWER, subject="toolkit due", phrase=phrase, advice=advice)
            return
        says_why = f"`toolkit due {self.wording.playbooks}` shows the reason"
        for name in _undone_names(self.ended):
            yield DigestItem(id=f"{UNDONE}{name}", subject=name, phrase="due, but could not be done", advice=says_why)
        yield from self._refused_items(self.ended)
        if any(result.failures for result in self.ended.results):
            yield DigestItem(
                id=UNSENT, subject="messages to people who are away", phrase="could not be sent", advice=says_why
            )
        yield from new_object_items(self.ended)

    def resolved_items(self, ids: Iterable[str]) -> Iterator[DigestItem]:
        """Yield the reported problems that no longer exist. If a part of the run could not be read, yield nothing."""
        if self.holds in {HoldState.AS_WANTED, HoldState.NONE}:
            yield from (resolved_item(key) for key in ids if key == HOLDS)
        if not isinstance(self.ended, Report):
            return
        undone = {f"{UNDONE}{name}" for name in _undone_names(self.ended)} | {
            entry.id for entry in self._refused_items(self.ended)
        }
        for key in ids:
            if key == UNSENT and not any(result.failures for result in self.ended.results):
                yield DigestItem(id=key, subject="messages to people who are away", phrase="are sent again")
            elif key.startswith(UNDONE) and key not in undone and not self.ended.plan.unknown:
                yield DigestItem(id=key, subject=key.removeprefix(UNDONE), phrase=DONE)

    def _refused_items(self, report: Report) -> Iterator[DigestItem]:
        """Yield the due changes that were refused. Changes that only wait for a change window are left out."""
        for due_change in report.due_changes:
            if due_change.blocked and not due_change.waits and due_change.must_change_together:
                advice = f"`toolkit due` cannot make this change: {due_change.blocked}"
                yield self.wording.overdue_item(
                    due_change.text, many=f", for {count_text(len(due_change.addresses), 'object')}", advice=advice
                )
            elif due_change.blocked and not due_change.waits:
                replies = f"automatic replies on {due_change.addresses[0].provider}"
                phrase = f"due, but refused: {shorten(due_change.blocked)}"
                advice = f"`toolkit apply {self.wording.playbooks}` sets and restores due replies"
                yield DigestItem(id=f"{UNDONE}{replies}", subject=replies, phrase=phrase, advice=advice)


def recovered_job_items(ids: Iterable[str]) -> Iterator[DigestItem]:
    """Yield entries about jobs that no longer fail, which drift runs notice.

    An unreliable service is reported only once.
    """
    return (DigestItem(id=key, subject="toolkit due", phrase="succeeds again") for key in ids if key == NO_ANSWER)


def _undone_names(report: Report) -> list[str]:
    failed = (outcome.address for outcome in report.outcomes or () if outcome.result is not Result.DONE)
    return list(dict.fromkeys(map(object_label, failed)))


class Digests:
    """Writes the digests of a run, which is a drift run or a `due` run.

    The entries that a drift run delayed come first. `drift` is None if the drift run failed, or if there was none.
    """

    def __init__(
        self,
        run: PreparedRun,
        notices: Notices,
        wording: Wording,
        *,
        seen: Sequence[DigestItem] | None,
        drift: DriftReport | None,
        due: DueOutcome | None = None,
    ) -> None:
        self._run, self._notices, self._wording = run, notices, wording
        self._seen, self._drift, self._due = seen, drift, due
        self.quiet = notices.quiet_until(run.context.now)
        self.waiting = 0  # the most that waits for one channel
        self._held = read_delayed_findings(run.ledger)
        findings = map(wording.finding_item, self._findings())
        self._noted = _items_by_id([*findings, *(seen or ()), *(due.problems() if due else ())])

    def __call__(self, channel_state: ChannelState) -> Notice | None:
        """Return the digest for a channel, or None if there is no news.

        A drift run without news returns a digest only if the channel must receive a regular message that the checks
        still run.
        """
        ids = {key.removeprefix(FINDING) for key in channel_state.things if key.startswith(FINDING)}
        over = _items_by_id(
            self._wording.resolved_items(channel_state.things, fixed_findings(self._run.ledger, ids), self._drift)
        )
        noted = {**self._noted, **_items_by_id(map(self._wording.past_event_item, channel_state.untold))}
        if self._due:
            over |= _items_by_id(self._due.resolved_items(channel_state.things))
        if self._has_delayed_entries(channel_state):
            waited = delayed_items(self._held.things, self._wording)
            noted = {**noted, **_items_by_id([entry for entry in waited if self._seen is None or not entry.lasting])}
            if self._seen is None:
                over = {**over, **_items_by_id(resolved_overnight_items(channel_state.things, self._held.things))}
        for job, failing in ((DRIFT, RUN), (DUE, NO_ANSWER)):
            if failing in channel_state.things:  # the failure was reported then
                noted = {key: entry for key, entry in noted.items() if not key.startswith(failed_job_key(job))}
        if self._drift and self._is_due_working():
            over |= _items_by_id(recovered_job_items(channel_state.things))
        content = compose_digest(noted, over, channel_state.things, quiet=self.quiet is not None)
        self.waiting = max(self.waiting, content.waiting)
        alive = self._drift is not None and self.quiet is None and not is_partial_run(self._drift.run)
        due = alive and self._notices.heartbeat_due(channel_state.at, self._run.context.now)
        return Notice(self._to_message(content), content.things) if content or due else None

    def entries_to_hold(self, channels: Sequence[ChannelState]) -> Mapping[str, str] | None:
        """Return the entries that a drift run delays because of quiet hours, or None if there is nothing to record."""
        if self.quiet is None or self._drift is None or is_partial_run(self._drift.run):
            return None
        pairs = (pair for channel_state in channels for pair in channel_state.things.items())
        known_states = {key: state for key, state in pairs if not key.startswith(FINDING)}
        if all(self._has_delayed_entries(channel_state) for channel_state in channels):
            known_states |= self._held.things
        if not (known_states or self._seen):
            return None
        return entries_to_hold(
            self._seen or (), known_states, self._wording.resolved_items(known_states, {}, self._drift)
        )

    def _findings(self) -> Sequence[FindingRow]:
        """Return the open findings that no entry about an exception or a pilot covers.

        A `due` run leaves out changes that became due because of the date, because drift runs report them.
        """
        findings = open_findings(self._run.ledger).values()
        repaired = repaired_findings(self._run.ledger, findings)
        rows = [row for row in findings if row.id not in repaired]
        if self._drift is None:
            return [row for row in rows if row.cause != Cause.TIME]
        with_exception = covered_addresses(self._drift.run)
        return [row for row in rows if row.cause != Cause.TIME or parse_address(row.address) not in with_exception]

    def _is_due_working(self) -> bool:
        last = LedgerMemory(self._run.ledger).last_run(DUE)
        return bool(last and last.ended and not last.ended.failed)

    def _has_delayed_entries(self, channel_state: ChannelState) -> bool:
        return self._held.at is not None and (channel_state.at is None or channel_state.at <= self._held.at)

    def _to_message(self, content: Digest) -> PlainMessage:
        school, live, redactor = self._run.playbooks.school, self._run.context.target.live, self._run.ledger.redactor
        local = self._run.context.now.astimezone(ZoneInfo(school.time_zone))
        code = self._drift.run.exit if self._drift else Exit.AS_WANTED
        record = record_line(self._run.ledger.head())  # after the redaction, which would take the hash for a secret
        return PlainMessage(
            redactor.text(digest_subject(content, school, live=live, code=code)),
            f"{redactor.text(digest_text(content, school, local, live=live, code=code))}\n{record}\n",
        )


def _items_by_id(entries: Iterable[DigestItem]) -> dict[str, DigestItem]:
    return {entry.id: entry for entry in entries}


def entries_to_hold(
    observed: Iterable[DigestItem], known_states: Mapping[str, str], resolved: Iterable[DigestItem]
) -> Mapping[str, str]:
    """Return the entries to record during quiet hours: the entries of this run, and entries that were sent and whose
    state is unknown now.
    """
    gone = {entry.id for entry in resolved}
    still = {key: state for key, state in known_states.items() if not key.startswith(FINDING) and key not in gone}
    return {**still, **{entry.id: entry.state if entry.lasting else ONCE for entry in observed}}


def delayed_items(held: Mapping[str, str], wording: Wording) -> Iterator[DigestItem]:
    """Yield the entries that quiet hours delayed.

    Critical findings are left out because they were sent at once. Failures of `due` are left out because `due` reports
    them.
    """
    for key, state in held.items():
        if state == ONCE:
            yield wording.past_event_item(key)
        elif key.startswith(RENAMED):
            yield wording.renamed_group_item(key.removeprefix(RENAMED), state)
        elif key.startswith(MISSING):
            yield wording.missed_runs_item(key.removeprefix(MISSING), stays_open=True)
        elif key.startswith(UNREAD):
            yield wording.unread_item(key.removeprefix(UNREAD))
        elif key.startswith(NEWCOMER):
            yield new_object_item(key.removeprefix(NEWCOMER), state)
        elif key.startswith(OVERDUE):
            yield wording.overdue_item(key.removeprefix(OVERDUE))
        elif key.startswith(CHECKLIST):
            yield wording.checklist_item(key.removeprefix(CHECKLIST), state)


def resolved_overnight_items(known_ids: Iterable[str], held: Mapping[str, str]) -> Iterator[DigestItem]:
    """Yield entries about problems that a channel knows and that were resolved during quiet hours."""
    return (resolved_item(key) for key in known_ids if not key.startswith(FINDING) and key not in held)
