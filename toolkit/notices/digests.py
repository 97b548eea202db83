"""The digest for each notification channel: what it does not know yet, by the ledger and by a drift."""

from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from toolkit.drift.model import Cause
from toolkit.drift.run import DriftReport
from toolkit.engine.notices.deliver import Notice
from toolkit.engine.notices.transports import Posted
from toolkit.engine.prepare_run import PreparedRun
from toolkit.ledger.change_history import last_written, open_findings
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.notifications_sent import ChannelState, fixed_findings, held_back
from toolkit.ledger.tables import FindingRow
from toolkit.notices.digest import Digest, digest, subject, text
from toolkit.notices.digest_content import Wording
from toolkit.notices.digest_due import NO_ANSWER, OfDue, answers_again, covered
from toolkit.notices.digest_entry import FINDING, RUN, Noted
from toolkit.notices.digest_resolved import is_failing, is_narrowed
from toolkit.notices.quiet_hours import of_morning, over_by_morning, to_hold
from toolkit.sdk.address import parse_address
from toolkit.sdk.notices import Notices
from toolkit.sdk.schedule import DRIFT, DUE


class Digests:
    """The digests of one run: of a drift with what it saw, or of one for what is due, after what a drift held back.

    `drift` is None where it came to no answer, and where there was none.
    """

    def __init__(
        self,
        run: PreparedRun,
        notices: Notices,
        wording: Wording,
        *,
        seen: Sequence[Noted] | None,
        drift: DriftReport | None,
        due: OfDue | None = None,
    ) -> None:
        self._run, self._notices, self._wording = run, notices, wording
        self._seen, self._drift, self._due = seen, drift, due
        self.quiet = notices.quiet_until(run.context.now)
        self.waiting = 0  # the most that a channel is not told for now
        self._held = held_back(run.ledger)
        findings = map(wording.finding, self._findings())
        self._noted = _by_id([*findings, *(seen or ()), *(due.noted() if due else ())])

    def __call__(self, told: ChannelState) -> Notice | None:
        """Write one digest; a drift that found nothing new says so where a sign of life is due."""
        ids = {key.removeprefix(FINDING) for key in told.things if key.startswith(FINDING)}
        over = _by_id(self._wording.over(told.things, fixed_findings(self._run.ledger, ids), self._drift))
        noted = {**self._noted, **_by_id(map(self._wording.happened, told.untold))}
        if self._due:
            over |= _by_id(self._due.over(told.things))
        if self._held_since(told):
            waited = of_morning(self._held.things, self._wording)
            noted = {**noted, **_by_id([one for one in waited if self._seen is None or not one.lasting])}
            if self._seen is None:
                over = {**over, **_by_id(over_by_morning(told.things, self._held.things))}
        for job, failing in ((DRIFT, RUN), (DUE, NO_ANSWER)):
            if failing in told.things:  # it was told when it failed
                noted = {key: one for key, one in noted.items() if not is_failing(key, job)}
        if self._drift and self._due_answers():
            over |= _by_id(answers_again(told.things))
        found = digest(noted, over, told.things, quiet=self.quiet is not None)
        self.waiting = max(self.waiting, found.waiting)
        alive = self._drift is not None and self.quiet is None
        due = alive and self._notices.heartbeat_due(told.at, self._run.context.now)
        return Notice(self._posted(found), found.things) if found or due else None

    def to_hold(self, channels: Sequence[ChannelState]) -> Mapping[str, str] | None:
        """Give what a drift in quiet hours leaves for after them; None where nothing needs to be written down."""
        if self.quiet is None or self._drift is None or is_narrowed(self._drift.run):
            return None
        things = (one for told in channels for one in told.things.items())
        known = {key: state for key, state in things if not key.startswith(FINDING)}
        if all(self._held_since(told) for told in channels):
            known |= self._held.things
        if not (known or self._seen):
            return None
        return to_hold(self._seen or (), known, self._wording.over(known, {}, self._drift))

    def _findings(self) -> Sequence[FindingRow]:
        """Leave out what was written since it was seen, and what is told with its exception.

        What time alone brought is for a drift to tell.
        """
        found = open_findings(self._run.ledger).values()
        written = last_written(self._run.ledger, {parse_address(row.address) for row in found})
        rows = [row for row in found if written.get(parse_address(row.address), 0) <= row.n]
        if self._drift is None:
            return [row for row in rows if row.cause != Cause.TIME]
        with_exception = covered(self._drift.run)
        return [row for row in rows if row.cause != Cause.TIME or parse_address(row.address) not in with_exception]

    def _due_answers(self) -> bool:
        last = LedgerMemory(self._run.ledger).last_run(DUE)
        return bool(last and last.ended and not last.ended.failed)

    def _held_since(self, told: ChannelState) -> bool:
        return self._held.at is not None and (told.at is None or told.at <= self._held.at)

    def _posted(self, found: Digest) -> Posted:
        school, live, redactor = self._run.playbooks.school, self._run.context.target.live, self._run.ledger.redactor
        local = self._run.context.now.astimezone(ZoneInfo(school.time_zone))
        return Posted(
            redactor.text(subject(found, school, live=live)), redactor.text(text(found, school, local, live=live))
        )


def _by_id(noted: Iterable[Noted]) -> dict[str, Noted]:
    return {one.id: one for one in noted}
