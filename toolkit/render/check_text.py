"""Render the result of `toolkit check` as text, as a table for a spreadsheet, and as JSON."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from textwrap import shorten

from toolkit.engine.check import CheckReport
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.coverage import compute_coverage
from toolkit.planning.verdicts.judge import outcome_of
from toolkit.printable import printable
from toolkit.render.answer import run_conditions_json
from toolkit.render.canary_text import result_answer, result_lines
from toolkit.render.coverage_text import coverage_json, coverage_lines, verdicts_json
from toolkit.render.expiry_text import expiry_board_json, expiry_board_lines, expiry_board_summary
from toolkit.render.line import Line, Tone, row
from toolkit.render.settings_text import run_heading
from toolkit.render.undecided_text import open_choice_lines, open_choices_json
from toolkit.render.values_text import count_text, escape_for_spreadsheet, group_by
from toolkit.sdk.check import Status
from toolkit.sdk.providers import cloud_titles
from toolkit.sdk.reason import admin_text
from toolkit.sdk.verdict import PartOutcome
from toolkit.values import Body

_SHOWN: Mapping[Status, tuple[str, Tone]] = {
    Status.FAIL: ("!", Tone.REMOVED),
    Status.UNKNOWN: ("?", Tone.WARNING),
    Status.MANUAL: ("*", Tone.CHANGED),
    Status.UNAVAILABLE: ("-", Tone.QUIET),
    Status.PASS: ("=", Tone.ADDED),
}
_WORDS = {
    Status.FAIL: "overdue or misdated",
    Status.UNKNOWN: "unknown",
    Status.MANUAL: "to confirm",
    Status.UNAVAILABLE: "unavailable",
    Status.PASS: "confirmed",
}
_MEASURED = {**_WORDS, Status.FAIL: "not as required", Status.PASS: "as required"}
_TESTED = {**_WORDS, Status.FAIL: "failed or not tested in time", Status.PASS: "tested"}
_NOTHING = "nothing to judge"
_ORDER = tuple(_SHOWN)
_FEW = 6  # up to this many findings are shown in full
_LONG = 150  # characters of a finding among many: two lines of a narrow terminal
_LEFT_OUT = " Expiry dates were not read. Run without --only to see them."
_CLAUSE_END = re.compile("[:;,](?= )")


def check_lines(report: CheckReport, *, verbose: bool = False) -> Iterator[Line]:
    """Yield the lines that report a check.

    All findings are shown if there are few, if the user selected controls, or with `verbose`.
    """
    yield from run_heading(report.playbooks.school, report.context.target.name, report.context.sources, report.tenants)
    whole = verbose or bool(report.context.only) or len(report.findings) <= _FEW
    if whole:
        for group in _group_findings(report.findings):
            yield Line()
            yield from _control_lines(group)
        yield from _confirmation_lines(report)
        yield from expiry_board_lines(report.board)
        yield from coverage_lines(compute_coverage(report.controls, report.verdicts))
    else:
        yield from _attention_lines(report)
        yield from _unconfirmed_lines(report)
        yield from expiry_board_lines(report.board, in_short=True)
    yield from result_lines(report.canaries, verbose=verbose)
    if undecided := report.open_choices:
        yield from [Line(), *open_choice_lines(undecided)]
    yield Line()
    more = "" if whole else " -v shows each."
    expires = _LEFT_OUT if report.leaves_out_expiry_dates else expiry_board_summary(report.board)
    yield Line(f"Check: {_finding_counts_text(report)}.{expires}{more}", Tone.HEADING, essential=True)


def _attention_lines(report: CheckReport) -> Iterator[Line]:
    """Yield lines about failed findings, then unknown findings.

    Controls that are unknown for the same reason share a line.
    """
    failing = [
        finding
        for group in _group_findings(report.findings)
        for finding in group
        if finding.finding.status is Status.FAIL
    ]
    unknown = [finding for finding in report.findings if finding.finding.status is Status.UNKNOWN]
    if not failing and not unknown:
        return
    yield from (Line(), Line("Needs attention:", Tone.HEADING))
    for finding in failing:
        sign, tone = _SHOWN[Status.FAIL]
        text = f"{sign} {finding.control}{_cloud_suffix(finding.provider)}: {_finding_text(finding)}"
        yield Line(shorten_after_punctuation(text, _LONG), tone)
        if finding.advice:
            yield Line(f"    -> {finding.advice}", tone)
    for alike in group_by(unknown, lambda finding: (finding.provider, _finding_text(finding))).values():
        sign, tone = _SHOWN[Status.UNKNOWN]
        controls = ", ".join(dict.fromkeys(finding.control for finding in alike))
        yield Line(f"{sign} {controls}{_cloud_suffix(alike[0].provider)}: {_finding_text(alike[0])}", tone)


def shorten_after_punctuation(text: str, longest: int) -> str:
    """Shorten a text after a colon, semicolon or comma, so that no phrase is cut in the middle."""
    if len(text) <= longest:
        return text
    ends = [match.start() for match in _CLAUSE_END.finditer(text, longest // 2, longest - 1)]
    return f"{text[: ends[-1]]} …" if ends else shorten(text, longest, placeholder=" …")


def _unconfirmed_lines(report: CheckReport) -> Iterator[Line]:
    """Yield lines about the parts of controls that a person must confirm, a line for each control.

    Controls with the same parts share a line.
    """
    sign, tone = _SHOWN[Status.MANUAL]
    manual = [finding for finding in report.findings if finding.finding.status is Status.MANUAL]
    if not manual:
        return
    yield from (Line(), Line(f"Not confirmed yet: {count_text(len(manual), 'part')}", Tone.HEADING))
    parts = {
        key: tuple(finding.finding.subject for finding in group)
        for key, group in group_by(manual, lambda finding: (finding.control, finding.provider)).items()
    }
    for (provider, names), keys in group_by(parts, lambda key: (key[1], parts[key])).items():
        controls = ", ".join(control for control, _ in keys)
        yield Line(f"{sign} {controls}{_cloud_suffix(provider)}: {', '.join(names)}", tone)
    where = "in a file that begins with `attestations:`. -v shows where to look and what to write"
    yield Line(f"  Record finished work under `confirmed:` {where}", Tone.QUIET)


def _cloud_suffix(provider: str) -> str:
    title = cloud_titles().get(provider, "")
    return f" ({title.partition(' ')[0]})" if title else ""


def _group_findings(findings: Iterable[ControlFinding]) -> Sequence[Sequence[ControlFinding]]:
    groups = group_by(findings, lambda finding: (finding.control, finding.provider)).values()
    ranked = [sorted(group, key=_rank_finding) for group in groups]
    return sorted(ranked, key=lambda group: _rank_finding(group[0]))


def _rank_finding(control_finding: ControlFinding) -> int:
    return _ORDER.index(control_finding.finding.status)


def _control_lines(group: Sequence[ControlFinding]) -> Iterator[Line]:
    first = group[0]
    clauses = f"   ({', '.join(first.clauses)})" if first.clauses else ""
    yield Line(f"{first.control} on {first.provider}{clauses}", Tone.HEADING)
    for control_finding in group:
        yield from _subject_lines(control_finding)


def _subject_lines(control_finding: ControlFinding) -> Iterator[Line]:
    finding, (sign, tone) = control_finding.finding, _SHOWN[control_finding.finding.status]
    if outcome_of(control_finding) is PartOutcome.NOT_USED:
        sign, tone = _SHOWN[Status.UNAVAILABLE]
    yield Line(f"{sign} {_finding_text(control_finding)}", tone)
    if control_finding.part and finding.status in {Status.FAIL, Status.MANUAL}:
        yield Line(f"    {control_finding.part.reason or control_finding.part.covers}")
    if control_finding.advice:
        yield Line(f"    -> {control_finding.advice}", tone)
    yield from (Line(f"    | {line}".rstrip(), Tone.QUIET) for line in finding.letter)


def _finding_text(control_finding: ControlFinding) -> str:
    finding = control_finding.finding
    reason = "not confirmed yet" if finding.status is Status.MANUAL else admin_text(finding.reason)
    then = (
        f" ({control_finding.people_before} people at the last apply)" if control_finding.is_about_emptied_group else ""
    )
    return f"{finding.subject}: {reason}{then}"


def _confirmation_lines(report: CheckReport) -> Iterator[Line]:
    """Yield lines about the first part of a control that no one has confirmed, with the lines to add to a file
    once the work is done.
    """
    first = next((finding for finding in report.findings if finding.finding.status is Status.MANUAL), None)
    if first is None:
        return
    yield Line()
    yield Line("Once it is done, record it under `confirmed:` in a file that begins with `attestations:`, for example:")
    yield Line(f"  - control: {first.control}", Tone.QUIET)
    yield Line(f"    provider: {first.provider}", Tone.QUIET)
    yield Line(f"    part: {json.dumps(first.finding.subject, ensure_ascii=False)}", Tone.QUIET)
    yield Line("    by: Head Teacher", Tone.QUIET)
    yield Line(f"    on: {report.today}", Tone.QUIET)


def _finding_counts_text(report: CheckReport) -> str:
    counted = Counter(_status_word(finding) for finding in sorted(report.findings, key=_rank_finding))
    if numbers := [f"{number} {word}" for word, number in counted.items()]:
        return ", ".join(numbers)
    if only := report.context.only:
        return f"nothing of {', '.join(only)} is confirmed by people or counted in a tenant"
    return "nothing in these playbooks is confirmed by people or counted in a tenant"


def _status_word(control_finding: ControlFinding) -> str:
    """Return the word for the status of a finding.

    The word depends on whether a tenant or a person reported the status.
    """
    if outcome_of(control_finding) is PartOutcome.NOT_USED:
        return _NOTHING
    if control_finding.part and control_finding.part.tested:
        return _TESTED[control_finding.finding.status]
    return (_MEASURED if control_finding.measured else _WORDS)[control_finding.finding.status]


COLUMNS = ("control", "cloud", "subject", "status", "reason", "what to do", "clauses", "measured")


def check_csv(report: CheckReport) -> str:
    """Return all findings of a check as CSV with a header row."""
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerows(
        [COLUMNS, *(list(_csv_cells(finding)) for finding in report.findings)]
    )
    return written.getvalue()


def _csv_cells(control_finding: ControlFinding) -> Iterator[str]:
    finding = control_finding.finding
    values: Sequence[str] = (
        control_finding.control,
        control_finding.provider,
        finding.subject,
        _NOTHING if outcome_of(control_finding) is PartOutcome.NOT_USED else str(finding.status),
        admin_text(finding.reason),
        control_finding.advice,
        " ".join(control_finding.clauses),
        "yes" if control_finding.measured else "no",
    )
    return (escape_for_spreadsheet(printable(value)) for value in values)


def check_json(report: CheckReport) -> Body:
    return {
        **run_conditions_json(report.context, report.playbooks, report.tenants, report.exit),
        "summary": dict(report.summary),
        "undecided": open_choices_json(report.open_choices),
        "findings": [_finding_json(finding) for finding in report.findings],
        "verdicts": verdicts_json(report.verdicts),
        "coverage": coverage_json(compute_coverage(report.controls, report.verdicts)),
        "expiry": expiry_board_json(report.board),
        "canaries": [result_answer(result) for result in report.canaries],
    }


def _finding_json(control_finding: ControlFinding) -> Body:
    return {
        **row(
            control_finding,
            "control",
            "provider",
            "subject=finding.subject",
            "status=finding.status",
            "reason=finding.reason",
        ),
        **row(control_finding, "advice?", "measured", "clauses", "evidence=finding.evidence"),
        "part": control_finding.part.name if control_finding.part else None,
        "covers": control_finding.part.covers if control_finding.part else None,
        "outcome": str(outcome_of(control_finding)),
    }
