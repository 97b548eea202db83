"""Renders copies of evidence as text and JSON, for people who have the register's key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from toolkit.holds.model import Case, CopyState, CustodyFinding, CustodyMatch, EvidenceCopy
from toolkit.holds.search_text import signed_text
from toolkit.render.audit_text import format_minute
from toolkit.render.line import Line, Tone, row, rows, to_body
from toolkit.sdk.dates import day
from toolkit.values import Body

_SIGNS = {CustodyMatch.SAME: "=", CustodyMatch.ELSEWHERE: "*", CustodyMatch.UNREAD: "?", CustodyMatch.CHANGED: "!"}


def copy_lines(case: Case, copies: Iterable[EvidenceCopy], admins: Sequence[str] | None, today: date) -> Iterator[Line]:
    """Yield lines about the copies in a case, with a warning if a person in the case is an administrator."""
    yield Line(f"Case {case.name}, called {case.matter} in the clouds", Tone.HEADING)
    for copy in copies:
        yield Line(f"  copy {copy.number}: {copy.name}, {copy.bytes:,} bytes, {copy.what}")
        yield from (Line(f"    {text}") for text in copy_texts(copy))
        if is_overdue(copy, today):
            yield Line(f"    ! its review was due on {day(copy.review)}: return, destroy or keep it", Tone.WARNING)
    for person in admins or ():
        yield Line(
            f"  ! {person} is declared as an administrator: keep the copies, the register's key and a backup of the "
            "ledger where this person cannot reach them",
            Tone.WARNING,
        )
    if admins is None:
        text = "whether a person of the case is an administrator is not known: no playbook has access.groups_and_roles"
        yield Line(f"  {text}", Tone.QUIET)


def is_overdue(copy: EvidenceCopy, today: date) -> bool:
    """Return whether a copy that still exists is past its review date."""
    return copy.state is not CopyState.DESTROYED and copy.review < today


def copy_texts(copy: EvidenceCopy) -> Iterator[str]:
    """Yield a sentence for each event in the chain of custody of a copy."""
    yield f"SHA-256 {copy.sha256}"
    when = f", exported on {day(copy.exported)}" if copy.exported else ", date of export not recorded"
    compared = (
        f", {copy.vendor_hash} agrees with it" if copy.vendor_hash else (", not compared with a hash from the vendor")
    )
    yield f"from {copy.source}{when}{compared}"
    if copy.query:
        yield f"query: {copy.query}"
    yield f"requested by {signed_text(copy.asked)}" if copy.asked else "the person who requested it is not recorded"
    yield from (f"exported by {signed_text(consent)}" for consent in copy.exported_by)
    yield f"on {copy.media}, added {format_minute(copy.added)}, to be reviewed on {day(copy.review)}"
    for event in copy.events:
        note = f" to {event.note}" if event.state is CopyState.HANDED_OVER else f", {event.note}" if event.note else ""
        yield f"{event.state} on {day(event.on)}{note}: {'; '.join(map(signed_text, event.by))}"
    if copy.to:
        yield f"to be handed over to {copy.to}: two people must sign in"
        yield from (f"hand-over requested by {signed_text(consent)}" for consent in copy.releases)


def copies_answer(case: Case, copies: Iterable[EvidenceCopy], admins: Sequence[str] | None) -> Body:
    shown = {**row(case, "case=name", "matter"), "administrators": admins}
    return to_body({**shown, "copies": [copy_row(copy) for copy in copies]})


def copy_row(copy: EvidenceCopy) -> Mapping[str, object]:
    consent = ("by", "at", "verified?", "title?")
    return {
        **row(copy, "number", "state", "what", "source", "query?", "exported", "name", "bytes", "sha256"),
        **row(copy, "vendor_hash?", "media", "added", "review", "to?"),
        "asked": rows([copy.asked] if copy.asked else [], *consent),
        "exported_by": rows(copy.exported_by, *consent),
        "releases": rows(copy.releases, *consent),
        "events": [
            {**row(event, "state", "on", "at", "note?"), "by": rows(event.by, *consent)} for event in copy.events
        ],
    }


def verification_lines(findings: Iterable[CustodyFinding]) -> Iterator[Line]:
    """Yield a line for each result of verifying copies."""
    for finding in findings:
        why = f": {finding.why}" if finding.why else ""
        tone = Tone.WARNING if finding.result in {CustodyMatch.CHANGED, CustodyMatch.UNREAD} else Tone.PLAIN
        yield Line(f"{_SIGNS[finding.result]} {finding.what}: {finding.result}{why}", tone)
