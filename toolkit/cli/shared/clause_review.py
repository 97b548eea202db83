"""Ask a person about the drafted clauses of a policy, one after another."""

import sys
from typing import Any

from toolkit.cli.shared.terminal import ask_until_valid, remark, show
from toolkit.policy_draft.draft_file import ClausesFile
from toolkit.policy_draft.draft_text import review_lines
from toolkit.policy_draft.review import BACK, SKIP, STOP, ReviewSession, read_answer


def review_clauses(file: ClausesFile) -> None:
    """Ask about each clause in turn, and save the file after each answer."""
    session = ReviewSession(file)
    while (entry := session.current) is not None:
        show(review_lines(entry, session.position + 1, len(session.places)))
        answer = _ask_about_clause(entry)
        if answer.casefold() == STOP:
            return
        if answer == BACK:
            session.go_back()
        else:
            session.answer(answer)


def _ask_about_clause(clause: dict[str, Any]) -> str:
    """Ask about a clause, and return the answer. The end of the input stops the review."""

    def check(text: str) -> None:
        if text.strip().casefold() not in {SKIP, STOP, BACK}:
            read_answer(text, clause)

    question = "Accept? [Enter, 1-3, CONTROL, n, p, all, s, <, q]"
    if sys.stdin.isatty():
        return ask_until_valid(question, "", check).strip()
    if not (line := sys.stdin.readline()):
        return STOP
    check(line)
    remark(f"{question}: {line.strip()}")
    return line.strip()
