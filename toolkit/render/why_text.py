"""Render the reasons for an object's state, as text and as JSON."""

from collections.abc import Iterator

from toolkit.engine.why import ObjectExplanation, RequestingEntry
from toolkit.render.audit_text import format_minute, step_json, step_lines
from toolkit.render.line import FORMAT, Line, Tone, row
from toolkit.render.values_text import count_text, format_value
from toolkit.sdk.resource import EVERY, Desired
from toolkit.values import Body, plain


def explanation_lines(explanation: ObjectExplanation) -> Iterator[Line]:
    """Yield lines about the playbooks that ask for an object, the object's desired settings, and its history."""
    yield Line(str(explanation.address), Tone.HEADING)
    if not explanation.asking:
        yield Line("  no playbook asks for it", Tone.WARNING)
    for asking in explanation.asking:
        yield from _requesting_entry_lines(asking)
    for desired in explanation.desired:
        yield from _desired_lines(desired)
    yield Line()
    yield from _history_lines(explanation)


def _requesting_entry_lines(requesting_entry: RequestingEntry) -> Iterator[Line]:
    part = f", part {requesting_entry.part}: {requesting_entry.level}" if requesting_entry.part else ""
    every = f", which covers every object of the kind ({EVERY})" if requesting_entry.every else ""
    yield Line(f"  asked for by {requesting_entry.by} at {requesting_entry.origin}{every}")
    clauses = f", for {', '.join(requesting_entry.clauses)}" if requesting_entry.clauses else ""
    yield Line(f"    {requesting_entry.title}{clauses}; mode {requesting_entry.mode}{part}", Tone.QUIET)


def _desired_lines(desired: Desired) -> Iterator[Line]:
    yield Line()
    whose = f" of every object of the kind ({EVERY})" if desired.address.name == EVERY else ""
    yield Line(f"Desired settings{whose}, in mode {desired.mode}", Tone.HEADING)
    named = {name: value for name, value in desired.settings.items() if name in desired.origins}
    unsaid = {name: value for name, value in desired.settings.items() if name not in desired.origins}
    for name, value in named.items():
        yield Line(f"  {name}: {format_value(value)}   ({desired.origins[name]})")
    for name, value in unsaid.items():
        if value is not None:
            yield Line(f"  {name}: {format_value(value)}   (default)", Tone.QUIET)
    unset = [name for name, value in unsaid.items() if value is None]
    if unset:
        settings = count_text(len(unset), "other setting")
        yield Line(f"  {settings} must be unset; `toolkit kinds {desired.address.kind_path}` lists them", Tone.QUIET)
    else:
        yield Line("  no other setting is managed", Tone.QUIET)


def _history_lines(explanation: ObjectExplanation) -> Iterator[Line]:
    if not explanation.acts:
        yield Line("The ledger has no record of this object, because no run has written to it", Tone.HEADING)
        return
    last = explanation.acts[0].began
    yield Line(f"Last written by run {last.run} ({last.command}) at {format_minute(last.at)}", Tone.HEADING)
    for run in explanation.acts:
        yield from (line for step in run.steps.values() for line in step_lines(step, shows_time=True))


def explanation_json(explanation: ObjectExplanation) -> Body:
    """Return the playbooks that ask for an object, its desired settings and its history as JSON."""
    return {
        "format": FORMAT,
        "address": str(explanation.address),
        "asked_for": [
            {
                **row(asking, "by", "path=origin.path", "line=origin.line", "playbook=title", "clauses", "mode"),
                **row(asking, "part?", "level", "every"),
            }
            for asking in explanation.asking
        ],
        "wanted": [_desired_json(desired) for desired in explanation.desired],
        "history": [step_json(step) for run in explanation.acts for step in run.steps.values()],
    }


def _desired_json(desired: Desired) -> Body:
    origins = desired.origins
    return {
        "address": str(desired.address),
        "mode": str(desired.mode),
        "settings": [
            {"path": name, "value": plain(value), "origin": str(origins[name]) if name in origins else None}
            for name, value in desired.settings.items()
        ],
    }
