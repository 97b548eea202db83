"""What a plan changes, in a line for each control: how many objects, for how many people, and what is manual."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from toolkit.controls.control import controls
from toolkit.engine.run_report import Report
from toolkit.planning.change import Change, Create, Delete, Move, Update
from toolkit.planning.plan import RealisedControl
from toolkit.render.change_text import reached
from toolkit.render.line import Line
from toolkit.sdk.address import Address
from toolkit.sdk.part import SCHOOL, Level
from toolkit.sdk.providers import kinds, providers

_DONE = {Create: "new", Update: "changed", Move: "moved", Delete: "deleted"}


def summary_lines(changes: Sequence[Change], report: Report) -> Iterator[Line]:
    """Show in a line for each control, or playbook of objects, what changes."""
    for name, own in _by_control(changes).items():
        done = ", ".join(_actions(own))
        if name in controls():
            title = f"{controls()[name].title} ({name})"
        else:
            title, done = f"Objects in {name}", f"{done} ({', '.join(counted_kinds([one.address for one in own]))})"
        told = [done, *reached(own, at_most=True), *_manual(name, report.plan.controls)]
        yield Line(f"  {title}: {'; '.join(told)}")


def _by_control(changes: Sequence[Change]) -> Mapping[str, Sequence[Change]]:
    """Return the changes by control, what several ask for under each; by playbook those that no control asks for."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        asked = change.absent if isinstance(change, Delete) else change.desired
        for name in asked.made_by.split(", ") if asked.made_by else [asked.origin.path]:
            found.setdefault(name, []).append(change)
    return found


def _actions(changes: Sequence[Change]) -> Iterator[str]:
    for action, done in _DONE.items():
        if number := sum(isinstance(change, action) for change in changes):
            yield f"{number} {done}"


def counted_kinds(addresses: Sequence[Address]) -> Iterator[str]:
    """Count objects by their kind, as 1 mail rule or 268 mailboxes; kinds with the same plural are counted together."""
    found = [kinds(address.provider)[address.kind] for address in addresses]
    for plural, number in Counter(kind.called(2) for kind in found).items():
        yield f"{number} {next(kind.called(number) for kind in found if kind.called(2) == plural)}"


def _manual(name: str, realised: Sequence[RealisedControl]) -> Iterator[str]:
    """Yield what a person has to do for a control, with the clouds on which that is so."""
    clouds: dict[str, list[str]] = {}
    for control in (control for control in realised if control.control == name and not control.exception):
        short = "" if control.provider == SCHOOL else providers()[control.provider].title.partition(" ")[0]
        for part in control.realisation.parts:
            if part.level is Level.MANUAL and short not in clouds.setdefault(part.name, []):
                clouds[part.name].append(short)
    where = {part: " and ".join(filter(None, names)) for part, names in clouds.items()}
    groups = {place: ", ".join(part for part in where if where[part] == place) for place in where.values()}
    if groups:
        yield f"manual: {', '.join(f'{parts} ({place})' if place else parts for place, parts in groups.items())}"
