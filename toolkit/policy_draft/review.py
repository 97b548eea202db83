"""A person's decisions about drafted clauses: accept a proposal, choose another, or say that no one checks a clause."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.controls.control import controls
from toolkit.errors import UsageError
from toolkit.messages import did_you_mean, quoted
from toolkit.playbook.policy_entries import ClauseClass, Evidence
from toolkit.policy_draft.draft_file import ClausesFile, is_unratified
from toolkit.policy_draft.known_clauses import known_clauses
from toolkit.policy_draft.minimums import minimums, numbers_without_minimum
from toolkit.records import dataclass
from toolkit.values import Json

WHOLE = "the whole clause"
"""The requirement that no one checks, for a clause without a control."""

ACCEPT, NONE, CONDUCT, REST, SKIP, STOP, BACK = "", "n", "p", "all", "s", "q", "<"
"""The short answers of the review. Numbers accept only these proposals, and names choose other controls."""


@dataclass(frozen=True, slots=True)
class ClauseAcceptance:
    """The accepted class, controls and evidence of a clause."""

    clause_class: ClauseClass
    controls: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def proposed_names(entry: Mapping[str, Any]) -> list[str]:
    """Return the proposed controls and evidence of an entry, in the order of its words."""
    proposed = entry.get("proposed") or {}
    names = [*(proposed.get("controls") or ()), *(proposed.get("evidence") or ())]
    order = [*(proposed.get("words") or ())]
    return sorted(names, key=lambda name: order.index(name) if name in order else len(order))


def read_answer(text: str, entry: Mapping[str, Any]) -> ClauseAcceptance:
    """Return the class, controls and evidence that an answer accepts. Raise UsageError for another answer."""
    proposed = entry.get("proposed") or {}
    names = proposed_names(entry)
    answer = text.strip()
    if answer.casefold() in {ACCEPT, REST}:
        return _to_acceptance(names, ClauseClass(proposed.get("class", ClauseClass.PEOPLE)))
    if answer.casefold() == CONDUCT:
        return ClauseAcceptance(ClauseClass.PEOPLE)
    if answer.casefold() == NONE:
        return ClauseAcceptance(ClauseClass.SUPPORTED)
    chosen = [word for word in answer.replace(",", " ").split() if word]
    picked = [_read_name(word, names) for word in chosen]
    return _to_acceptance(picked, _class_of(picked, proposed))


def _read_name(word: str, names: Sequence[str]) -> str:
    if word.isdecimal():
        if not 1 <= int(word) <= len(names):
            raise UsageError(f"there is no proposal {word}. Write one of the numbers, a control, n or p")
        return names[int(word) - 1]
    names_in_use = {*controls(), *Evidence}
    if word not in names_in_use:
        raise UsageError(f"unknown control or evidence {quoted(word)}{did_you_mean(word, names_in_use)}")
    return word


def _to_acceptance(names: Sequence[str], clause_class: ClauseClass) -> ClauseAcceptance:
    evidence = [name for name in names if name in set(Evidence)]
    return ClauseAcceptance(clause_class, tuple(name for name in names if name not in evidence), tuple(evidence))


def _class_of(names: Sequence[str], proposed: Mapping[str, Any]) -> ClauseClass:
    """Return the proposed class if one of the chosen names was proposed, else the usual class of the first name."""
    suggested = ClauseClass(proposed.get("class", ClauseClass.PEOPLE))
    offered = {*(proposed.get("controls") or ()), *(proposed.get("evidence") or ())}
    if suggested is not ClauseClass.PEOPLE and offered & set(names):
        return suggested
    classes = Counter(
        clause.clause_class
        for clause in known_clauses()
        if names[0] in clause.serves and clause.clause_class is not ClauseClass.PEOPLE
    )
    return classes.most_common(1)[0][0] if classes else ClauseClass.SUPPORTED


def accept(entry: dict[str, Any], acceptance: ClauseAcceptance) -> None:
    """Write the accepted class, controls and evidence into an entry of the file, in place of its proposal."""
    entry.pop("proposed", None)
    entry["class"] = str(acceptance.clause_class)
    says = str(entry["says"])
    written: dict[str, Json] = {
        "controls": list(acceptance.controls),
        "evidence": [str(name) for name in acceptance.evidence],
        "floor": list(minimums(says, acceptance.controls)),
        "uncovered": _uncovered_requirements(says, acceptance),
    }
    entry.update({key: value for key, value in written.items() if value})


def _uncovered_requirements(says: str, acceptance: ClauseAcceptance) -> list[Json]:
    if acceptance.clause_class is ClauseClass.PEOPLE:
        return []
    if not acceptance.controls and not acceptance.evidence:
        return [WHOLE]
    numbers = list(numbers_without_minimum(says, acceptance.controls)) if acceptance.controls else []
    return [f"the number {', '.join(numbers)} in the clause, which no minimum compares"] if numbers else []


class ReviewSession:
    """A review of the clauses that are UNRATIFIED when it begins. The file is saved after each answer."""

    def __init__(self, file: ClausesFile) -> None:
        self.places = [index for index, _ in file.list_unratified()]
        self.position = 0
        self._file = file
        self._before: dict[int, dict[str, Any]] = {}

    @property
    def current(self) -> dict[str, Any] | None:
        """Return the next clause that is UNRATIFIED, or None at the end."""
        while self.position < len(self.places):
            entry = self._file.entries[self.places[self.position]]
            if is_unratified(entry):
                return entry
            self.position += 1
        return None

    def answer(self, text: str) -> None:
        """Write an answer into the file. Raise UsageError for an answer that is not one of the choices."""
        place = self.places[self.position]
        entry = self._file.entries[place]
        if text.casefold() == REST:
            section = entry.get("place", {}).get("section")
            for index, other in self._file.list_unratified():
                if index >= place and other.get("place", {}).get("section") == section:
                    self._accept(index, ACCEPT)
        elif text.casefold() != SKIP:
            self._accept(place, text)
        self._file.save()
        self.position += 1

    def go_back(self) -> None:
        """Return to the clause before, which is UNRATIFIED again with its proposal."""
        self.position = max(0, self.position - 1)
        place = self.places[self.position]
        if place in self._before:
            entry = self._file.entries[place]
            entry.clear()
            entry.update(self._before.pop(place))
            self._file.save()

    def _accept(self, place: int, text: str) -> None:
        entry = self._file.entries[place]
        self._before[place] = dict(entry)
        accept(entry, read_answer(text, entry))
