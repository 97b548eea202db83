"""Says what is wrong with a pilot: who has a control first has to be known, and it has to be able to begin so."""

from collections.abc import Iterator
from datetime import datetime

from toolkit.controls.control import Control, ControlSettings
from toolkit.playbook.entries import ControlEntry, pilot_of
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.providers import piloting, providers
from toolkit.sdk.school import School
from toolkit.yaml.messages import day, did_you_mean, one_of, quoted
from toolkit.yaml.node import MappingNode

_PILOT, _FOR = "pilot", "for"


def wrong_pilot(
    control: Control, settings: ControlSettings, table: MappingNode, school: School
) -> Iterator[tuple[int, str]]:
    """Give each thing that is wrong with the pilot of a control, with its line."""
    pilot = settings.pilot
    if pilot is None:
        return
    at = table.entries[_PILOT]
    line = at.node.entries[_FOR].line if isinstance(at.node, MappingNode) else at.line
    able = [name for name in school.tenants if control.name in piloting(name)]
    if not able:
        titles = one_of([providers()[name].title for name in school.tenants if name in providers()], "and")
        message = (
            f"{control.name} cannot begin with a group: on {titles} nothing of it can be set for some people alone"
        )
        yield at.line, f"{message}; leave `pilot` out, and ask for it when it is to begin"
    elif pilot.audience in {EVERYONE, settings.audience}:
        yield line, "a pilot is for some of those whom the control is for: name a role with fewer, or leave `pilot` out"
    elif pilot.audience not in school.roles:
        meant = did_you_mean(pilot.audience, school.roles)
        yield line, f"unknown role {quoted(pilot.audience)}{meant}: add it to `roles:` in {school.origin.path}"
    else:
        yield from ((line, message) for message in _nowhere(pilot.audience, able, school))


def _nowhere(role: str, able: list[str], school: School) -> Iterator[str]:
    for name in able:
        if school.roles[role].on(name) is None:
            yield (
                f"the role {quoted(role)} names no group of {name}, where it would have the control first: "
                f"name one in {school.origin.path}"
            )


def still_in_pilot(entry: ControlEntry, role: str, starts: datetime, school: School) -> str:
    """Say why there can be no exception from a control yet: until the pilot's day few people have it at all."""
    pilot = pilot_of(entry, school)
    if pilot is None or starts >= pilot.ends:
        return ""
    return (
        f"until {day(pilot.until)} only {pilot.audience} have {entry.name}: take who is not to have it out of that "
        f"group; an exception for {role} can start on that day, and one that is over is deleted"
    )
