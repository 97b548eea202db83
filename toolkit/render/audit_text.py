"""Render the runs and entries of the ledger as text and as JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from toolkit.errors import Exit
from toolkit.ledger.entries import Action, Transition
from toolkit.ledger.history import RunHistory, RunStep
from toolkit.ledger.outside_heads import HeadComparison
from toolkit.ledger.person_search import PersonEntry
from toolkit.ledger.tables import OPEN, StepState
from toolkit.ledger.verify import LedgerCheck
from toolkit.planning.change import Field
from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.playbook.role_names import CLAIMED
from toolkit.render.answer import transitions_json
from toolkit.render.line import FORMAT, Line, Tone, row, to_body, to_json
from toolkit.render.values_text import (
    count_text,
    format_difference,
    format_duration,
    format_value,
    values_before_and_after,
)
from toolkit.sdk.lending import without_names, without_person
from toolkit.values import Body

Names = Mapping[str, str]
"""The names behind the pseudonyms, except forgotten names."""


def runs_json(runs: Sequence[RunHistory], target: str, names: Names) -> Body:
    """Return the runs in the ledger with their steps as JSON, newest first."""
    return {"format": FORMAT, "target": target, "runs": [_run_json(run, names) for run in runs]}


def _run_json(run: RunHistory, names: Names) -> Body:
    began, ended, released = run.began, run.ended, run.released
    answer = {
        **row(began, "run", "at", "command", "target", "tenants", "version", "playbooks", "flags", "override?"),
        **row(began, "operator?", "host?", "accounts"),
        "operator_name": names.get(began.operator),
        "host_name": names.get(began.host),
        "undoes": run.rolled_back_run or None,
        "approved": to_json(began.approved),
        "released": {"report": released.report, "by": released.by, "claimed": True} if released else None,
        "ended": ended.at if ended else None,
        "exit": ended.exit if ended else None,
        "failed": (ended.failed or None) if ended else None,
        "summary": ended.summary if ended else None,
        "clauses": ended.statuses if ended else {},
        "turned": transitions_json(ended.turned if ended else ()),
        "steps": [step_json(step) for step in run.steps.values()],
    }
    return to_body(answer)


def step_json(step: RunStep) -> Body:
    """Return a step of a run as JSON, with the change that was planned and its outcome."""
    began = step.began
    changes = values_before_and_after(step).items()
    answer = {
        **row(began, "run", "step", "at", "address", "action"),
        "state": step.state,
        "error": without_names(began.address, step.error) or None,
        "looked_up_by": step.looked_by,
        "fields": [{"path": name, "before": before, "after": after} for name, (before, after) in changes],
    }
    return to_body(answer)


def ledger_check_json(ledger_check: LedgerCheck, target: str) -> Body:
    """Return the result of verifying the whole ledger as JSON."""
    return {
        "format": FORMAT,
        "target": target,
        **row(ledger_check, "sound=is_sound", "entries=head.count", "head=head.hash", "faults", "remarks"),
    }


def compared_heads_json(heads: Sequence[HeadComparison]) -> Sequence[Body]:
    """Return as JSON the heads of the ledger's chain that someone outside kept, and whether the ledger still has
    the entry of each head.
    """
    return [
        {
            "source": compared.outside.source,
            "entries": compared.outside.head.count,
            "head": compared.outside.head.hash,
            "agrees": compared.agrees,
            "text": compared.text,
        }
        for compared in heads
    ]


def person_entries_json(entries: Sequence[PersonEntry], target: str) -> Body:
    return {"format": FORMAT, "target": target, "entries": to_json(entries)}


class _ShownAction(NamedTuple):
    """How an action is shown: its sign, its colour and its past participle."""

    sign: str
    tone: Tone
    participle: str


_ACTS = {
    Action.CREATE: _ShownAction("+", Tone.ADDED, "created"),
    Action.UPDATE: _ShownAction("~", Tone.CHANGED, "changed"),
    Action.DELETE: _ShownAction("-", Tone.REMOVED, "deleted"),
    Action.MOVE: _ShownAction(">", Tone.CHANGED, "moved"),
    Action.SEND: _ShownAction("@", Tone.CHANGED, "sent"),
    Action.ADOPT: _ShownAction("=", Tone.QUIET, "adopted"),
}
_STATES = {
    StepState.BEGUN: "begun, outcome unknown",
    StepState.UNKNOWN: "no response",
    StepState.CANNOT_TELL: "effect unknown",
    StepState.APPLIED: "done",
    StepState.FAILED: "failed",
    StepState.NOT_APPLIED: "did not take effect",
}
_EXITS = {
    Exit.AS_WANTED: "ok",
    Exit.FAILED: "failed",
    Exit.USAGE: "not run",
    Exit.PENDING: "needs action",
    Exit.UNREAD: "something could not be read",
    Exit.REFUSED: "refused",
    Exit.INTERRUPTED: "interrupted",
    Exit.TERMINATED: "interrupted",
}
_FOUND = {
    "create": "to create", "update": "to change", "delete": "to delete", "move": "to move", "matching": "unchanged",
    "checked": "checked and different", "look_alikes": "unmanaged but doing the same job",
    "doubles": "doing the same job as a managed object", "unknown": "unknown",
    "refused": "refused", "failed": "failed", "fail": "overdue or not as required", "manual": "not confirmed yet",
}  # fmt: skip
_SHOWN_HASH = 12


def run_lines(runs: Sequence[RunHistory], names: Names, *, shows_steps: bool) -> Iterator[Line]:
    """Yield lines about the runs in the ledger, newest first.

    With `shows_steps`, the steps of each run are included.
    """
    for number, run in enumerate(runs):
        if shows_steps and number:
            yield Line()
        yield Line(_run_text(run, names), Tone.HEADING if shows_steps else Tone.PLAIN)
        if shows_steps:
            yield from _condition_lines(run, names)
            if run.ended and run.ended.failed:
                yield Line(f"  ! {run.ended.failed}", Tone.WARNING)
            yield from transition_lines(run.ended.turned if run.ended else ())
            yield from (line for step in run.steps.values() for line in step_lines(step))


def step_lines(step: RunStep, *, shows_time: bool = False) -> Iterator[Line]:
    """Yield lines about a step of a run, with its changes."""
    began = step.began
    state = _STATES[step.state] + (f" (looked up by run {step.looked_by})" if step.looked_by else "")
    moment = f"{format_minute(began.at)}  run {began.run}  " if shows_time else ""
    shown_as = _ACTS[began.action]
    yield Line(f"  {shown_as.sign} {moment}{without_person(began.address)}: {state}", shown_as.tone)
    if step.error:
        yield Line(f"      ! {without_names(began.address, step.error)}", Tone.WARNING)
    for name, (before, after) in values_before_and_after(step).items():
        made = began.action in {Action.CREATE, Action.SEND}
        yield Line(f"      {name}: {format_value(after) if made else format_difference(Field(name, before, after))}")


def format_minute(moment: datetime) -> str:
    """Format a date and time without its seconds."""
    return moment.strftime("%Y-%m-%d %H:%M")


def describe_end_of_run(run: RunHistory) -> str:
    if run.ended is None:
        return "interrupted, or still running"
    code = run.ended.exit
    return f"exit {code}, {_EXITS[Exit(code)]}" if code in set(Exit) else f"exit {code}"


def _run_text(run: RunHistory, names: Names) -> str:
    began = run.began
    counts = _step_count_texts(run) or _summary_count_texts(run)
    counts += [f"rolled back run {run.rolled_back_run}"] if run.rolled_back_run else []
    counts += [f"released report {run.released.report}"] if run.released else []
    counts += [f"by {_name_or_pseudonym(began.operator, names)}"] if began.operator else []
    counts += [*(["windows overridden"] if began.override else []), *_clause_count_texts(run)]
    return "  ".join(
        [format_minute(began.at), began.run, f"{began.command:6}", describe_end_of_run(run), ", ".join(counts)]
    ).rstrip()


def _name_or_pseudonym(pseudonym: str, names: Names) -> str:
    return f"{names[pseudonym]} ({pseudonym})" if pseudonym in names else pseudonym


def _step_count_texts(run: RunHistory) -> list[str]:
    applied = Counter(step.began.action for step in run.steps.values() if step.state is StepState.APPLIED)
    unclear = sum(step.state in OPEN for step in run.steps.values())
    missed = len(run.steps) - applied.total() - unclear
    done = [f"{applied[action]} {shown_as.participle}" for action, shown_as in _ACTS.items() if applied[action]]
    unclear_words = [f"{unclear} sent but not confirmed"] if unclear else []
    return [*done, *unclear_words, *([f"{missed} not done"] if missed else [])]


def _summary_count_texts(run: RunHistory) -> list[str]:
    """Return the number of a run's changes with each result. A run that did not end has no numbers."""
    summary = run.ended.summary if run.ended else {}
    return [f"{summary[name]} {word}" for name, word in _FOUND.items() if summary.get(name)]


