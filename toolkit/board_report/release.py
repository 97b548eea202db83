"""Turn a draft report into the final report, with the school's responses and the role that releases it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from toolkit.board_report.name_redaction import NameFilter, names_on_record
from toolkit.board_report.pack import FORMAT, Pack
from toolkit.board_report.period import Beginning
from toolkit.board_report.period_scan import read_past
from toolkit.board_report.seal import SEAL, add_seal, broken_parts
from toolkit.board_report.tables import ReportData
from toolkit.board_report.verify import parse_document, recorded_digests
from toolkit.board_report.writers import as_json
from toolkit.engine.journal import Journal
from toolkit.engine.prepare_run import PreparedRun
from toolkit.errors import UsageError
from toolkit.ledger.display_names import MAIL
from toolkit.ledger.entries import MatterAnswered, ReportReleased
from toolkit.ledger.structure import raw_entries
from toolkit.ledger.verify import verify
from toolkit.messages import did_you_mean
from toolkit.playbook.role_names import CLAIMED, claimed_role
from toolkit.records import dataclass
from toolkit.render.line import to_json
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.values import Body

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

_BLANK = " ____"
LONGEST = 140
"""The most characters of a response. Page one must have room for three responses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseState:
    """Whether a report is a draft or released, and the role that released it."""

    state: str
    by: str | None = None
    at: datetime | None = None
    told: str
    acts_told: str = ""  # the meaning of this state for the acts of the board


