"""Build the document of an export.

Every format is made from this document, so that no format shows more than its pack allows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from toolkit.board_report.attention import MatterLine, choose_matters
from toolkit.board_report.board_acts import board_acts
from toolkit.board_report.board_requests import BoardQuestion, TrendSection, board_questions, trend
from toolkit.board_report.case_lines import CaseSection
from toolkit.board_report.change_lines import ChangeSection
from toolkit.board_report.changes import changes
from toolkit.board_report.clause_lines import ClauseLine, StandardNames, clause_line, standard_names
from toolkit.board_report.evidence import evidence_lines
from toolkit.board_report.expiring import POLICY_REVIEW, ExpirySection, expiry_section
from toolkit.board_report.export import Export
from toolkit.board_report.first_questions import FilteringSection, filtering_section
from toolkit.board_report.future_dates import FutureEntry, future_entries, without_future_entries
from toolkit.board_report.mfa_numbers import MfaSection, mfa_section
from toolkit.board_report.name_redaction import NameFilter
from toolkit.board_report.number_bars import NumberBar, PracticeLine, device_bars, practice_lines
from toolkit.board_report.pack import Pack
from toolkit.board_report.page_one import KnownBy, LapseSection, known_by, lapse_section
from toolkit.board_report.partly_causes import JUDGED
from toolkit.board_report.plain_language import sanitise
from toolkit.board_report.proposed_dates import BoardAct, ProposedDate, next_school_date
from toolkit.board_report.registers import (
    AcknowledgementLine,
    ChecklistLine,
    ConfirmationLine,
    DecisionSection,
    ExceptionLine,
    acknowledgement_lines,
    checklist_lines,
    confirmation_lines,
    decision_section,
    exception_lines,
)
from toolkit.board_report.release import DRAFT, ReleaseState, add_responses
from toolkit.board_report.report_head import ReportComparison, report_comparison, report_head
from toolkit.board_report.requirements import (
    RecordLine,
    StandardSection,
    certificate_questions,
    record_lines,
    requirement_sections,
)
from toolkit.board_report.reviewed_text import fixed_sentences
from toolkit.board_report.seal import add_seal
from toolkit.board_report.since_released import SinceReleased, since_released
from toolkit.board_report.summary import wrong_sentence
from toolkit.records import dataclass
from toolkit.render.line import to_body, to_json
from toolkit.values import Body, Json, table_of


@dataclass(frozen=True, slots=True)
class IncidentCounts:
    """The number of incidents on record, and the number still open."""

    all: int
    open: int


def section_body(section: object) -> Body:
    """Return a section of a report as JSON. The fields of the section are the keys of the document."""
    return table_of(to_json(section))


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardsSections:
    """The sections about external standards, which follow the head of a report."""

    requirements: Sequence[StandardSection]
    records: Sequence[RecordLine]
    confidential: Json
    standards_note: Json


def document(export: Export, pack: Pack, cases: Mapping[str, CaseSection] | None = None) -> Body:
    """Return the document of a pack. `cases` is the register of holds, which only the case pack contains."""
    written, today = export.report.playbooks, export.report.now.date()
    report = replace(export.report, playbooks=without_future_entries(written, today))
    export, future = replace(export, report=report), future_entries(written, today)
    sections = {**section_body(report_head(export, pack)), **_pack_sections(export, pack, future, cases)}
    redacted = sanitise(sections, names=pack is Pack.CASE)
    if pack is not Pack.CASE:
        redacted = NameFilter(export.report.people, school=export.report.playbooks.school.name).remove_from(redacted)
    assert isinstance(redacted, Mapping)
    return add_seal(redacted)


def _pack_sections(
    export: Export, pack: Pack, future: Sequence[FutureEntry], cases: Mapping[str, CaseSection] | None
) -> Body:
    """Return the sections of a pack that follow its head."""
    match pack:
        case Pack.GOVERNORS:
            return _board_sections(export, future, objects=False)
        case Pack.EVIDENCE:
            return {
                **_board_sections(export, future, objects=True),
                **to_body({"evidence": evidence_lines(export.report)}),
            }
        case Pack.STANDARDS:
            fixed, registers = fixed_sentences(), export.report.playbooks.registers
            return section_body(
                StandardsSections(
                    requirements=requirement_sections(export.report),
                    records=record_lines(registers.records, export.report.now.date()),
                    confidential=fixed["confidential"],
                    standards_note=fixed["standards_note"],
                )
            )
        case Pack.CASE:
            return to_body({"cases": cases or {}})
        case Pack.SUMMARY:
            return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSections:
    """The sections for governors, which follow the head of a report."""

    questions: Sequence[BoardQuestion]
    release: ReleaseState
    gaps: Sequence[MatterLine]
    filtering: FilteringSection
    mfa: MfaSection
    devices: Sequence[NumberBar]
    wrong_told: str
    needs: Sequence[str]
    acts: Sequence[BoardAct]  # the needs, each with a proposed date
    usual_date: ProposedDate | None
    future_dates: Sequence[FutureEntry]
    compared: ReportComparison
    changes: ChangeSection
    clauses: Sequence[ClauseLine]
    unmentioned: Sequence[str]
    exceptions: Sequence[ExceptionLine]
    decisions: DecisionSection
    confirmations: Sequence[ConfirmationLine]
    acknowledgements: Sequence[AcknowledgementLine]
    lost_devices: Sequence[PracticeLine]
    checklists: Sequence[ChecklistLine]
    records: Sequence[RecordLine]
    expires: ExpirySection
    lapses: LapseSection
    since_released: SinceReleased
    known_by: KnownBy
    cyber_essentials: str | None
    incidents: IncidentCounts
    trend: TrendSection
    standards: StandardNames
    not_covered: Json
    sign_off: Json
    spot_checks: Json
    verify: Json
    meanings: Json
    confidential: Json


def _board_sections(export: Export, future: Sequence[FutureEntry], *, objects: bool) -> Body:
    """Return the sections for governors, with the school's responses.

    If `objects` is set, the sections name the objects of the tenants.
    """
    report, past = export.report, export.past
    playbooks, registers, today = report.playbooks, report.playbooks.registers, report.now.date()
    before = past.before.statuses if past.before else {}
    judged = {status.clause.name for status in report.statuses if status.clause.of_class in JUDGED}
    lists = _DatedLists(
        exception_lines(playbooks, past, report.now, objects=objects),
        confirmation_lines(playbooks, today),
        record_lines(registers.records, today),
    )
    fixed, ends = fixed_sentences(), expiry_section(export, lists.ends(), objects=objects)
    plain_ends = expiry_section(export, lists.ends(), objects=False) if objects else ends
    lapses = lapse_section(ends.lines, lists.confirmations, review=POLICY_REVIEW, unread=plain_ends.not_known)
    acts = board_acts(report, lapses, future)
    sections = BoardSections(
        questions=board_questions(report),
        release=DRAFT,
        gaps=choose_matters(export),
        filtering=filtering_section(report),
        mfa=mfa_section(report),
        devices=device_bars(report),
        wrong_told=wrong_sentence(report.statuses),
        needs=[act.what for act in acts],
        acts=acts,
        usual_date=next_school_date(playbooks.school, today),
        future_dates=future,
        compared=report_comparison(export),
        changes=changes(export, objects=objects),
        clauses=[clause_line(status, before) for status in report.statuses],
        unmentioned=[clause.name for clause in report.unmentioned],
        exceptions=lists.exceptions,
        decisions=decision_section(playbooks),
        confirmations=lists.confirmations,
        acknowledgements=acknowledgement_lines(registers.acknowledgements),
        lost_devices=practice_lines(report),
        checklists=checklist_lines(playbooks, past.checklists, today),
        records=lists.records,
        expires=ends,
        lapses=lapses,
        since_released=since_released(export),
        known_by=known_by(report, lists.confirmations),
        cyber_essentials=certificate_questions(report),
        incidents=IncidentCounts(
            len(registers.incidents), sum(incident.closed is None for incident in registers.incidents)
        ),
        trend=trend(export, judged),
        standards=standard_names(report),
        not_covered=fixed["not_covered"],
        sign_off=fixed["sign_off"],
        spot_checks=fixed["spot_checks"],
        verify=fixed["verify"],
        meanings=fixed["meanings"],
        confidential=fixed["confidential"],
    )
    return add_responses(section_body(sections), past.answers)


@dataclass(frozen=True, slots=True)
class _DatedLists:
    """The lists of the document whose entries have an end date."""

    exceptions: Sequence[ExceptionLine]
    confirmations: Sequence[ConfirmationLine]
    records: Sequence[RecordLine]

    def ends(self) -> Iterator[tuple[str, date, str]]:
        """Yield each entry that has an end date, with the date and the person who must act."""
        for exception in self.exceptions:
            if exception.state != "ended":
                yield f"Exception: {exception.name}", exception.ends.date(), exception.by
        for confirmation in self.confirmations:
            if confirmation.until:
                yield f"Confirmation: {confirmation.what}", confirmation.until, confirmation.by
        for record in self.records:
            if record.until:
                yield f"Record: {record.what}", record.until, str(record.by)
