"""Compare a later version of a document with the clauses that exist, and keep the decisions of people."""

from collections.abc import Collection, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from toolkit.playbook.policy_entries import ClauseClass
from toolkit.policy_draft.clause_names import name_clauses
from toolkit.policy_draft.cut import CutClause
from toolkit.policy_draft.draft_file import DraftedClause, is_unratified, read_clause, with_section
from toolkit.policy_draft.lexicon import tokens
from toolkit.policy_draft.propose import ClauseProposal, propose_for_item
from toolkit.records import dataclass

_SHARED = 0.3  # of all their words, below which two sentences are not compared word by word
_COMPARED = 8  # sentences
_ALIKE = 0.6  # of the words, above which a sentence is the same clause with another wording


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChanges:
    """The clauses of the later version, and the names of the clauses that differ."""

    clauses: Sequence[DraftedClause]
    added: Sequence[str]
    changed: Sequence[str]
    moves: Sequence[str]
    removed: Sequence[str]
    ratify_again: Sequence[str]  # accepted before, and changed since


def compare_versions(entries: Sequence[Mapping[str, Any]], clauses: Sequence[CutClause]) -> VersionChanges:
    """Return the clauses of the later version. A clause keeps its name, and an unchanged clause its controls."""
    before = [read_clause(entry) for entry in entries]
    pairs = _pairs(before, clauses)
    fresh = [clause for index, clause in enumerate(clauses) if index not in pairs]
    names = iter(list(name_clauses(fresh, taken={str(entry["clause"]) for entry in entries})))
    drafted, added, changed, moved, again = [], list[str](), list[str](), list[str](), list[str]()
    for index, clause in enumerate(clauses):
        if index not in pairs:
            added.append(next(names))
            drafted.append(
                DraftedClause(name=added[-1], cut=clause, proposal=propose_for_item(clause.says, clause.item_text))
            )
            continue
        entry, old = entries[pairs[index]], before[pairs[index]]
        name = str(entry["clause"])
        is_accepted = not is_unratified(entry)
        if _same_words(old.says, clause.says):
            moved += [name] if _is_moved(old, clause) else []
            proposal = None if is_accepted else propose_for_item(clause.says, clause.item_text)
            drafted.append(DraftedClause(name=name, cut=clause, proposal=proposal, entry=entry))
            continue
        changed.append(name)
        again += [name] if is_accepted else []
        proposal = _accepted_before(entry) if is_accepted else propose_for_item(clause.says, clause.item_text)
        drafted.append(DraftedClause(name=name, cut=clause, proposal=proposal, earlier=old.says))
    removed = [str(entry["clause"]) for place, entry in enumerate(entries) if place not in pairs.values()]
    return VersionChanges(
        clauses=drafted, added=added, changed=changed, moves=moved, removed=removed, ratify_again=again
    )


def _pairs(before: Sequence[CutClause], after: Sequence[CutClause]) -> Mapping[int, int]:
    """Return the index of the earlier clause of each later clause that has one.

    The same sentence comes first, then the same number with a similar sentence, then any similar sentence.
    """
    pairs: dict[int, int] = {}
    left = set(range(len(before)))
    words_before = [frozenset(tokens(old.says)) for old in before]
    by_words: dict[tuple[str, ...], list[int]] = {}
    for place, old in enumerate(before):
        by_words.setdefault(tuple(tokens(old.says)), []).append(place)
    for index, clause in enumerate(after):
        same = [place for place in by_words.get(tuple(tokens(clause.says)), ()) if place in left]
        same.sort(key=lambda place: _is_moved(before[place], clause))
        if same:
            pairs[index] = same[0]
            left.discard(same[0])
    for index, clause in enumerate(after):
        if index in pairs:
            continue
        likeness = {place: _likeness(before[place], clause) for place in _nearest(words_before, left, clause)}
        best = max(sorted(likeness), key=lambda place: likeness[place], default=None)
        if best is not None and likeness[best] >= _ALIKE:
            pairs[index] = best
            left.discard(best)
    return pairs


def _nearest(before: Sequence[frozenset[str]], left: Collection[int], clause: CutClause) -> Sequence[int]:
    """Return the earlier sentences that share most words with a clause. Only these are compared word by word."""
    words = frozenset(tokens(clause.says))
    shares = {place: len(before[place] & words) / max(len(before[place] | words), 1) for place in left}
    near = sorted((place for place in left if shares[place] >= _SHARED), key=lambda place: (-shares[place], place))
    return near[:_COMPARED]


def _likeness(before: CutClause, after: CutClause) -> float:
    """Return how alike two sentences are, from 0 to 1. The same number in the same section counts a little."""
    old, new = tokens(before.says), tokens(after.says)
    if 2 * min(len(old), len(new)) < _ALIKE * (len(old) + len(new)) - 1:
        return 0.0
    bonus = 0.1 if before.number and before.number == after.number else 0.0
    return SequenceMatcher(None, old, new, autojunk=False).ratio() + bonus


def _same_words(before: str, after: str) -> bool:
    return tokens(before) == tokens(after)


def _is_moved(before: CutClause, after: CutClause) -> bool:
    return (before.section, before.number) != (with_section(after).section, after.number)


def _accepted_before(entry: Mapping[str, Any]) -> ClauseProposal:
    """Return the accepted controls of the earlier wording as the proposal for the new wording."""
    controls, evidence = tuple(entry.get("controls") or ()), tuple(entry.get("evidence") or ())
    return ClauseProposal(
        clause_class=ClauseClass(entry["class"]),
        controls=controls,
        evidence=evidence,
        words=dict.fromkeys((*controls, *evidence), ()),
    )
