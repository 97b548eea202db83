"""Limit the parts of a control to its pilot group. Parts that cannot be limited to a group wait for the pilot's end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from toolkit.planning.contribution import Contribution
from toolkit.records import dataclass
from toolkit.sdk.dates import day
from toolkit.sdk.directory import Audience, Scope
from toolkit.sdk.part import Closing, Closure, Part, Realisation
from toolkit.sdk.resource import Address, Reach


@dataclass(frozen=True, slots=True)
class InPilot:
    """The pilot of a control, in which the control applies only to one role on one provider."""

    role: str
    until: date  # from this date it is for everyone
    reach: Reach  # the reach of the pilot
    is_over: bool = False
    early: bool = False  # ended before the date of the last apply
    addresses: tuple[Address, ...] = ()  # the objects of the pilot

    def __str__(self) -> str:
        return f"pilot until {day(self.until)}: {self.role}, {self.reach}"


def describe_people_outside(pilot: Audience, audience: Audience) -> str:
    """Return a message that names the people of a pilot who are not in the control's audience, or "" if there
    are none.
    """
    if pilot.group is None or audience.group is None:
        return ""
    others = len(pilot.group.members - audience.group.members)
    are = "person of its pilot is" if others == 1 else "people of its pilot are"
    return (
        f"{others} {are} not in {audience.name}: remove them from {pilot.group.name}, or add them to {audience.name}"
        if others
        else ""
    )


def limit_to_pilot(
    realisation: Realisation, scope: Scope, until: date, adopted_names: Mapping[tuple[str, str], str]
) -> Realisation:
    """Return the parts of a control so that they apply only to the pilot group.

    A part that cannot be limited to a group waits, with a message. `adopted_names` contains the names of objects to
    adopt, by kind and by the name in the playbooks. An adopted object already applies to other people, who would lose
    it if it were limited to the group.
    """
    role = scope.current_audience.name
    return Realisation(tuple(_limit_part_to_pilot(part, role, until, adopted_names) for part in realisation.parts))


def _limit_part_to_pilot(part: Part, role: str, until: date, adopted_names: Mapping[tuple[str, str], str]) -> Part:
    if part.resources and not part.pilots:
        return to_waiting_part(part, until, "this part cannot be limited to a group")
    for resource in part.resources:
        if other := adopted_names.get((resource.kind, resource.name)):
            return to_waiting_part(part, until, f"it adopts {other!r}, which also applies to other people")
    closures = tuple(
        _limit_closure_to_pilot(closure, f"only for {role} until {day(until)}") for closure in part.closures
    )
    return replace(part, closures=closures)


def to_waiting_part(part: Part, until: date, reason: str) -> Part:
    """Return the control's part without its objects, because it waits until a date.

    A waiting part does not block any app.
    """
    open_until = f"applies to no one until {day(until)}: {reason}"
    closures = tuple(replace(closure, closing=Closing.OPEN, given=open_until) for closure in part.closures)
    return replace(part, resources=(), waits=open_until, closures=closures)


def _limit_closure_to_pilot(closure: Closure, audience_text: str) -> Closure:
    return (
        closure
        if closure.closing is Closing.OPEN
        else replace(closure, given=", ".join(filter(None, [closure.given, audience_text])))
    )


def find_objects_shared_with_pilot(contributions: Iterable[Contribution]) -> Mapping[Address, Sequence[str]]:
    """Return the objects that a control in a pilot shares with other controls, each with the names of these
    controls.
    """
    together: dict[Address, list[Contribution]] = {}
    for contribution in contributions:
        if contribution.made_by and not contribution.withdrawn:
            together.setdefault(contribution.address, []).append(contribution)
    return {
        address: sorted({str(contribution.made_by) for contribution in sharing})
        for address, sharing in together.items()
        if len({contribution.pilot for contribution in sharing}) > 1
    }