def _clause_count_texts(run: RunHistory) -> Iterator[str]:
    counted_by = Counter(run.ended.statuses.values() if run.ended else ())
    if counted_by:
        stood = (f"{standing} {counted_by[standing]}" for standing in ClauseStanding if counted_by[standing])
        yield f"clauses: {', '.join(stood)}"


def _condition_lines(run: RunHistory, names: Names) -> Iterator[Line]:
    began = run.began
    if began.operator or began.host:
        user, host = (_name_or_pseudonym(pseudonym, names) or "unknown" for pseudonym in (began.operator, began.host))
        yield Line(f"  run by the user {user} on the computer {host}", Tone.QUIET)
    for provider, account in began.accounts.items():
        yield Line(f"  signed in to {provider} as {account or 'an unknown account'}", Tone.QUIET)
    if began.approved:
        yield Line(f"  its plan was approved by {began.approved.by} ({began.approved.key})", Tone.QUIET)
    if run.rolled_back_run:
        yield Line(f"  rolled back run {run.rolled_back_run}", Tone.QUIET)
    if run.released:
        released = run.released
        yield Line(f"  released report {released.report}, by the {released.by}, {CLAIMED}", Tone.QUIET)
    tenants = ", ".join(f"{provider} {tenant}" for provider, tenant in began.tenants.items())
    yield Line(f"  {began.target} target, {tenants or 'whose tenants did not respond'}", Tone.QUIET)
    flags = f", with {' '.join(began.flags)}" if began.flags else ""
    yield Line(f"  toolkit {began.version}, playbooks {began.playbooks[:_SHOWN_HASH]}{flags}", Tone.QUIET)
    if began.override:
        yield Line(f"  ! windows and freezes were overridden: {began.override}", Tone.WARNING)
    if not run.steps:
        yield Line("  wrote nothing", Tone.QUIET)


def transition_lines(transitions: Sequence[Transition]) -> Iterator[Line]:
    """Yield lines about the exceptions that began or ended in a run, and how late each was."""
    for transition in transitions:
        word = "ended" if transition.ended else "began"
        late = f"{format_duration(transition.minutes)} late" if transition.minutes else "on time"
        yield Line(f"  exception {transition.exception} {word} on {transition.provider}, {late}", Tone.QUIET)


def person_entry_lines(entries: Sequence[PersonEntry]) -> Iterator[Line]:
    """Yield lines about the ledger entries that name a person, with the values in which the name occurs."""
    for entry in entries:
        about = f", {entry.address}" if entry.address else ""
        yield Line(f"entry {entry.n}, {entry.at}, run {entry.run}{about}", Tone.HEADING)
        yield from (Line(f"  {path}: {text}") for path, text in entry.values.items())
    number = count_text(len(entries), "ledger entry", "ledger entries") if entries else "No ledger entries"
    yield Line(f"{number} about this person.", Tone.HEADING)
