"""Propose a class, controls and evidence for a clause, with the words that led to each proposal."""

from collections.abc import Mapping, Sequence

from toolkit.playbook.policy_entries import ClauseClass
from toolkit.policy_draft.known_clauses import ClauseIndex, clause_index
from toolkit.policy_draft.lexicon import is_english
from toolkit.policy_draft.topics import EVIDENCE, ClauseText, TopicMatch, topics
from toolkit.records import dataclass

MOST = 3
"""The maximum number of proposals for a clause."""

_LEAST = 1.8  # the weight of words that suffice to show a subject. Two groups of words weigh more
_NEAR = 0.75  # of the best score, for the controls of another subject
_CONDUCT = 0.6  # added for conduct, because a false proposal costs a person more than a missing one
_ALIKE = 0.5  # of the highest possible score, for the controls of a known clause
_LEAST_WORDS = 3


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


def propose(says: str, index: ClauseIndex | None = None) -> ClauseProposal:
    """Return the proposal for a clause. It has no controls if the words do not match a subject well enough."""
    if not is_english(says):
        return NOTHING
    matches = rank_topics(says)
    if matches:
        return _propose_by_topics(matches)
    return _propose_as_neighbours(says, index or clause_index())


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


def _propose_by_topics(matches: Sequence[TopicMatch]) -> ClauseProposal:
    best = matches[0]
    if best.topic.clause_class is ClauseClass.PEOPLE:
        return NOTHING
    words: dict[str, tuple[str, ...]] = {}
    near = [match for match in matches if match.topic.serves and match.score >= _NEAR * best.score]
    for match in near:
        for name in match.topic.serves[: MOST if match is best and len(near) == 1 else MOST - 1]:
            words.setdefault(name, match.words)
    return _proposal(best.topic.clause_class, words)


def _propose_as_neighbours(says: str, index: ClauseIndex) -> ClauseProposal:
    alike = [near for near in index.nearest(says) if near.score >= _ALIKE and len(near.words) >= _LEAST_WORDS]
    if not alike or alike[0].clause.clause_class is ClauseClass.PEOPLE:
        return NOTHING
    words: dict[str, tuple[str, ...]] = {}
    for name in alike[0].clause.serves:
        words.setdefault(name, alike[0].words)
    return _proposal(alike[0].clause.clause_class, words)


def _proposal(clause_class: ClauseClass, words: Mapping[str, tuple[str, ...]]) -> ClauseProposal:
    kept = dict(list(words.items())[:MOST])
    return ClauseProposal(
        clause_class=clause_class,
        controls=tuple(name for name in kept if name not in EVIDENCE),
        evidence=tuple(name for name in kept if name in EVIDENCE),
        words=kept,
    )
