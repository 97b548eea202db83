"""Estimate from known clauses which controls serve another clause: by its words, and by the most similar clauses."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from heapq import nlargest
from math import exp, log, sqrt

from toolkit.playbook.policy_entries import ClauseClass
from toolkit.policy_draft.known_clauses import KnownClause, known_clauses
from toolkit.policy_draft.lexicon import STOPWORDS, stem, stems, tokens
from toolkit.records import dataclass

CONDUCT = ""
"""The name under which a clause counts that no control or evidence serves."""

_MOST_SIMILAR = 10  # clauses that are compared
_NOTHING_SIMILAR = 0.05  # the weight of conduct, next to the squares of the likenesses, if no clause is similar
_LATER = 0.1  # less for each control that a known clause names after its best one
_SMOOTHING = 0.2  # added to the count of each word (naive Bayes)
_SCALE = 3.0  # words depend on one another, so that their joint weight is less than the sum
_MOST_WEIGHT = 30.0
_MOST_WORDS = 3


@dataclass(frozen=True, slots=True)
class ClauseEstimate:
    """The shares of controls, evidence and CONDUCT, from 0 to 1, and the shares of the classes."""

    serves: Mapping[str, float]
    classes: Mapping[str, float]


class ClauseStatistics:
    """The words of known clauses, and the clauses themselves, which show the controls of similar clauses."""

    def __init__(self, clauses: Sequence[KnownClause]) -> None:
        words = [_telling_stems(clause.says) for clause in clauses]
        self._by_words = _WordWeights(words, [clause.serves or (CONDUCT,) for clause in clauses])
        self._classes_by_words = _WordWeights(words, [(str(clause.clause_class),) for clause in clauses])
        self._similar = _SimilarClauses(clauses)

    def estimate(self, text: str) -> ClauseEstimate:
        """Return the shares for a clause: the mean of the shares by its words and by the most similar clauses."""
        words = _telling_stems(text)
        serves, classes = self._similar.shares(text)
        by_class = self._classes_by_words.shares(words)
        whole = sum(by_class.values()) or 1.0
        return ClauseEstimate(
            serves=_mean(serves, self._by_words.shares(words)),
            classes=_mean(classes, {name: share / whole for name, share in by_class.items()}),
        )

    def words_for(self, text: str, name: str) -> tuple[str, ...]:
        """Return the words of a clause that speak most for a control or evidence, in the order of the clause."""
        shown = {stem(token): token for token in reversed(tokens(text))}
        weights = self._by_words.weights(_telling_stems(text), name)
        best = sorted((word for word in weights if weights[word] > 0), key=lambda word: -weights[word])[:_MOST_WORDS]
        return tuple(token for word, token in reversed(shown.items()) if word in best)


class _WordWeights:
    """For each label, how much more often a word is in clauses with the label than in others (naive Bayes)."""

    def __init__(self, texts: Sequence[frozenset[str]], labels: Sequence[Sequence[str]]) -> None:
        self._clauses = len(texts)
        self._counts: Mapping[str, Counter[str]] = defaultdict(Counter)
        self._labelled: Counter[str] = Counter()
        self._everywhere = Counter(word for words in texts for word in words)
        self._all_words = sum(self._everywhere.values())
        for words, names in zip(texts, labels, strict=True):
            self._labelled.update(names)
            for name in names:
                self._counts[name].update(words)
        self._words = {name: sum(counts.values()) for name, counts in self._counts.items()}

    def shares(self, words: Iterable[str]) -> Mapping[str, float]:
        counted = [word for word in words if word in self._everywhere]
        return {name: self._share(counted, name) for name in self._labelled}

    def _share(self, words: Sequence[str], name: str) -> float:
        before = log(self._labelled[name] / (self._clauses - self._labelled[name] or 1))
        weight = (before + sum(self.weights(words, name).values())) / _SCALE
        return 1 / (1 + exp(-max(-_MOST_WEIGHT, min(_MOST_WEIGHT, weight))))

    def weights(self, words: Iterable[str], name: str) -> Mapping[str, float]:
        counts, all_counts = self._counts[name], self._everywhere
        smoothed = _SMOOTHING * len(all_counts)
        size = log(self._words.get(name, 0) + smoothed) - log(self._all_words - self._words.get(name, 0) + smoothed)
        return {
            word: log((counts[word] + _SMOOTHING) / (all_counts[word] - counts[word] + _SMOOTHING)) - size
            for word in words
            if word in all_counts
        }


class _SimilarClauses:
    """The known clauses by their words. Rare words count more (cosine of TF-IDF vectors)."""

    def __init__(self, clauses: Sequence[KnownClause]) -> None:
        self._clauses = clauses
        texts = [frozenset(stems(clause.says)) for clause in clauses]
        frequencies = Counter(word for words in texts for word in words)
        self._rarity = {word: log(1 + len(clauses) / count) for word, count in frequencies.items()}
        self._places: Mapping[str, list[tuple[int, float]]] = defaultdict(list)
        for place, words in enumerate(texts):
            for word, weight in self._vector(words).items():
                self._places[word].append((place, weight))

    def shares(self, text: str) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """Return the shares of the controls and of the classes of the clauses that are most similar to a text."""
        likeness: dict[int, float] = defaultdict(float)
        for word, weight in self._vector(frozenset(stems(text))).items():
            for place, other in self._places[word]:
                likeness[place] += weight * other
        places = nlargest(_MOST_SIMILAR, likeness, key=lambda place: likeness[place])
        nearest = [(self._clauses[place], likeness[place] ** 2) for place in places]
        whole = sum(weight for _, weight in nearest) + _NOTHING_SIMILAR
        serves: dict[str, float] = defaultdict(float, {CONDUCT: _NOTHING_SIMILAR / whole})
        classes: dict[str, float] = defaultdict(float, {str(ClauseClass.PEOPLE): _NOTHING_SIMILAR / whole})
        for clause, weight in nearest:
            classes[str(clause.clause_class)] += weight / whole
            for rank, name in enumerate(clause.serves or (CONDUCT,)):
                serves[name] += weight / whole * (1 - _LATER * rank)
        return serves, classes

    def _vector(self, words: Iterable[str]) -> Mapping[str, float]:
        weights = {word: self._rarity[word] for word in words if word in self._rarity}
        length = sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        return {word: weight / length for word, weight in weights.items()}


def _telling_stems(text: str) -> frozenset[str]:
    return frozenset(stem(token) for token in tokens(text) if token not in STOPWORDS)


def _mean(first: Mapping[str, float], second: Mapping[str, float]) -> Mapping[str, float]:
    return {name: (first.get(name, 0.0) + second.get(name, 0.0)) / 2 for name in {**first, **second}}


@cache
def clause_statistics() -> ClauseStatistics:
    """Return the statistics of the known clauses."""
    return ClauseStatistics(known_clauses())
