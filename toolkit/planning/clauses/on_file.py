"""What stands on file of a clause: the document's own dates, and what people recorded in the registers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from toolkit.planning.clauses.fact import NOBODY, Fact, Verdict
from toolkit.playbook.choices import UNDECIDED
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.node import Table, plain_table
from toolkit.playbook.policy_entries import Attested, Clause, Document, Evidence, Registers
from toolkit.playbook.wording import day
from toolkit.values import Json

DOCUMENT = "the policy document"
REGISTERS = "the school's registers"
OPEN_FOR = timedelta(days=30)
"""How long an incident may be open before that is a finding."""

OF_DOCUMENT = frozenset({Evidence.REVIEW, Evidence.SIGNATURE, Evidence.HISTORY})
"""What the document itself shows."""

_OWN_PAGE = "C22"
"""The decision on what the document's page of control says."""

_YEAR = timedelta(days=366)


def document_of(playbooks: Playbooks) -> Document | None:
    """Give the document as it is described, with what was decided since of its own page of control."""
    document, decided = playbooks.policy.document, playbooks.decisions.decided.get(_OWN_PAGE)
    if document is None or decided is None or not isinstance(decided.value, Table):
        return document
    page = plain_table(decided.value)
    ratified = _day(page.get("ratified_on"))
    if document.ratified and (ratified is None or ratified <= document.ratified):
        return document
    signed_by = str(page.get("signed_by_role") or "") or None
    return replace(document, ratified=ratified, review_due=_day(page.get("review_due")), signed_by=signed_by)


def _day(written: Json) -> date | None:
    """Read a day of a decision, whose form was checked when it was read."""
    return date.fromisoformat(written) if isinstance(written, str) and written != UNDECIDED else None


def blanks(document: Document | None, today: date) -> list[str]:
    """Say what is overdue or blank in the document, which a report says before anything else."""
    if document is None:
        return ["nothing says when the policy was ratified: add `document:` to a file of the policy"]
    found = [_review(document, today), *([] if document.ratified else ["the day of ratification is blank"])]
    unsigned = [
        *([] if document.signed_by else ["who signed it"]),
        *([] if document.signed else ["the day of signing"]),
    ]
    if unsigned:
        found.append(f"the copy is unsigned: {' and '.join(unsigned)} {'are' if len(unsigned) > 1 else 'is'} blank")
    return [one for one in (*found, _history(document)) if one]


def _review(document: Document, today: date) -> str:
    due = document.review_due
    if due is None:
        return "the day of the next review is blank"
    if due >= today:
        return ""
    return f"review overdue since {day(due)}, by {(today - due).days} days"


def _history(document: Document) -> str:
    undated = [one.version for one in document.versions if one.on is None]
    if not document.versions:
        return "its history is blank"
    return f"version {', '.join(undated)} has no day in the history" if undated else ""


def on_file(clause: Clause, document: Document | None, registers: Registers, today: date) -> Iterator[Fact]:
    """Give what is on file of a clause, one fact for each sort of evidence that it names.

    Where a register has nothing, somebody's word that the clause is kept counts as well.
    """
    word = attested(clause, registers.attested, today)
    for sort in clause.evidence:
        if sort in OF_DOCUMENT:
            yield _of_document(sort, document, today)
            continue
        fact = word if sort is Evidence.ATTESTED else _OF_REGISTERS[sort](clause, registers, today)
        yield word if fact.verdict is Verdict.OPEN and word.verdict is Verdict.HOLDS else fact


def attested(clause: Clause, words: Sequence[Attested], today: date) -> Fact:
    """Say what people confirmed of a clause."""
    own = [one for one in words if one.clause == clause.name and one.on <= today]
    latest = max(own, key=lambda one: one.until, default=None)
    if latest is None:
        return _open("nobody has confirmed it yet")
    who = f"{latest.by}, who runs toolkit (the operator's word)," if latest.operator else latest.by
    says = f"confirmed by {who} on {day(latest.on)}"
    if latest.until < today:
        return _open(f"overdue since {day(latest.until)}: {says}")
    return Fact(verdict=Verdict.HOLDS, reason=latest.note or f"confirmed until {day(latest.until)}", says=says)


def _of_document(sort: Evidence, document: Document | None, today: date) -> Fact:
    if document is None:
        return Fact(verdict=Verdict.OPEN, reason="the playbooks do not describe the document", says=NOBODY)
    wrong = {
        Evidence.REVIEW: _review(document, today) or ("" if document.ratified else "the day of ratification is blank"),
        Evidence.SIGNATURE: "" if document.signed_by and document.signed else "signature or its day is blank",
        Evidence.HISTORY: _history(document),
    }[sort]
    if wrong:
        return Fact(verdict=Verdict.FAILS, reason=wrong, says=DOCUMENT)
    return Fact(verdict=Verdict.HOLDS, reason=f"{sort} in order", says=DOCUMENT)


def _acknowledged(_clause: Clause, registers: Registers, today: date) -> Fact:
    counting = [one for one in registers.acknowledgements if one.on <= today < one.on + _YEAR]
    if not counting:
        return _open("no acknowledgement of the last year is on file")
    latest = {one.role: one for one in sorted(counting, key=lambda one: one.on)}.values()
    told = "; ".join(f"{one.signed} of {one.of} {one.role} on {day(one.on)}" for one in latest)
    some = Verdict.IN_PART if any(one.signed for one in latest) else Verdict.FAILS
    complete = all(one.signed == one.of for one in latest)
    return Fact(verdict=Verdict.HOLDS if complete else some, reason=f"acknowledged by {told}", says=REGISTERS)


def _approved(clause: Clause, registers: Registers, today: date) -> Fact:
    own = [one for one in registers.approvals if one.clause == clause.name and one.on <= today <= one.until]
    if not own:
        return _open("no approval that counts is on file")
    latest = max(own, key=lambda one: one.on)
    reason = f"{len(own)} on file, the latest by {latest.by} on {day(latest.on)}"
    return Fact(verdict=Verdict.HOLDS, reason=reason, says=REGISTERS)


def _incidents(clause: Clause, registers: Registers, today: date) -> Fact:
    own = [one for one in registers.incidents if one.clause == clause.name and one.on <= today]
    late = [one for one in own if one.closed is None and today - one.on > OPEN_FOR]
    if late:
        reason = f"an incident is open since {day(min(one.on for one in late))}"
        return Fact(verdict=Verdict.FAILS, reason=reason, says=REGISTERS)
    if recent := [one for one in own if today < one.on + _YEAR]:
        reason = f"{len(recent)} in the last year, {sum(one.closed is None for one in recent)} open"
        return Fact(verdict=Verdict.HOLDS, reason=reason, says=REGISTERS)
    return _open("no incident of the last year is on file, and nobody confirmed that there was none")


def _open(reason: str) -> Fact:
    return Fact(verdict=Verdict.OPEN, reason=reason, says=NOBODY)


_OF_REGISTERS: Mapping[Evidence, Callable[[Clause, Registers, date], Fact]] = {
    Evidence.ACKNOWLEDGEMENTS: _acknowledged,
    Evidence.APPROVALS: _approved,
    Evidence.INCIDENTS: _incidents,
}
