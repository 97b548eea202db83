"""Ask the questions of `toolkit init` in turn, with a way back, and show all answers before files are written."""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from toolkit.cli.shared.terminal import ask_until_valid, remark
from toolkit.errors import UsageError
from toolkit.starter.answers import LATER, NEVER_TOUCH, NUMBERS, QUESTIONS, Question, suggested_groups
from toolkit.starter.write import check_answer, missing_questions

if TYPE_CHECKING:
    from toolkit.starter.never_touch import Proposal

BACK = ("<", "back")
_HOW = (
    "Enter takes the answer in [brackets]. < or back returns to the question before. - leaves a question open. "
    "All answers are shown once more at the end, before a file is written."
)
_CONFIRM = "Write the rule files (playbooks) with these answers? [Y/n/back, or the number of an answer to change]"
_YES, _NO = ("", "y", "yes"), ("n", "no")

Propose = Callable[[Mapping[str, str]], "Sequence[Proposal]"]
Check = Callable[[Mapping[str, str]], object]


def may_ask(texts: Mapping[str, str | None]) -> bool:
    """Return whether toolkit may ask questions.

    It always may on a terminal. From a pipe, it asks only if a required option is missing.
    """
    return sys.stdin.isatty() or bool(missing_questions({name for name, text in texts.items() if text is not None}))


class Interview:
    """An interview: the answers so far, by the name of the question, and the order of the questions."""

    def __init__(self, texts: Mapping[str, str | None], propose: Propose, check: Check) -> None:
        """Begin the interview with the answers that options give.

        `propose` returns the accounts to protect, from the answers so far. `check` raises UsageError if answers
        contradict each other.
        """
        given = {question.name for question in (*QUESTIONS, *NUMBERS) if texts[question.name] is not None}
        self.answers = {name: text for name in given if (text := texts[name]) is not None}
        self.proposed: Sequence[Proposal] = ()
        self._asked = [place for place, question in enumerate(QUESTIONS) if question.name not in given]
        self._propose = propose
        self._check = check

    def ask(self) -> bool:
        """Ask every question that no option has answered. Return whether the user confirmed the answers."""
        if not self._asked:
            return True
        for question in QUESTIONS:
            if question.name in self.answers:
                self._check_answer(question, self.answers[question.name])
        remark(_HOW)
        place = self._next_index(0)
        while True:
            while place is not None:
                place = self._ask_question(place)
            reply = self._confirm_answers()
            if isinstance(reply, bool):
                return reply
            place = reply

    def _ask_question(self, index: int) -> int | None:
        """Ask a question. Return the index of the next question, or None if every question has an answer."""
        question = QUESTIONS[index]
        text, default = self._question_and_default(question)
        default = self.answers.get(question.name, default)
        reply = ask_until_valid(
            text, default, partial(self._check_typed, question), hint=f". The option is {question.option}"
        )
        if reply.strip().casefold() in BACK:
            earlier = [before for before in self._asked if before < index]
            if not earlier:
                remark("This is the first question.")
            return earlier[-1] if earlier else index
        self.answers[question.name] = reply
        return self._next_index(index + 1)

    def _question_and_default(self, question: Question) -> tuple[str, str]:
        """Return the text of a question, and the answer that the Enter key selects."""
        if question.name == NEVER_TOUCH:
            self.proposed = self._propose(self.answers)
            if self.proposed:
                text = f"{question.text}; Enter confirms all of these, {LATER} leaves them for later"
                return text, ", ".join(proposal.address for proposal in self.proposed)
        if question.name == "groups":
            return question.text, suggested_groups(self.answers)
        return question.text, question.default or ""

    def _check_answer(self, question: Question, text: str) -> None:
        if text.strip().casefold() not in BACK:
            names = [earlier.name for earlier in QUESTIONS[: QUESTIONS.index(question)]]
            check_answer(question, text, {name: self.answers[name] for name in names if name in self.answers})

    def _check_typed(self, question: Question, text: str) -> None:
        """Raise UsageError if an answer is wrong.

        The error begins with the words of the question, because the user did not type an option.
        """
        try:
            self._check_answer(question, text)
        except UsageError as wrong:
            said = str(wrong).removeprefix(question.option).removeprefix(":").strip()
            raise UsageError(f"{question.topic}: {said}") from wrong

    def _next_index(self, first_index: int) -> int | None:
        """Return the index of the next question that has no answer.

        Questions that earlier answers rule out are skipped.
        """
        for place in self._asked:
            question = QUESTIONS[place]
            if place >= first_index and not self._is_needed(question):
                return place
        return None

    def _is_needed(self, question: Question) -> bool:
        try:
            self._check_answer(question, self.answers[question.name])
        except (KeyError, UsageError):
            return False
        return True

    def _confirm_answers(self) -> bool | int:
        """Show all answers, and ask whether they are right.

        Return whether to write the files, or the index of the question to ask again.
        """
        for row in self._summary_lines():
            remark(row)
        reply = (
            ask_until_valid(_CONFIRM, "", self._check_reply, hint=". Nothing is written. End the input with y")
            .strip()
            .casefold()
        )
        if reply in BACK:
            return self._asked[-1]
        return int(reply) - 1 if reply.isdecimal() else reply in _YES

    def _check_reply(self, text: str) -> None:
        reply = text.strip().casefold()
        if reply in _YES:
            self._check(self.answers)
        elif not (reply in (*_NO, *BACK) or (reply.isdecimal() and int(reply) - 1 in self._asked)):
            numbers = ", ".join(str(place + 1) for place in self._asked)
            raise UsageError(f"{text!r} is not y, n, back or one of the numbers {numbers}")

    def _summary_lines(self) -> Sequence[str]:
        labels = [question.name.replace("_", " ") for question in QUESTIONS]
        width = max(map(len, labels))
        rows = [
            f"{place + 1:4}  {label:{width}}  {self._summary_text(question)}"
            for place, (label, question) in enumerate(zip(labels, QUESTIONS, strict=True))
        ]
        return ["", "Your answers:", *rows, ""]

    def _summary_text(self, question: Question) -> str:
        text = self.answers[question.name].strip()
        return "(open)" if text in ("", LATER) else text
