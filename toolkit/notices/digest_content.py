"""Write the entries of a digest, from findings in the ledger and from other results of a run.

A person is never named as an owner or as an author, because the readers of a channel are unknown.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.drift.model import Cause, DifferenceType
from toolkit.drift.run import DriftReport
from toolkit.drift.text import CAUSES, ending_phrase
from toolkit.holds.model import HoldState
from toolkit.holds.run import HoldsResult
from toolkit.ledger.tables import FindingRow
from toolkit.notices.digest import (
    CHECKLIST,
    COPIES,
    FAILED,
    FINDING,
    HOLDS,
    MISSING,
    OVERDUE,
    RENAMED,
    RUN,
    UNREAD,
    DigestItem,
    failed_job_key,
    has_ended,
    new_object_items,
    object_label,
    resolved_item,
    shorten,
    unread_name,
    unread_parts_without_objects,
)
from toolkit.planning.finding_state import Ending, FindingState
from toolkit.planning.plan_details import Unknown
from toolkit.records import dataclass
from toolkit.school.schedule import DRIFT, DUE
from toolkit.sdk.dates import day
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import parse_address


@dataclass(frozen=True, slots=True)
class Wording:
    """Writes the entries of messages to a school."""

    zone: ZoneInfo
    year: int
    playbooks: Path

    def finding_item(self, row: FindingRow) -> DigestItem:
        """Return the entry about an open finding."""
        of, what = object_and_setting(row)
        contested = row.state == FindingState.CONTESTED
        since = f"since {self.day(datetime.fromisoformat(row.since))}"
        phrase = "changed again after each repair" if contested else difference_phrase(row)
        return DigestItem(
            id=f"{FINDING}{row.id}",
            state=str(row.state),
            subject=of,
            what=what,
            phrase=f"{phrase} {since}{cause_text(row)}",
            advice=find_advice(row, self.playbooks),
        )

    def resolved_finding_item(self, row: FindingRow) -> DigestItem:
        """Return the entry about a finding that is resolved."""
        of, what = object_and_setting(row)
        since = self.day(datetime.fromisoformat(row.since))
        ending = ending_phrase(row.what, Ending(row.how or Ending.AS_WANTED))
        phrase = f"{difference_phrase(row)} since {since}; {ending}"
        return DigestItem(id=f"{FINDING}{row.id}", subject=of, what=what, phrase=phrase)

    def day(self, instant: datetime) -> str:
        """Return the date of an instant as text."""
        return day(instant.astimezone(self.zone), self.year)

    def drift_items(self, drift: DriftReport) -> Iterator[DigestItem]:
        """Yield entries about results of a drift run other than findings: holds, unread objects, missed runs."""
        report = drift.run
        holds = report.find_result(HoldsResult)
        if holds and holds.state is HoldState.NOT_AS_WANTED:
            yield self.holds_item()
        if holds and holds.overdue:
            yield self.evidence_copies_item(holds.overdue)
        yield from {entry.id: entry for entry in map(self._unknown_item, report.plan.unknown)}.values()
        yield from map(self.unread_item, unread_parts_without_objects(report))
        for what, now in dict.fromkeys((group.former_name_text, group.now) for group in report.renamed):
            places = [
                str(group.origin) for group in report.renamed if (group.former_name_text, group.now) == (what, now)
            ]
            yield self.renamed_group_item(what, now, f"write the new name in {' and '.join(places)}")
        yield from new_object_items(report)
        yield from (self.failed_runs_item(failed_job_key(fault.job), fault.text) for fault in drift.failed)
        yield from (self.missed_runs_item(fault.text, stays_open=fault.lasts) for fault in drift.missed_runs)
        yield from (self.checklist_item(name, str(number)) for name, number in drift.checklists.items())

    def renamed_group_item(self, former_name: str, current_name: str, advice: str = "") -> DigestItem:
        """Return the entry about a renamed group.

        If the lines of the playbooks with the old name are unknown, the advice is a command that shows them.
        """
        where = advice or f"`toolkit rollover {self.playbooks}` shows where to write the new name"
        return DigestItem(
            id=f"{RENAMED}{former_name}",
            state=current_name,
            subject=former_name,
            phrase=f"is now called {current_name}",
            advice=where,
        )

    def checklist_item(self, name: str, overdue: str) -> DigestItem:
        """Return the entry about a checklist that has overdue steps."""
        steps = f"{overdue} {'step is' if overdue == '1' else 'steps are'} overdue"
        advice = f"`toolkit checklist status {name} --playbooks {self.playbooks}` shows them"
        return DigestItem(
            id=f"{CHECKLIST}{name}", state=overdue, subject=f"checklist {name}", phrase=steps, advice=advice
        )

    def holds_item(self) -> DigestItem:
        """Return the entry about legal holds that are not in place."""
        return DigestItem(
            id=HOLDS,
            subject="holds",
            phrase="not in place, so evidence may be lost",
            advice=f"a person with the key of the hold register must run `toolkit hold list {self.playbooks}` today",
            critical=True,
        )

    def evidence_copies_item(self, overdue: int) -> DigestItem:
        """Return the entry about copies of evidence whose review is overdue. The copies are not named."""
        return DigestItem(
            id=COPIES,
            state=str(overdue),
            subject=COPIES,
            phrase=f"past their review date: {overdue}",
            advice="a person with the key of the hold register must run `toolkit custody list`",
        )

    def overdue_item(self, text: str, *, many: str = "", advice: str = "") -> DigestItem:
        """Return the entry about an exception that a `due` run should have begun or ended."""
        return DigestItem(
            id=f"{OVERDUE}{text}",
            subject=text,
            phrase=f"not done yet{many}",
            advice=advice or f"run `toolkit due {self.playbooks} --yes`, and check that its scheduled job runs",
        )

    def past_event_item(self, key: str) -> DigestItem:
        """Return the entry about an earlier event, from the event's key in the ledger."""
        if not key.startswith(FAILED):
            return self.missed_runs_item(key)
        start = next((start for start in map(failed_job_key, (DRIFT, DUE)) if key.startswith(start)), FAILED)
        return self.failed_runs_item(start, key.removeprefix(start))

    def missed_runs_item(self, text: str, *, stays_open: bool = False) -> DigestItem:
        """Return the entry about missed runs. With `stays_open`, the entry stays open until the job runs again."""
        advice = "check that the computer was on, and read the job's log"
        key = f"{MISSING}{text}" if stays_open else text
        return DigestItem(id=key, subject=text, phrase="", advice=advice, lasting=stays_open)

    def failed_runs_item(self, start: str, text: str) -> DigestItem:
        """Return the entry about failed runs of a job."""
        advice = f"`toolkit doctor {self.playbooks}` lists the faults"
        return DigestItem(id=f"{start}{text}", subject=shorten(text), phrase="", advice=advice, lasting=False)

    def unread_item(self, subject: str, reason: str = "") -> DigestItem:
        """Return the entry about an object or a kind that could not be read."""
        return DigestItem(
            id=f"{UNREAD}{subject}",
            subject=subject,
            phrase=f"could not be read, so its state is unknown{reason}",
            advice=f"`toolkit drift {self.playbooks}` and `toolkit doctor {self.playbooks}` show why",
        )

    def failed_drift_item(self, error: Exception) -> DigestItem:
        """Return the entry about a failed drift run. Until a drift run succeeds, nothing is monitored."""
        return DigestItem(
            id=RUN,
            subject="toolkit drift",
            phrase=f"failed, so nothing is monitored: {shorten(str(error))}",
            advice=f"`toolkit doctor {self.playbooks}` lists the faults",
            critical=True,
        )

    def resolved_items(
        self, ids: Iterable[str], fixed: Mapping[str, FindingRow], drift: DriftReport | None
    ) -> Iterator[DigestItem]:
        """Yield entries about reported problems that are resolved. Problems with an unknown state are left out.

        `fixed` are the findings that are resolved.
        """
        for key in ids:
            if key.startswith(FINDING):
                if row := fixed.get(key.removeprefix(FINDING)):
                    yield self.resolved_finding_item(row)
            elif drift and has_ended(key, drift):
                yield resolved_item(key)

    def _unknown_item(self, unknown: Unknown) -> DigestItem:
        if unknown.for_whom:
            return self._lost_group_item(unknown)
        return self.unread_item(
            unread_name(unknown), "" if unknown.address else f": {shorten(admin_text(unknown.reason))}"
        )

    def _lost_group_item(self, unknown: Unknown) -> DigestItem:
        """Return a single entry about a missing or empty group, for everything that depends on the group."""
        return DigestItem(
            id=f"{UNREAD}{unread_name(unknown)}",
            subject=shorten(admin_text(unknown.reason)),
            what=unread_name(unknown),
            phrase="nothing is checked or changed for this group until it is corrected",
            advice=f"`toolkit rollover {self.playbooks}` shows the present name and the correction",
        )


