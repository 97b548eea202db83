"""Says in words what a report is compared with; pure."""

from dataclasses import dataclass

from toolkit.board_report.plain_language import day_of, moment_of
from toolkit.board_report.tables import Told


@dataclass(frozen=True, slots=True)
class ComparisonPeriod:
    """What a report is compared with: as a heading, as a sentence, and in the middle of one."""

    heading: str
    compared: str
    then: str


def since(told: Told) -> ComparisonPeriod:
    """Tell it of the last report, of a day, or of the file of an earlier report."""
    at = told.get("changes", {}).get("since")
    then = f"on {day_of(at)}"
    match told.get("compared", {}).get("with"):
        case "a day":
            asked = day_of(told["compared"]["day"])
            looked = f"The clauses are compared with how they stood on {moment_of(at)}, which counts for that day."
            if at and at[:10] > told["compared"]["day"]:
                first = f"the clauses are compared with the first look after it, of {moment_of(at)}"
                looked = f"Nothing is on record of {asked}: {first}."
            nothing = f"Nothing was on record of the clauses by {asked}, so there is nothing to compare them with."
            return ComparisonPeriod(f"What changed since {asked}", looked if at else nothing, then)
        case "a file":
            known = "this school's record goes on from it"
            foreign = "this school's record does not hold what it rests on, so that it counts by its day alone"
            held = known if told["compared"]["in_record"] else foreign
            compared = f"It is compared with the file of the report of {moment_of(at)}: {held}."
            return ComparisonPeriod(f"What changed since the report of {day_of(at)}", compared, then)
        case _:
            first = "This is the first report, so there is nothing to compare it with."
            last = f"The last one was made on {moment_of(at)}."
            return ComparisonPeriod("What changed since the last report", last if at else first, "in the last report")
