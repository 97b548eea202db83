"""Render the reasons for an object's state, as text and as JSON."""

from collections.abc import Iterator

from toolkit.engine.why import ObjectExplanation, RequestingEntry
from toolkit.render.audit_text import instant, step_answer, step_lines
from toolkit.render.line import FORMAT, Line, Tone, row
from toolkit.render.values_text import count_text, value_text
from toolkit.sdk.resource import EVERY, Desired
from toolkit.values import Body, plain


def why_lines(why: ObjectExplanation) -> Iterator[Line]:
    """Yield lines about the playbooks that ask for an object, the object's desired settings, and its history."""
    yield Line(str(why.address), Tone.HEADING)
    if not why.asking:
        yield Line("  no playbook asks for it", Tone.WARNING)
    for asking in why.asking:
        yield from _asking_lines(asking)
    for desired in why.desired:
        yield from _desired_lines(desired)
    yield Line()
    yield from _history_lines(why)


def _asking_lines(asking: RequestingEntry) -> Iterator[Line]:
    part = f", part {asking.part}: {asking.level}" if asking.part else ""
    every = f", which covers every object of the kind ({EVERY})" if asking.every else ""
    yield Line(f"  asked for by {asking.by} at {asking.origin}{every}")
    clauses = f", for {', '.join(asking.clauses)}" if asking.clauses else ""
    yield Line(f"    {asking.title}{clauses}; mode {asking.mode}{part}", Tone.QUIET)


def _desired_lines(desired: Desired) -> Iterator[Line]:
    yield Line()
    whose = f" of every object of the kind ({EVERY})" if desired.address.name == EVERY else ""
    yield Line(f"Desired settings{whose}, in mode {desired.mode}", Tone.HEADING)
    named = {name: value for name, value in desired.settings.items() if name in desired.origins}
    unsaid = {name: value for name, value in desired.settings.items() if name not in desired.origins}
    for name, value in named.items():
        yield Line(f"  {name}: {value_text(value)}   ({desired.origins[name]})")
    for name, value in unsaid.items():
        if value is not None:
            yield Line(f"  {name}: {value_text(value)}   (default)", Tone.QUIET)
    unset = [name for name, value in unsaid.items() if value is None]
    if unset:
        settings = count_text(len(unset), "other setting")
        yield Line(f"  {settings} must be unset; `toolkit kinds {desired.address.kind_path}` lists them", Tone.QUIET)
    else:
        yield Line("  no other setting is managed", Tone.QUIET)


def _history_lines(why: ObjectExplanation) -> Iterator[Line]:
    if not why.acts:
        yield Line("The ledger has no record of this object, because no run has written to it", Tone.HEADING)
        return
    last = why.acts[0].began
    yield Line(f"Last written by run {last.run} ({last.command}) at {instant(last.at)}", Tone.HEADING)
    for run in why.acts:
        yield from (line for step in run.steps.values() for line in step_lines(step, when=True))


def why_answer(why: ObjectExplanation) -> Body:
    """Return the playbooks that ask for an object, its desired settings and its history as JSON."""
    return {
        "format": FORMAT,
        "address": str(why.address),
        "asked_for": [
            {
                **row(asking, "by", "path=origin.path", "line=origin.line", "playbook=title", "clauses", "mode"),
                **row(asking, "part?", "level", "every"),
            }
            for asking in why.asking
        ],
        "wanted": [_desired_answer(desired) for desired in why.desired],
        "history": [step_answer(step) for run in why.acts for step in run.steps.values()],
    }


def _desired_answer(desired: Desired) -> Body:
    origins = desired.origins
    return {
        "address": str(desired.address),
        "mode": str(desired.mode),
        "settings": [
            {"path": name, "value": plain(value), "origin": str(origins[name]) if name in origins else None}
            for name, value in desired.settings.items()
        ],
    }
