"""Propose a class, controls and evidence for a clause, with the words that led to each proposal.

Two estimates are added: the subjects that the words of the clause show (topics.yaml), and the statistics of known
clauses. The weights below were chosen by cross-validation (tests/policy_draft/cross_validate.py).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from toolkit.playbook.policy_entries import ClauseClass
from toolkit.policy_draft.clause_statistics import CONDUCT, ClauseStatistics, clause_statistics
from toolkit.policy_draft.lexicon import is_english
from toolkit.policy_draft.topics import EVIDENCE, ClauseText, TopicMatch, topics
from toolkit.records import dataclass

MOST = 3
"""The maximum number of proposals for a clause."""

_LEAST = 1.8  # the weight of words that suffice to show a subject. Two groups of words weigh more
_CONDUCT = 0.6  # added to the subjects of conduct, because a false proposal costs a person more than a missing one
_MOST_SUBJECTS = 4
_FULL = 4.0  # the score of a subject that counts fully
_NEXT = 0.6  # the weight of each further subject, as a share of the weight of the subject before
_LATER = 0.15  # less for each control that a subject names after its best one
_OF_SUBJECTS = 0.7  # the weight of subjects for the controls, next to 1 for the statistics
_OF_CONDUCT = 0.5  # the weight of subjects for conduct. Their words are in many clauses that a setting serves
_OF_CLASSES = 0.6  # the weight of subjects for the class
_LEAST_WORDS = 2  # of a clause for a control that no subject shows
_ABOVE_CONDUCT = 0.22  # by how much more probable than conduct a control must be
_NEAR = 0.4  # of the best score, for further controls


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseProposal:
    """A proposal for a clause, for which nothing is checked until a person has accepted the proposal."""

    clause_class: ClauseClass
    controls: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    words: Mapping[str, tuple[str, ...]]  # by control or evidence, the words of the clause that led to it

    @property
    def serves(self) -> tuple[str, ...]:
        """Return the controls and the evidence in the order of the proposal."""
        return tuple(self.words)


NOTHING = ClauseProposal(clause_class=ClauseClass.PEOPLE, words={})


def propose(says: str, statistics: ClauseStatistics | None = None) -> ClauseProposal:
    """Return the proposal for a clause. It has no controls if conduct is the better explanation of the words."""
    if not is_english(says):
        return NOTHING
    statistics = statistics or clause_statistics()
    matches = rank_topics(says)[:_MOST_SUBJECTS]
    by_subject, by_class = _score_subjects(matches)
    estimate = statistics.estimate(says)
    conduct = estimate.serves.get(CONDUCT, 0.0) + _OF_CONDUCT * by_subject.get(CONDUCT, 0.0)
    scores = {**_add(estimate.serves, by_subject, _OF_SUBJECTS), CONDUCT: conduct}
    classes = _add(estimate.classes, by_class, _OF_CLASSES)
    classes.pop(ClauseClass.PEOPLE, None)
    words = {name: _words_for(name, says, matches, statistics) for name in _best_names(scores)}
    words = {name: shown for name, shown in words.items() if shown}
    if not words:
        return NOTHING
    return ClauseProposal(
        clause_class=ClauseClass(max(classes, key=lambda name: classes[name])),
        controls=tuple(name for name in words if name not in EVIDENCE),
        evidence=tuple(name for name in words if name in EVIDENCE),
        words=words,
    )


def _best_names(scores: Mapping[str, float]) -> Sequence[str]:
    """Return the best controls and evidence, or none if conduct is about as probable as the best one."""
    ranked = sorted(scores.keys() - {CONDUCT}, key=lambda name: (-scores[name], name))[:MOST]
    if not ranked or scores.get(CONDUCT, 0.0) > scores[ranked[0]] - _ABOVE_CONDUCT:
        return []
    return [name for name in ranked if scores[name] >= _NEAR * scores[ranked[0]]]


def _words_for(name: str, says: str, matches: Sequence[TopicMatch], statistics: ClauseStatistics) -> tuple[str, ...]:
    """Return the words of a clause that led to a control. Without a subject that names it, one word is not enough."""
    of_subject = next((match.words for match in matches if name in match.topic.serves), ())
    words = of_subject or statistics.words_for(says, name)
    return words if of_subject or len(words) >= _LEAST_WORDS else ()


def propose_for_item(says: str, own: str) -> ClauseProposal:
    """Return the proposal for a clause whose words begin with the introduction of a list.

    The item's own words count. Only if they match nothing, the introduction counts too.
    """
    return propose(own) if own and own != says and rank_topics(own) else propose(says)


def rank_topics(says: str) -> Sequence[TopicMatch]:
    """Return the subjects of a clause, best first. Of equal scores, the subject that is earlier in the file counts."""
    text = ClauseText(says)
    ranked = [match for topic in topics() if (match := topic.match(text)) and match.score >= _LEAST]
    return sorted(ranked, key=lambda match: -_weight(match))


def _weight(match: TopicMatch) -> float:
    """Return the score of a match. A subject with controls must match clearly better than conduct."""
    return match.score + (0 if match.topic.serves else _CONDUCT)


def _score_subjects(matches: Sequence[TopicMatch]) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Return the scores of controls, evidence and CONDUCT, and the scores of classes, from 0 to 1 for a subject."""
    serves: dict[str, float] = {}
    classes: dict[str, float] = defaultdict(float)
    for place, match in enumerate(matches):
        weight = min(match.score / _FULL, 1.0) * _NEXT**place
        classes[match.topic.clause_class] += weight
        for rank, name in enumerate(match.topic.serves or (CONDUCT,)):
            serves[name] = max(serves.get(name, 0.0), weight * (1 - _LATER * rank))
    return serves, classes


def _add(first: Mapping[str, float], second: Mapping[str, float], weight: float) -> dict[str, float]:
    return {name: first.get(name, 0.0) + weight * second.get(name, 0.0) for name in {**first, **second}}
