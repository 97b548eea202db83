"""Write the report of a drift run as text for an administrator."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from toolkit.drift.model import (
    Cause,
    DifferenceType,
    DriftHistory,
    FindingNovelty,
    FindingWithHistory,
    differences_of_change,
)
from toolkit.drift.run import DriftReport, ImportantDifference
from toolkit.planning.change import Change
from toolkit.planning.finding_state import Ending
from toolkit.planning.plan_states import CHECKED
from toolkit.render.attention_text import unfinished_write_lines
from toolkit.render.change_text import change_lines, check_mode_lines, object_count_text, warning_lines
from toolkit.render.line import Line, Stage, Tone, extension_lines
from toolkit.render.plan_text import describe_known_part, run_heading_lines, unchanged_objects_text
from toolkit.render.skipped_text import unchanged_object_lines
from toolkit.render.undecided_text import renamed_group_lines
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.sdk.lending import object_name

WHAT = {
    DifferenceType.DIFFERENT: "differs",
    DifferenceType.MISSING: "missing",
    DifferenceType.UNWANTED: "present, but the playbooks do not allow it",
    DifferenceType.MOVED: "in the wrong place",
    DifferenceType.LOOK_ALIKE: "does the same job as our object",
    DifferenceType.DEFEATED: "not fully effective",
    DifferenceType.REFUSED: "refused",
}
HOW = {
    Ending.REPAIRED: "repaired by toolkit",
    Ending.TENANT: "corrected in the tenant",
    Ending.ACCEPTED: "accepted in the playbooks until a date",
    Ending.PLAYBOOK: "no longer in the playbooks",
    Ending.OTHERWISE: "no longer reported, although the object still differs",
    Ending.AS_WANTED: "in place again",
}
_LEFT = "left in place, as the playbook says"


def ending_phrase(difference_type: str, ending: Ending) -> str:
    """Return the reason why a finding ended, as a phrase for an administrator."""
    return _LEFT if difference_type == DifferenceType.LOOK_ALIKE and ending is Ending.PLAYBOOK else HOW[ending]


CAUSES = {
    Cause.PLAYBOOK: "the playbooks ask for it, but no run has applied it yet",
    Cause.TIME: "because of the date",
    Cause.FOLLOWED: "because a part of the tenant on which the setting depends has changed",
    Cause.TOOLKIT: "this version of toolkit writes the setting differently",
    Cause.NOT_KNOWN: "cause unknown",
}


def drift_lines(drift: DriftReport) -> Iterator[Line]:
    """Yield the lines of a drift report: the differences, when they began, why, and who made them."""
    report = drift.run
    plan, school = report.plan, report.playbooks.school
    memory = DriftNotes(drift.remembrance, ZoneInfo(school.time_zone), report.context.now.year)
    yield from run_heading_lines(report)
    yield from (
        Line(f"! {text}", Tone.WARNING, essential=True) for text in (*drift.failed, *drift.refused, *drift.missed_runs)
    )
    yield from unfinished_write_lines(report)
    yield from renamed_group_lines(report)
    yield from extension_lines(report, Stage.DRIFT)
    yield from change_lines(
        [change for change in plan.changes if not memory.is_already_reported(change)], memory.notes_on_changes
    )
    yield from check_mode_lines(plan.checked_changes, memory.notes_on_changes)
    yield from unchanged_object_lines(plan, school.time_zone)
    yield from (memory.contested_line(change) for change in plan.changes if memory.is_already_reported(change))
    for newcomer in report.newcomers:
        yield Line(f"* {newcomer.address}: unmanaged: new since the last apply, and not in any playbook", Tone.WARNING)
    yield from memory.ended_finding_lines()
    yield from memory.log_error_lines()
    yield from _important_difference_lines(drift.first_look if report.context.target.live else ())
    yield Line()
    different = len(plan.changes) + len(plan.checked_changes)
    differing = (
        f"{count_text(different, 'object')} different"
        if different
        else f"no object differs{describe_known_part(report)}"
    )
    yield from extension_lines(report, Stage.DRIFT_END)
    text = f"Drift: {differing}; {unchanged_objects_text(plan, left_out_state=CHECKED.summary_key)}."
    yield Line(text, Tone.HEADING, essential=True)


def _important_difference_lines(important_differences: Sequence[ImportantDifference]) -> Iterator[Line]:
    """Yield the most important differences of a first drift run, each with the command that accepts the difference."""
    if important_differences:
        yield from (Line(), Line("Look at these findings first:", Tone.HEADING))
    for look in important_differences:
        setting = f": {look.path}" if look.path else ""
        people = "" if look.people is None else f", {count_text(look.people, 'person', 'people')}"
        yield Line(f"  {object_name(look.address)}{setting}{people}")
        yield Line("    known? record it:", Tone.QUIET)
        yield Line(f"    {look.command}", command=True)


class DriftNotes:
    """Writes notes about the history of the differences in a drift report."""

    def __init__(self, remembered: DriftHistory, zone: ZoneInfo, year: int) -> None:
        self._remembered, self._zone, self._year = remembered, zone, year

    def notes_on_changes(self, changes: Sequence[Change]) -> Iterator[Line]:
        """Yield the notes for changes that are shown together: when their differences began, why, and who made them."""
        yield from warning_lines(changes)
        first, *others = changes
        if not others:
            yield from self._change_lines(first)
            return
        phrases = Counter(
            self._finding_phrase(replace(finding, changed=None))
            for change in changes
            for finding in self._findings_of(change)
        )
        findings_per_change = len(self._findings_of(first))
        for phrase, count in phrases.items():
            some = (
                "" if len(phrases) == 1 else f"{count // max(findings_per_change, 1)} of {object_count_text(changes)}: "
            )
            yield Line(f"    {some}{phrase}", Tone.QUIET)

    def is_already_reported(self, change: Change) -> bool:
        """Return whether the previous drift run already reported that a change is contested."""
        findings = self._findings_of(change)
        return bool(findings) and all(
            finding.state is FindingNovelty.CONTESTED and not finding.news for finding in findings
        )

    def contested_line(self, change: Change) -> Line:
        """Return the line about a contested change, which toolkit and another person or program keep undoing."""
        paths = ", ".join(finding.difference.path for finding in self._findings_of(change) if finding.difference.path)
        since = self._date_text(min(finding.since for finding in self._findings_of(change)))
        ids = ", ".join(finding.difference.id for finding in self._findings_of(change))
        what = f": {paths}" if paths else ""
        return Line(f"= {object_name(change.address)}{what}: contested since {since} [{ids}]", Tone.QUIET)

    def ended_finding_lines(self) -> Iterator[Line]:
        """Yield a line for each finding that has ended."""
        for ended in self._remembered.ended:
            what = f"{ended.difference.path} " if ended.difference.what is DifferenceType.DIFFERENT else ""
            seen = f"{what}{WHAT[ended.difference.what]} since {self._date_text(ended.since)}"
            how = ending_phrase(ended.difference.what, ended.how)
            yield Line(f"ended: {object_name(ended.difference.address)}: {seen}: {how}", Tone.ADDED)

    def log_error_lines(self) -> Iterator[Line]:
        """Yield a line for each log that could not be read."""
        for reason in dict.fromkeys(self._remembered.log_errors):
            yield Line(f"* toolkit could not find out from the tenant's log who made a change: {reason}", Tone.WARNING)

    def _change_lines(self, change: Change) -> Iterator[Line]:
        findings = self._findings_of(change)
        phrases: dict[str, list[FindingWithHistory]] = {}
        for finding in findings:
            phrases.setdefault(self._finding_phrase(finding), []).append(finding)
        for phrase, alike in phrases.items():
            which = "" if len(phrases) == 1 else f"{', '.join(finding.difference.path for finding in alike)}: "
            yield Line(f"    {which}{phrase} [{', '.join(finding.difference.id for finding in alike)}]", Tone.QUIET)

    def _findings_of(self, change: Change) -> list[FindingWithHistory]:
        findings = (self._remembered.findings.get(difference.id) for difference in differences_of_change(change))
        return [finding for finding in findings if finding]

    def _finding_phrase(self, finding: FindingWithHistory) -> str:
        since = self._date_text(finding.since)
        match finding.state:
            case FindingNovelty.NEW if self._remembered.is_first and finding.cause == Cause.NOT_KNOWN:
                return "first seen"
            case FindingNovelty.NEW:
                return f"new, {self._cause_phrase(finding)}"
            case FindingNovelty.CONTESTED:
                return f"contested since {since}, {self._cause_phrase(finding)}"
            case _:
                return f"since {since}, {self._cause_phrase(finding)}"

    def _cause_phrase(self, finding: FindingWithHistory) -> str:
        by = f"by {finding.actor}{self._change_time(finding)}" if finding.actor else "by an unknown author"
        match finding.cause:
            case Cause.TENANT:
                done = "deleted" if finding.difference.what is DifferenceType.MISSING else "changed"
                return f"{done} in the tenant {by}" if finding.actor else f"{done} in the tenant, {by}"
            case Cause.BOTH:
                return f"changed in the playbooks, and in the tenant {by}"
            case cause:
                return CAUSES[Cause(cause)]

    def _change_time(self, finding: FindingWithHistory) -> str:
        if finding.changed is None:
            return ""
        return f" on {self._date_text(finding.changed)} at {finding.changed.astimezone(self._zone):%H:%M}"

    def _date_text(self, instant: datetime) -> str:
        return day(instant.astimezone(self._zone), self._year)