PHRASES = {
    DifferenceType.DIFFERENT: "differs from the playbook",
    DifferenceType.MISSING: "missing",
    DifferenceType.UNWANTED: "present, but the playbooks do not allow it",
    DifferenceType.MOVED: "in the wrong place",
    DifferenceType.LOOK_ALIKE: "something else does the same job",
    DifferenceType.DEFEATED: "runs before our object and overrides it",
    DifferenceType.REFUSED: "differs, and toolkit refuses to write it",
}


def difference_phrase(row: FindingRow) -> str:
    """Return a phrase that says how an object differs from the playbook.

    If a finding about an overridden object does not name the other object, the object is overridden only in part.
    """
    return (
        "is not fully effective"
        if row.what == DifferenceType.DEFEATED and not row.path
        else PHRASES[DifferenceType(row.what)]
    )


_OF_OTHERS = frozenset({DifferenceType.LOOK_ALIKE, DifferenceType.DEFEATED, DifferenceType.REFUSED})
"""Findings on objects of others. None of our objects was changed."""


def object_and_setting(row: FindingRow) -> tuple[str, str]:
    """Return the object and the setting of a finding.

    If the object belongs to a person, no setting is returned. For a finding about an overriding object, the overridden
    object is returned.
    """
    address = parse_address(row.address)
    of = object_label(address)
    match DifferenceType(row.what):
        case DifferenceType.DEFEATED if row.path:
            return f"{address.kind_path}[{row.path}]", address.name
        case DifferenceType.DIFFERENT if of == row.address:
            return of, row.path
        case _:
            return of, ""


