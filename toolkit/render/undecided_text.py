"""What nobody has decided yet, and what waits for it, as an admin reads it and as JSON."""

from collections.abc import Iterator, Sequence

from toolkit.playbook.entries import Undecided
from toolkit.render.line import Line, Tone
from toolkit.values import Json


def undecided_lines(undecided: Sequence[Undecided]) -> Iterator[Line]:
    """Name each control that waits with the decisions it waits for, and the other open ones in one line."""
    waiting = {one.origin: one for choice in undecided for one in choice.waiting}
    questions = {choice.name: choice.question for choice in undecided}
    for one in waiting.values():
        text = f"* {one.name} waits for {' and '.join(one.decisions)}, and nothing of it is written ({one.origin})"
        yield Line(text, Tone.WARNING)
    for choice in (choice for choice in undecided if choice.waiting):
        clauses = f" ({', '.join(choice.clauses)})" if choice.clauses else ""
        yield Line(f"    {choice.name}: {questions[choice.name]}{clauses}", Tone.WARNING)
    others = [f"{choice.name} ({choice.question})" for choice in undecided if not choice.waiting]
    if others:
        yield Line(f"  not decided, and no control is held up by it: {', '.join(others)}", Tone.QUIET)


def undecided_answer(undecided: Sequence[Undecided]) -> Json:
    """Give each open decision with what waits for it."""
    return [
        {
            "decision": choice.name,
            "question": choice.question,
            "clauses": list(choice.clauses),
            "waiting": [
                {"control": one.name, "path": one.origin.path, "line": one.origin.line, "clauses": list(one.clauses)}
                for one in choice.waiting
            ],
        }
        for choice in undecided
    ]
