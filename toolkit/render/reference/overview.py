"""The kinds and controls of this installation, and one by its name."""

from collections.abc import Sequence
from dataclasses import asdict

from toolkit.controls.control import controls
from toolkit.engine.desired_state import trades
from toolkit.errors import UsageError
from toolkit.playbook.vocabulary import found
from toolkit.render.answer import FORMAT
from toolkit.render.reference.control_reference import control_entry, control_reference
from toolkit.render.reference.kind_reference import kind_entry, kind_reference
from toolkit.render.reference.reference import OverviewLine, Reference
from toolkit.sdk.providers import providers
from toolkit.values import Body
from toolkit.yaml.messages import did_you_mean


def overview() -> Sequence[OverviewLine]:
    """Return a line for every kind of every provider, then for every control."""
    kinds = found().kind_names()
    brought = trades(list(providers()))
    return [
        *(kind_entry(name, kind, providers()[provider].title) for name, (provider, kind) in kinds.items()),
        *(control_entry(control, brought) for control in controls().values()),
    ]


def reference(name: str) -> Reference:
    """Return all about a kind or control; UsageError with a suggestion where there is none of this name."""
    kinds = found().kind_names()
    if name in kinds:
        return kind_reference(name, kinds[name][1])
    if name in controls():
        return control_reference(controls()[name], trades(list(providers())))
    short = {known.partition(".")[2]: known for known in (*kinds, *controls())}
    if name in short:
        return reference(short[name])
    raise UsageError(f"no kind or control is called {name}{did_you_mean(name, (*kinds, *controls()))}")


def overview_answer(entries: Sequence[OverviewLine]) -> Body:
    """Return the overview as JSON."""
    return {"format": FORMAT, "kinds": [asdict(entry) for entry in entries]}


def reference_answer(found: Reference) -> Body:
    """Return a reference as JSON."""
    facts = [{"name": name, "text": text} for name, text in found.facts]
    return {"format": FORMAT, **asdict(found), "facts": facts}
