"""Render for each school of a trust whom a plan reaches."""

from collections.abc import Iterator, Sequence

from toolkit.planning.audience.school_reach import SchoolReach
from toolkit.planning.plan import Plan
from toolkit.records import dataclass
from toolkit.render.line import Line, Tone, rows
from toolkit.render.values_text import count_text
from toolkit.values import Body


@dataclass(frozen=True, slots=True)
class SchoolTotals:
    """The changes of a plan that reach people or devices of a school, and the most that one of them reaches."""

    school: str
    changes: int
    most_people: int
    most_devices: int
    first_objects: int  # objects that reached no one of the school before


def school_reach_lines(plan: Plan) -> Iterator[Line]:
    """Yield a line for each school of a trust. A lone school has none."""
    totals = _count_by_school(plan)
    if totals:
        yield Line("For each school (limits apply to each):")
    for school in totals:
        numbers = [
            count_text(school.changes, "change"),
            *([f"up to {count_text(school.most_people, 'person', 'people')}"] if school.most_people else []),
            *([f"up to {count_text(school.most_devices, 'device')}"] if school.most_devices else []),
            *([f"{count_text(school.first_objects, 'object')} for the first time"] if school.first_objects else []),
        ]
        yield Line(f"  {school.school}: {', '.join(numbers)}", Tone.QUIET)


def school_reach_json(plan: Plan) -> Sequence[Body]:
    """Return the counts of each school of a trust as JSON. A lone school has none."""
    return rows(_count_by_school(plan), "school", "changes", "most_people", "most_devices", "first_objects")


def _count_by_school(plan: Plan) -> Sequence[SchoolTotals]:
    planned = {change.address for change in plan.changes}
    names = dict.fromkeys(name for schools in plan.ids_of_schools.values() for name in schools)  # as in trust.yaml
    reaches: dict[str, list[SchoolReach]] = {name: [] for name in names}
    for address, by_school in plan.school_reach.items():
        for school, reach in by_school.items() if address in planned else ():
            reaches[school].append(reach)
    return [_total(school, counted) for school, counted in reaches.items() if counted]


def _total(school: str, reaches: Sequence[SchoolReach]) -> SchoolTotals:
    return SchoolTotals(
        school,
        len(reaches),
        max(reach.reach.people or 0 for reach in reaches),
        max(reach.reach.devices or 0 for reach in reaches),
        sum(reach.is_first for reach in reaches),
    )
