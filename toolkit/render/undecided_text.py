"""Render open decisions and renamed groups in the playbooks, as text and as JSON."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from toolkit.planning.names import RenamedGroup
from toolkit.playbook.entries import OpenChoice
from toolkit.render.line import Line, Tone, row, rows
from toolkit.values import Body, Json

if TYPE_CHECKING:
    from toolkit.engine.run_report import Report  # loads the ledger, which `validate` does without


def open_choice_lines(open_choices: Sequence[OpenChoice]) -> Iterator[Line]:
    """Yield lines about the controls that wait for decisions, then a line with all other open decisions."""
    waiting = {control.origin: control for choice in open_choices for control in choice.waiting}
    questions = {choice.name: choice.question for choice in open_choices}
    for control in waiting.values():
        decisions = " and ".join(control.decisions)
        text = f"* {control.name} waits for {decisions}, so none of it is applied ({control.origin})"
        yield Line(text, Tone.WARNING)
    for choice in (choice for choice in open_choices if choice.waiting):
        clauses = f" ({', '.join(choice.clauses)})" if choice.clauses else ""
        yield Line(f"    {choice.name}: {questions[choice.name]}{clauses}", Tone.WARNING)
    others = [f"{choice.name} ({choice.question})" for choice in open_choices if not choice.waiting]
    if others:
        yield Line(f"  not decided, but no control waits for it: {', '.join(others)}", Tone.QUIET)


def open_choices_json(open_choices: Sequence[OpenChoice]) -> Json:
    """Return the open decisions as JSON, each with the controls that wait for it."""
    waiting = ("control=name", "path=origin.path", "line=origin.line", "clauses")
    return [
        {**row(choice, "decision=name", "question", "clauses"), "waiting": rows(choice.waiting, *waiting)}
        for choice in open_choices
    ]


def renamed_group_lines(report: "Report") -> Iterator[Line]:
    """Yield lines with the new name of each renamed group, and the command that lists the playbook lines to change."""
    for group in report.renamed:
        yield Line(
            f"! {group.former_name_text} is called {group.now} now: write the new name in {group.origin}", Tone.WARNING
        )
    counts = [f"{len(report.lost_groups)} gone or empty"] if report.lost_groups else []
    counts += [f"{len({group.former_name_text for group in report.renamed})} renamed"] if report.renamed else []
    if counts:
        where = f"`toolkit rollover {report.playbooks.root}` shows each place and what to write"
        yield Line(f"! groups and units of the playbooks: {', '.join(counts)}; {where}", Tone.WARNING)


def renamed_groups_json(renamed_groups: Sequence[RenamedGroup]) -> Sequence[Body]:
    """Return the renamed groups as JSON, with their old and new names."""
    return rows(renamed_groups, "provider", "name", "now", "path=origin.path", "line=origin.line")
