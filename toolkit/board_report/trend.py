"""Follows the counts from report to report, and how soon what was changed outside was right again; pure."""

from collections import Counter
from collections.abc import Collection, Mapping

from toolkit.board_report.drift_coverage import in_all
from toolkit.board_report.export import Export
from toolkit.board_report.period import Course
from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.values import Body


def trend(export: Export, judged: Collection[str]) -> Body:
    """Give a line for each report, the first first and this one last; `judged` are the clauses a computer can judge."""
    past, report = export.past, export.report
    now = {one.clause.name: str(one.status) for one in report.statuses}
    told = [(one.at.isoformat(), one.statuses, one.course) for one in reversed(past.exports)]
    lines = [*told, (report.now.isoformat(), now, past.latest)]
    befores = [None, *(statuses for _, statuses, _ in lines)]
    return {
        "reports": [
            {
                "at": at,
                "all": counts(statuses),
                "of_judged": counts({name: word for name, word in statuses.items() if name in judged}),
                "moved": _moved(before, statuses),
                **_course(course),
            }
            for (at, statuses, course), before in zip(lines, befores, strict=False)
        ],
        "in_all": {**_course(past.in_all), "open": past.open, "told": in_all(past.in_all, past.open)},
    }


def counts(statuses: Mapping[str, str]) -> Body:
    """Count clauses by how they stand."""
    found = Counter(statuses.values())
    return {str(standing): found[str(standing)] for standing in ClauseStanding}


def _moved(before: Mapping[str, str] | None, now: Mapping[str, str]) -> list[str] | None:
    """Name the clauses that stand otherwise than in the report before; nothing is known of the first."""
    if before is None:
        return None
    return sorted(name for name, status in now.items() if before.get(name, status) != status)


def _course(course: Course) -> dict[str, int | None]:
    return {"found": course.found, "put_right": course.put_right, "minutes": course.minutes}
