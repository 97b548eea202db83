"""What a school answers before a control enforces on a live tenant: who, when, and each question."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

import pytest

from toolkit.controls.control import QUESTIONS, controls
from toolkit.errors import PlaybookError
from toolkit.playbook.asked import refuse_unanswered
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.playbook.vocabulary import Vocabulary

Write = Callable[[Mapping[str, str | bytes]], Playbooks]

TODAY = date(2026, 11, 28)
ENFORCES = "playbook: x\nmode: enforce\ncontrols:\n  - mail.label:\n      for: staff\n"
ASKED = "      asked:\n        by: Head Teacher\n        on: 2026-11-20\n        answers:\n"
ANSWER = "          newsletter_senders: The office, on Fridays\n"


@pytest.fixture
def asking(vocabulary: Vocabulary) -> Vocabulary:
    """Return the words of playbooks, with a control that has two questions."""
    label = replace(vocabulary.controls["mail.label"], asks=("newsletter_senders", "parent_mail"))
    return replace(vocabulary, controls={**vocabulary.controls, "mail.label": label})


def _problems(write: Callable[..., object], words: Vocabulary, text: str) -> list[str]:
    try:
        refuse_unanswered(load(write({"10.yaml": text}), words), words.controls, TODAY)  # type: ignore[arg-type]
    except PlaybookError as error:
        return [str(problem) for problem in error.problems]
    return []


def test_a_control_that_enforces_unasked_is_refused_with_the_lines_to_add(write: Write, asking: Vocabulary) -> None:
    (problem,) = _problems(write, asking, ENFORCES)
    first, *lines = problem.splitlines()

    assert first.startswith("playbooks/10.yaml:4: mail.label cannot be enforced on a live tenant before")
    assert lines[0] == "      asked:"
    assert lines[-1] == f"          parent_mail: # {QUESTIONS['parent_mail']}"
    unfilled = _problems(write, asking, "\n".join([ENFORCES.rstrip(), *lines, ""]))
    assert {problem.partition(": ")[0] for problem in unfilled} == {f"playbooks/10.yaml:{line}" for line in (7, 10, 11)}


def test_only_the_missing_answer_is_asked_for(write: Write, asking: Vocabulary) -> None:
    (problem,) = _problems(write, asking, ENFORCES + ASKED + ANSWER)

    assert problem.startswith("playbooks/10.yaml:6: ")
    assert problem.splitlines()[1:] == [f"          parent_mail: # {QUESTIONS['parent_mail']}"]


@pytest.mark.parametrize("mode", ["check", "off"])
def test_a_control_that_does_not_enforce_needs_no_answers(write: Write, asking: Vocabulary, mode: str) -> None:
    assert not _problems(write, asking, f"{ENFORCES}      mode: {mode}\n")


def test_answers_of_the_future_count_for_nothing(write: Write, asking: Vocabulary) -> None:
    answered = ENFORCES + ASKED + ANSWER + "          parent_mail: The MIS\n"

    assert not _problems(write, asking, answered)
    (problem,) = _problems(write, asking, answered.replace("2026-11-20", "2026-11-29"))
    assert "2026-11-29, which is in the future" in problem


def test_an_answer_to_no_question_is_named_with_its_line(write: Write, asking: Vocabulary) -> None:
    problems = _problems(write, asking, ENFORCES + ASKED + ANSWER.replace("senders", "sender"))

    assert problems == [
        "playbooks/10.yaml:10: mail.label has no question `newsletter_sender`: did you mean `newsletter_senders`?"
    ]


def test_a_control_without_questions_takes_no_answers(write: Write, vocabulary: Vocabulary) -> None:
    (problem,) = _problems(write, vocabulary, ENFORCES + ASKED + ANSWER)

    assert problem == "playbooks/10.yaml:6: mail.label has no questions. Delete `asked`"


def test_every_question_has_a_text() -> None:
    assert {name for control in controls().values() for name in control.asks} <= QUESTIONS.keys()
