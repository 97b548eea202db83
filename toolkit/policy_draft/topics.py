"""The subjects of school policies, and the combinations of words that show that a clause is about a subject."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from toolkit.playbook.policy_entries import ClauseClass, Evidence
from toolkit.policy_draft.lexicon import stem, tokens
from toolkit.records import dataclass

_WEIGHT = re.compile(r"(.*)\^([0-9.]+)$")
_PHRASE = 0.25  # added weight of each further word of a phrase


@dataclass(frozen=True, slots=True)
class WordGroup:
    """Alternatives of which a clause must have one, or none if the group is excluded. Each is a phrase of stems."""

    phrases: Mapping[tuple[str, ...], float]
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class TopicMatch:
    """A subject that a clause is about: its score, and the words of the clause that show it."""

    topic: "Topic"
    score: float
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject: the class of clauses about it, and the controls and evidence that serve it, best first."""

    name: str
    clause_class: ClauseClass
    serves: tuple[str, ...]
    combinations: tuple[tuple[WordGroup, ...], ...]

    def match(self, text: "ClauseText") -> TopicMatch | None:
        """Return the best match of a clause with a combination of this subject, or None."""
        matches = [match for groups in self.combinations if (match := _match_groups(groups, text))]
        if not matches:
            return None
        score, words = max(matches, key=lambda scored: scored[0])
        return TopicMatch(self, score, words)


class ClauseText:
    """The words of a clause, ready to compare: each phrase of up to five words with its stems."""

    _LONGEST = 5

    def __init__(self, text: str) -> None:
        words = tokens(text)
        stemmed = [stem(word) for word in words]
        self.phrases: dict[tuple[str, ...], str] = {}
        for length in range(1, self._LONGEST + 1):
            for start in range(len(words) - length + 1):
                phrase = tuple(stemmed[start : start + length])
                self.phrases.setdefault(phrase, " ".join(words[start : start + length]))


def _match_groups(groups: Sequence[WordGroup], text: ClauseText) -> tuple[float, tuple[str, ...]] | None:
    score, words, used = 0.0, dict[str, None](), set[str]()
    for group in groups:
        present = [(weight, phrase) for phrase, weight in group.phrases.items() if phrase in text.phrases]
        if group.is_excluded:
            if present:
                return None
            continue
        unused = [(weight, phrase) for weight, phrase in present if used.isdisjoint(phrase)]
        if not unused:
            return None
        weight, phrase = max(unused, key=lambda weighted: (weighted[0], len(weighted[1])))
        score += weight
        words[text.phrases[phrase]] = None
        used.update(phrase)
    return score, tuple(words)


@cache
def topics() -> Sequence[Topic]:
    """Return the subjects in the order of their file."""
    text = (files("toolkit.policy_draft") / "topics.yaml").read_text(encoding="utf-8")
    written: Mapping[str, Any] = YAML(typ="safe", pure=True).load(text)
    groups = {name: _phrases(words) for name, words in written["groups"].items()}
    return [
        Topic(
            name=topic["topic"],
            clause_class=ClauseClass(topic["class"]),
            serves=tuple(topic.get("controls", ())),
            combinations=tuple(_parse_combination(line, groups) for line in topic["words"]),
        )
        for topic in written["topics"]
    ]


def _parse_combination(line: str, groups: Mapping[str, Mapping[tuple[str, ...], float]]) -> tuple[WordGroup, ...]:
    return tuple(_parse_group(group.strip(), groups) for group in line.split("+"))


def _parse_group(text: str, groups: Mapping[str, Mapping[tuple[str, ...], float]]) -> WordGroup:
    phrases: dict[tuple[str, ...], float] = {}
    for alternative in text.removeprefix("!").split("|"):
        name, factor = _split_weight(alternative)
        if name.startswith("@"):
            phrases |= {phrase: weight * factor for phrase, weight in groups[name[1:]].items()}
        else:
            phrases |= _phrases([alternative])
    return WordGroup(phrases, is_excluded=text.startswith("!"))


def _phrases(alternatives: Sequence[str]) -> Mapping[tuple[str, ...], float]:
    phrases = {}
    for alternative in alternatives:
        text, weight = _split_weight(alternative)
        phrase = tuple(stem(word) for word in tokens(text))
        phrases[phrase] = weight + _PHRASE * (len(phrase) - 1)
    return phrases


def _split_weight(alternative: str) -> tuple[str, float]:
    match = _WEIGHT.match(alternative)
    return (match[1], float(match[2])) if match else (alternative, 1.0)


EVIDENCE = frozenset(Evidence)
"""The names under `controls` of a subject that are evidence in the school's registers."""