DRAFT = ReleaseState(
    state="draft",
    told="Draft for the Head Teacher, the Data Protection Officer and the School Business Manager. It is not for the"
    " board until it is released.",
    acts_told="These are proposals, because this report is a draft. The board is asked when the report is released.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLine:
    """The school's response to a problem, as fields and as a sentence."""

    text: str
    lead: str
    due: date | None
    accepted: bool
    on: date
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedResponse:
    """The school's response to a problem, before the ledger has recorded it."""

    matter: str
    response: str
    lead: str
    due: date | None = None
    accepted: bool = False


def respond(run: PreparedRun, draft: Path, answer: ProposedResponse) -> None:
    """Record the school's response to a problem in the ledger.

    Raise UsageError if the text cannot be shown on the first page, or if the draft does not have the problem.
    """
    document = read_draft(draft, run.ledger)
    matters = [str(gap["matter"]) for gap in document["gaps"]]
    if answer.matter not in matters:
        meant = did_you_mean(answer.matter, matters)
        named = ", ".join(matters) or "none"
        raise UsageError(f"{draft}: no matter is called {answer.matter}{meant}; the matters in this report: {named}")
    names = _name_filter(run)
    _refuse_unsuitable_text("--response", answer.response, names)
    _refuse_unsuitable_text("--lead", answer.lead, names)
    lead = claimed_role("--lead", answer.lead, run.playbooks.school)
    if not answer.accepted and answer.due is None:
        raise UsageError("--due: give the date by which it will be done, or --accept-risk")
    today = run.context.now.astimezone(ZoneInfo(run.playbooks.school.time_zone)).date()
    if answer.due and answer.due < today:
        raise UsageError(
            f"--due: {answer.due} is in the past: write the date by which it will be done, {today} or later, or"
            " --accept-risk"
        )
    journal = _begin_journal(run)
    run.ledger.append(
        MatterAnswered(
            run=run.context.run,
            at=run.context.now,
            matter=answer.matter,
            report=document["run"]["id"],
            response=answer.response.strip(),
            lead=lead,
            due=answer.due,
            accepted=answer.accepted,
            schools=run.playbooks.slices.covered_schools,
        )
    )
    journal.record_end(code=0, summary={}, unmanaged={})


def finish_draft(run: PreparedRun, draft: Path, by: str) -> Body:
    """Return the final document: the draft, every response in the ledger, and the role that released the report."""
    document = read_draft(draft, run.ledger)
    _refuse_unsuitable_text("--by", by, _name_filter(run))
    role, now = claimed_role("--by", by, run.playbooks.school), run.context.now
    final = {name: value for name, value in document.items() if name != SEAL}
    told_by = f"Final: released by the {role}, {CLAIMED}, on {day(now.date())}."
    final["release"] = to_json(ReleaseState(state="released", by=role, at=now, told=told_by))
    return add_seal(add_responses(final, read_past([run.ledger], Beginning()).answers))


def record_release(run: PreparedRun, draft: ReportData, by: str, digests: Mapping[str, str]) -> None:
    """Record that a draft was released, with the digests of the final report's files."""
    journal, role = _begin_journal(run), claimed_role("--by", by, run.playbooks.school)
    context, schools = run.context, run.playbooks.slices.covered_schools
    run.ledger.append(
        ReportReleased(run=context.run, at=context.now, report=draft["run"]["id"], by=role, schools=schools)
    )
    journal.record_end(code=0, summary={}, unmanaged={}, exported=digests)


def _begin_journal(run: PreparedRun) -> Journal:
    journal = Journal(run.ledger, run.context.run, run.context.now)
    journal.record_start(run.context, run.playbooks, {})
    return journal


def read_draft(path: Path, ledger: "Ledger") -> ReportData:
    """Read the JSON file of a draft.

    Raise UsageError if the file is not a draft, or if it differs from the file that this ledger recorded.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    document = parse_document(path, content)
    digests = recorded_digests(ledger, verify(ledger).head.count)
    if broken_parts(document) or as_json(document).encode() != content or path.name not in digests:
        raise UsageError(
            f"{path} has changed since it was written here. `toolkit audit verify {path}` lists the differences"
        )
    if document["format"] != FORMAT:
        raise UsageError(
            f"{path} was written by another version of this toolkit (format {document['format']}; this one writes "
            f"{FORMAT}): make a new draft with `toolkit audit export`"
        )
    if document["pack"] not in {Pack.GOVERNORS, Pack.EVIDENCE} or "release" not in document:
        raise UsageError(f"{path} is not a draft for the board: name the .json of the pack governors or evidence")
    if document["release"]["state"] != "draft":
        raise UsageError(f"{path} was already released: {document['release']['told']}")
    for entry in _ledger_entries(ledger):
        if entry.get("kind") == "report_released" and entry["report"] == document["run"]["id"]:
            when = day(datetime.fromisoformat(entry["at"]).date())
            raise UsageError(
                f"{path} was released by the {entry['by']}, {CLAIMED}, on {when}: make a new draft with `toolkit audit "
                "export`"
            )
    return document


def _ledger_entries(ledger: "Ledger") -> Sequence[Mapping[str, Any]]:
    with ledger.open_tables() as stored:
        return [json.loads(raw[2]) for raw in raw_entries(stored.connection)]


def _name_filter(run: PreparedRun) -> NameFilter:
    """Return a filter for the people's names in the ledger. No tenant is read for this."""
    school = run.playbooks.school
    groups = [*school.protected.mailboxes, *(group for role in school.roles.values() for group in role.groups.values())]
    return NameFilter(names_on_record(_ledger_entries(run.ledger), groups=groups), school=school.name)


def _refuse_unsuitable_text(option: str, text: str, names: NameFilter) -> None:
    if not text.strip() or len(text.strip()) > LONGEST or "\n" in text.strip():
        raise UsageError(f"{option}: write one line of at most {LONGEST} characters")
    if MAIL.search(text):
        raise UsageError(f"{option}: name roles, such as 'School Business Manager', and not people")
    if name := names.first_in(text):
        raise UsageError(f"{option}: {name!r} is the name of a person: name a role, such as 'School Business Manager'")


def add_responses(document: Mapping[str, Any], answers: Mapping[str, Sequence[MatterAnswered]]) -> dict[str, Any]:
    """Return a document with the latest and earlier responses to each problem.

    The document also has the number of problems without a response.
    """
    gaps = [_add_gap_responses(gap, answers.get(gap["matter"], ())) for gap in document["gaps"]]
    waiting = sum(gap["response"] is None for gap in gaps)
    left = f"Ask for the school's response to {count_text(waiting, 'matter')} above." if waiting else None
    return {
        **document,
        "gaps": gaps,
        "unanswered": left,
        "minutes": list(_minutes_lines(gaps, _acts_with_dates(document))),
    }


def _acts_with_dates(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield each act with the sentence about its date. A document of an earlier version has acts without dates."""
    if "acts" in document:
        yield from (f"{act['what']} {act['date_told']}" for act in document["acts"])
    else:
        yield from document["needs"]


def _minutes_lines(gaps: Sequence[Mapping[str, Any]], acts: Iterable[str]) -> Iterator[str]:
    """Yield lines for the clerk's minutes, with a blank for the board's agreement."""
    for gap in gaps:
        response = gap["response"]["told"] if gap["response"] else f"None recorded. Lead: {gap['owner']}."
        yield f"{gap['subject']}: {gap['what']}. Response: {response} Agreed:{_BLANK}"
    yield from (f"{act} Agreed:{_BLANK} Lead:{_BLANK} By:{_BLANK}" for act in acts)


def _add_gap_responses(gap: Mapping[str, Any], answers: Sequence[MatterAnswered]) -> dict[str, Any]:
    responses = [to_json(_response_line(entry)) for entry in answers]
    return {**gap, "response": responses[-1] if responses else None, "earlier_responses": responses[:-1]}


def _response_line(entry: MatterAnswered) -> ResponseLine:
    text = entry.response.rstrip(".")
    first = f"the risk is accepted: {text}" if entry.accepted else text
    due = f", by {day(entry.due)}" if entry.due else ""
    return ResponseLine(
        text=entry.response,
        lead=entry.lead,
        due=entry.due,
        accepted=entry.accepted,
        on=entry.at.date(),
        told=f"{first}. Lead: {entry.lead}{due}.",
    )