def cause_text(row: FindingRow) -> str:
    """Return the cause of a finding and whether a person or an application made it, as the end of a sentence.

    A person is not named.
    """
    cause = Cause(row.cause)
    if DifferenceType(row.what) in _OF_OTHERS:
        return ""
    if cause not in {Cause.TENANT, Cause.BOTH}:
        return f", {CAUSES[cause]}"
    by = "by a person" if row.person else f"by {row.actor}" if row.actor else "by an unknown author"
    done = "deleted" if row.what == DifferenceType.MISSING else "changed"
    where = f"{done} in the tenant" if cause is Cause.TENANT else "changed in the playbooks, and in the tenant"
    return f", {where} {by}" if row.actor else f", {where}, {by}"


def find_advice(row: FindingRow, playbooks: Path) -> str:
    """Return advice for a network manager on what to do about a finding."""
    drift = f"`toolkit drift {playbooks}`"
    if row.state == FindingState.CONTESTED:
        return f"find out who changes it ({drift}). Then write `leave: true` or `ours: true` in the playbook"
    if row.cause == Cause.TIME:
        return f"run `toolkit due {playbooks} --yes`, and check that its scheduled job runs"
    match DifferenceType(row.what):
        case DifferenceType.LOOK_ALIKE:
            return f"{drift} names it, and says what to write in the playbook"
        case DifferenceType.DEFEATED if row.path:
            return "find out who made it and why. Then move it below our object, or change it"
        case DifferenceType.REFUSED | DifferenceType.DEFEATED:
            return f"{drift} shows the reason"
        case _:
            return f"`toolkit apply {playbooks}` corrects it; `toolkit accept` accepts it until a date"
