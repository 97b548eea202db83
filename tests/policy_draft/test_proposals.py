"""Proposals have the words that led to them, and conduct has none."""

from pathlib import Path

import pytest

from tests.policy_draft.measure import figures, read_labelled
from toolkit.controls.control import controls
from toolkit.playbook.policy_entries import ClauseClass
from toolkit.policy_draft.known_clauses import ClauseIndex, known_clauses
from toolkit.policy_draft.propose import propose, propose_for_item
from toolkit.policy_draft.topics import EVIDENCE, ClauseText, Topic, WordGroup, topics

OWN = Path(__file__).with_name("own-clauses.yaml")
OF_SCHOOLS = Path(__file__).with_name("school-clauses.yaml")
LEAST_RIGHT = {
    "right control among the first three": 0.8,
    "no proposal for conduct": 0.9,
    "right class": 0.75,
}


def test_our_own_clauses_get_the_right_proposals() -> None:
    assert {name: right == of for name, (right, of) in figures(list(read_labelled(OWN))).items()} == {
        "right control among the first three": True,
        "no proposal for conduct": True,
        "right class": True,
    }


@pytest.mark.parametrize("part", ["train", "kept"])
def test_most_clauses_in_the_words_of_other_schools_get_the_right_proposals(part: str) -> None:
    clauses = [clause for clause in read_labelled(OF_SCHOOLS) if clause.is_kept is (part == "kept")]
    shares = {name: right / of for name, (right, of) in figures(clauses).items()}

    assert {name: share for name, share in shares.items() if share < LEAST_RIGHT[name]} == {}


def test_overlapping_words_do_not_fill_two_groups_of_a_combination() -> None:
    private = WordGroup({("personal",): 1.0})
    account = WordGroup({("personal", "account"): 1.25, ("account",): 1.0})
    topic = Topic("accounts", ClauseClass.SETTABLE, (), ((private, account),))

    match = topic.match(ClauseText("No personal account."))

    assert match is not None
    assert match.words == ("personal", "account")


def test_a_proposal_names_the_words_of_the_clause_that_led_to_it() -> None:
    proposal = propose("Staff must not install any software on a school laptop.")

    assert proposal.controls[0] == "device.software_restriction"
    assert proposal.words["device.software_restriction"] == ("install", "software")
    assert len(proposal.serves) <= 3


def test_every_subject_names_known_controls_or_evidence() -> None:
    unknown = {name for topic in topics() for name in topic.serves} - controls().keys() - EVIDENCE

    assert unknown == set()


def test_every_control_is_proposed_for_some_subject() -> None:
    assert {name for name in controls() if name not in {n for topic in topics() for n in topic.serves}} == set()


def test_most_clauses_of_the_sample_get_one_of_their_controls() -> None:
    clauses = known_clauses()
    right = 0
    for place, clause in enumerate(clauses):
        others = ClauseIndex([*clauses[:place], *clauses[place + 1 :]])
        right += bool(clause.serves and set(clause.serves) & set(propose(clause.says, others).serves))

    assert right >= 0.75 * sum(bool(clause.serves) for clause in clauses)


def test_the_words_of_a_list_item_count_before_the_words_that_introduce_the_list() -> None:
    lead = "Misuse of the e-mail system by viewing or sending any of the following is gross misconduct:"

    proposal = propose_for_item(f"{lead} online gambling.", "online gambling.")

    assert proposal.controls == ("web.gambling_p2p_block",)
