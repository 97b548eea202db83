"""Write a draft, and each clause of a review, for people and as JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.controls.control import controls
from toolkit.playbook.policy_entries import ClauseClass
from toolkit.policy_draft.draft import PolicyDraft
from toolkit.policy_draft.draft_file import DraftedClause
from toolkit.policy_draft.review import proposed_names
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import count_text, format_first_names
from toolkit.values import Body, Json

_EVIDENCE: Mapping[str, str] = {
    "review": "the policy's review is on file",
    "signature": "the policy's signature is on file",
    "link": "the address of the policy opens",
    "history": "each version of the policy has a date",
    "acknowledgements": "who has acknowledged the policy is on file",
    "approvals": "approvals are on file",
    "requests": "requests are on file",
    "loans": "loans of log-ins are on file",
    "incidents": "incidents are on file",
    "attested": "a person confirms it",
}
_LABELS = 3  # short lines that are named
_SHOWN = 70  # characters of a clause in a list


def draft_lines(draft: PolicyDraft) -> Iterator[Line]:
    """Show the document, the clauses by section with their proposals, and the clauses that no one checks."""
    cut = draft.cut
    sections = dict.fromkeys(clause.cut.section for clause in draft.clauses)
    pages = f", {count_text(draft.document.pages, 'page')}" if draft.document.pages else ""
    yield Line(
        f"{draft.document.name}{pages}: {count_text(len(draft.clauses), 'clause')} in "
        f"{count_text(len(sections), 'section')}",
        Tone.HEADING,
    )
    yield from (Line(f"  {remark}", Tone.WARNING) for remark in [*draft.document.remarks, *_left_out(draft)])
    if draft.changes:
        yield from _change_lines(draft)
    else:
        yield from _section_lines(draft.clauses)
    pending = [clause for clause in draft.clauses if clause.proposal]
    nothing = [clause for clause in pending if clause.proposal and not clause.proposal.serves]
    if nothing:
        yield Line()
        yield Line(
            f"No one checks this: {count_text(len(nothing), 'clause')} (conduct, or no control fits)",
            Tone.HEADING,
        )
        yield from (Line(f"  {clause.name}  {_short(clause.cut.says)}") for clause in nothing)
    yield Line()
    by_class = Counter(str(clause.proposal.clause_class) for clause in pending if clause.proposal)
    numbers = ", ".join(f"{by_class[str(name)]} {name}" for name in ClauseClass if by_class[str(name)])
    proposed = f" (proposed: {numbers})" if numbers else ""
    yield Line(f"UNRATIFIED: {count_text(len(pending), 'clause')}{proposed} in {draft.file}", Tone.HEADING)
    if cut.definitions:
        yield Line(f"  {count_text(len(cut.definitions), 'definition')} left out, because a definition is not a rule")


def _left_out(draft: PolicyDraft) -> Iterator[str]:
    if labels := draft.cut.labels:
        shown = format_first_names([_short(label) for label in labels], _LABELS)
        yield f"{count_text(len(labels), 'short line')} without a rule left out: {shown}"
    if draft.cut.notes:
        yield f"{count_text(draft.cut.notes, 'footnote')} without a rule left out"
    if draft.foreign:
        yield f"{count_text(draft.foreign, 'sentence')} not in English: no proposal"


def _section_lines(clauses: Sequence[DraftedClause]) -> Iterator[Line]:
    section = ""
    for clause in clauses:
        if clause.cut.section != section:
            section = clause.cut.section
            yield Line()
            yield Line(f"{clause.cut.section_label} {section}".strip(), Tone.HEADING)
        yield Line(f"  {clause.name}  {_short(clause.cut.says)}")
        if clause.proposal and clause.proposal.serves:
            for name, words in clause.proposal.words.items():
                yield Line(f"      {name} ({', '.join(words)})", Tone.QUIET)


def _change_lines(draft: PolicyDraft) -> Iterator[Line]:
    changes = draft.changes
    if changes is None:
        return
    says = {clause.name: clause for clause in draft.clauses}
    for sign, word, names in (
        ("+", "added", changes.added),
        ("~", "changed", changes.changed),
        (">", "moved", changes.moves),
        ("-", "removed", changes.removed),
    ):
        yield Line()
        yield Line(f"{count_text(len(names), 'clause')} {word}", Tone.HEADING)
        for name in names:
            clause = says.get(name)
            yield Line(f"{sign} {name}  {_short(clause.cut.says) if clause else 'no longer in the document'}")
            if clause and clause.earlier:
                yield Line(f"      before: {clause.earlier}", Tone.QUIET)
    yield Line()
    yield Line(
        f"Ratify again: {', '.join(changes.ratify_again) or 'no clause that was accepted has changed'}", Tone.HEADING
    )
    if not draft.is_same_document:
        yield Line("  The document's dates in the file are blank until the governors adopt this version.")


def draft_answer(draft: PolicyDraft) -> Body:
    """Return the draft as JSON."""
    changes = draft.changes
    compared: Json = None
    if changes:
        compared = {
            "added": list(changes.added),
            "changed": list(changes.changed),
            "moved": list(changes.moves),
            "removed": list(changes.removed),
            "ratify_again": list(changes.ratify_again),
        }
    return {
        "format": 1,
        "document": draft.document.name,
        "sha256": draft.document.sha256,
        "pages": draft.document.pages,
        "file": str(draft.file),
        "remarks": [*draft.document.remarks, *_left_out(draft)],
        "definitions": list(draft.cut.definitions),
        "clauses": [_clause_answer(clause) for clause in draft.clauses],
        "changes": compared,
    }


def _clause_answer(clause: DraftedClause) -> Body:
    proposal = clause.proposal
    return {
        "clause": clause.name,
        "says": clause.cut.says,
        "section": f"{clause.cut.section_label} {clause.cut.section}".strip(),
        "number": clause.cut.number or None,
        "page": clause.cut.page,
        "paragraph": clause.cut.paragraph,
        "unratified": proposal is not None,
        "proposed_class": str(proposal.clause_class) if proposal else None,
        "proposals": [
            {"serves": name, "words": list(words)} for name, words in (proposal.words.items() if proposal else ())
        ],
    }


def review_lines(entry: Mapping[str, Any], position: int, of: int) -> Iterator[Line]:
    """Show a clause of the review with its proposals."""
    place = entry.get("place") or {}
    page = f", page {place['page']}" if place.get("page") else ""
    proposed = entry.get("proposed") or {}
    words = proposed.get("words") or {}
    yield Line()
    yield Line(f"{entry['clause']} ({position} of {of}), {place.get('section', '')}{page}", Tone.HEADING)
    yield Line(f"  {entry['says']}")
    if earlier := proposed.get("earlier"):
        yield Line(f"  accepted before: {earlier}", Tone.QUIET)
    names = proposed_names(entry)
    for number, name in enumerate(names, 1):
        because = f" (words: {', '.join(words[name])})" if words.get(name) else ""
        yield Line(f"  {number}. {describe(name)}{because}")
    if names:
        yield Line(f"  class: {proposed.get('class')}")
    else:
        yield Line("  no proposal. Enter and p: conduct only. n: a rule that no one checks")


def describe(name: str) -> str:
    """Return the name of a control or of evidence with its title."""
    catalogue = controls()
    title = catalogue[name].title if name in catalogue else _EVIDENCE.get(name, "")
    return f"{name}: {title}" if title else name


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN].rsplit(' ', 1)[0]} ..."
