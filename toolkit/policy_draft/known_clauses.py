"""A lexical index (BM25) over the clauses of the sample policy, whose controls are known."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from importlib.resources import files
from math import log
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from toolkit.playbook.policy_entries import ClauseClass
from toolkit.policy_draft.lexicon import STOPWORDS, stem, tokens
from toolkit.records import dataclass

_K1, _B = 1.2, 0.75


@dataclass(frozen=True, slots=True)
class KnownClause:
    """A clause of the sample policy."""

    says: str
    clause_class: ClauseClass
    serves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A known clause with words of another clause: the score as a share of the highest possible, and the words."""

    clause: KnownClause
    score: float
    words: tuple[str, ...]


class ClauseIndex:
    """An index of clauses by their words."""

    def __init__(self, clauses: Sequence[KnownClause]) -> None:
        self._clauses = clauses
        self._counts = [Counter(content_words(clause.says)) for clause in clauses]
        self._mean = sum(map(len, self._counts)) / max(len(self._counts), 1)
        documents = Counter(word for counts in self._counts for word in counts)
        self._weights = {
            word: log(1 + (len(clauses) - count + 0.5) / (count + 0.5)) for word, count in documents.items()
        }

    def nearest(self, text: str, most: int = 5) -> Sequence[Neighbour]:
        """Return the clauses that share the most telling words with a text, best first."""
        shown = {stem(token): token for token in reversed(tokens(text))}
        words_of_text = set(content_words(text))
        highest = sum(self._weights.get(word, max(self._weights.values())) for word in words_of_text) * (_K1 + 1) or 1.0
        scored = [
            Neighbour(
                clause,
                self._score(words_of_text, counts) / highest,
                tuple(shown[word] for word in words_of_text & counts.keys()),
            )
            for clause, counts in zip(self._clauses, self._counts, strict=True)
        ]
        return sorted(scored, key=lambda neighbour: -neighbour.score)[:most]

    def _score(self, words_of_text: Collection[str], counts: Mapping[str, int]) -> float:
        length = _K1 * (1 - _B + _B * len(counts) / self._mean)
        return sum(
            self._weights[word] * counts[word] * (_K1 + 1) / (counts[word] + length)
            for word in words_of_text
            if word in counts
        )


def content_words(text: str) -> list[str]:
    """Return the stems of the words of a text that carry meaning."""
    return [stem(token) for token in tokens(text) if token not in STOPWORDS and token not in _EVERYWHERE]


_EVERYWHERE = frozenset("staff school user users policy member members use used using school's schools".split())


@cache
def known_clauses() -> Sequence[KnownClause]:
    """Return the clauses of the sample policy."""
    folder = Path(str(files("toolkit") / "samples")) / "policy"
    yaml = YAML(typ="safe", pure=True)
    clauses = []
    for path in sorted(folder.glob("*.yaml")):
        written: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"))
        clauses += [
            KnownClause(
                entry["says"],
                ClauseClass(entry["class"]),
                (*entry.get("controls", ()), *entry.get("evidence", ())),
            )
            for entry in written["clauses"]
        ]
    return clauses


@cache
def clause_index() -> ClauseIndex:
    """Return the index of the clauses of the sample policy."""
    return ClauseIndex(known_clauses())
