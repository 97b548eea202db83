"""Render the effect of controls as text and JSON: the routes to apps, and the verdict on each part of a control."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import PurePath

from toolkit.controls.control import controls
from toolkit.engine.run_report import Report
from toolkit.planning.change import Change, Create, Delete, Move, Update, playbook_entry_of
from toolkit.planning.coverage import Coverage, compute_coverage
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.rollback.orphaned_objects import WITHDRAWN
from toolkit.render.change_text import reach_texts
from toolkit.render.line import Line, Tone, row, to_json
from toolkit.render.values_text import format_first_names, group_by
from toolkit.sdk.part import Closing, Level
from toolkit.sdk.providers import kinds
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import Count, Verdict
from toolkit.values import Body, Json

_DONE = {Create: "new", Update: "changed", Move: "moved", Delete: "deleted"}


def summary_lines(changes: Sequence[Change], report: Report, *, verbose: bool) -> Iterator[Line]:
    """Yield lines that summarise the changes by control.

    With `verbose`, each control and each playbook of objects has a line. Otherwise, controls of the same area share a
    line if they have the same reach and the same number of manual parts, and all objects share a line.
    """

    def asked_by(names: Sequence[str]) -> Sequence[Change]:
        return [change for change in changes if not set(names).isdisjoint(_requesting_names(change))]

    def line_of(name: str) -> object:
        if verbose or name not in controls():
            return name if verbose or "." not in name else "objects"
        area = name.partition(".")[0]
        return area, *reach_texts(asked_by([name]), at_most=True), *_manual_part_texts([name], report.plan.controls)

    askers = dict.fromkeys(name for change in changes for name in _requesting_names(change))
    for names in group_by(askers, line_of).values():
        own = asked_by(names)
        parts = [
            _change_counts_text(names, own),
            *reach_texts(own, at_most=True),
            *_manual_part_texts(names, report.plan.controls),
        ]
        yield Line(f"  {_summary_title(names, verbose=verbose)}: {'; '.join(parts)}")


def _summary_title(names: Sequence[str], *, verbose: bool) -> str:
    if names[0] in controls():
        return "; ".join(f"{controls()[name].title}{f' ({name})' if verbose else ''}" for name in names)
    if names[0] == WITHDRAWN.path:
        return "Managed objects"
    if "." not in names[0]:
        return names[0].capitalize()
    return f"Objects in {', '.join(PurePath(name).name for name in names) if names[1:] else names[0]}"


def _requesting_names(change: Change) -> Sequence[str]:
    """Return the names of the controls because of which a change is made, or the name of the playbook if there
    is no control.
    """
    asking = playbook_entry_of(change)
    return asking.made_by or [asking.origin.path]


def _change_counts_text(names: Sequence[str], changes: Sequence[Change]) -> str:
    """Return the number of changes of each action as text.

    For a playbook of objects, the objects of each kind are counted too.
    """
    numbers = {done: sum(isinstance(change, action) for change in changes) for action, done in _DONE.items()}
    text = ", ".join(f"{number} {done}" for done, number in numbers.items() if number)
    if len(names) > 1 or names[0] in controls():
        return text
    return f"{text} ({format_first_names([*kind_count_texts([change.address for change in changes])], _NAMED)})"


def kind_count_texts(addresses: Sequence[Address]) -> Iterator[str]:
    """Yield the number of objects of each kind as text, such as "1 mail rule" or "268 mailboxes".

    Kinds with the same plural are counted together.
    """
    named_kinds = [kinds(address.provider)[address.kind] for address in addresses]
    for plural, number in Counter(kind.noun_for(2) for kind in named_kinds).items():
        yield f"{number} {next(kind.noun_for(number) for kind in named_kinds if kind.noun_for(2) == plural)}"


def _manual_part_texts(names: Container[str], realised: Sequence[RealisedControl]) -> Iterator[str]:
    """Yield the number of parts that people must do by hand, as text. `-v` and `toolkit check` show each part."""
    listed = (control for control in realised if control.control in names and not control.exception)
    if number := sum(part.level is Level.MANUAL for control in listed for part in control.realisation.parts):
        yield f"{number} manual"


def verdicts_json(verdicts: Iterable[Verdict]) -> list[Body]:
    """Return the verdicts on parts of controls as JSON, with their reasons.

    Parts that no control asks for are left out.
    """
    return [_verdict_json(verdict) for verdict in verdicts if verdict.grounds]


def _verdict_json(verdict: Verdict) -> Body:
    grounds = [
        {**row(ground, "outcome", "reason", "who_says=says"), "count": _count_json(ground.count)}
        for ground in verdict.grounds
    ]
    key = ("control=key.control", "for?=key.audience", "exception?=key.exception", "provider=key.provider")
    return {**row(verdict, *key, "part=key.part", "level", "outcome", "needed"), "grounds": grounds}


def _count_json(count: Count | None) -> Json:
    return row(count, "ok", "of", "unknown", "noun") if count else None


_NAMED = 6
_TONES = {Closing.CLOSED: Tone.PLAIN, Closing.ATTESTED: Tone.PLAIN, Closing.WRITTEN: Tone.PLAIN}


def coverage_of_run(report: Report) -> Sequence[Coverage]:
    """Return, for each blocked app, how far a run closes each route to the app."""
    return compute_coverage(report.plan.controls, report.verdicts)


def coverage_lines(table: Sequence[Coverage]) -> Iterator[Line]:
    """Yield lines about every route to each group of apps, closed routes first.

    Groups of apps with the same routes are shown together.
    """
    for rows in group_by(table, lambda row: row.ways).values():
        yield from (Line(), *map(_coverage_heading, rows))
        width = max(len(way.closing) for way in rows[0].ways)
        for way in sorted(rows[0].ways, key=lambda way: list(Closing).index(way.closing)):
            yield _route_line(way.closing, width, f"{way.surface}: {way.condition}" if way.condition else way.surface)


def short_coverage_lines(table: Sequence[Coverage], detailed: Container[str]) -> Iterator[Line]:
    """Yield lines about the routes to apps for the controls in `detailed`, a line for each state."""
    shown = [row for row in table if row.control in detailed]
    for rows in group_by(shown, lambda row: tuple((way.surface, way.closing) for way in row.ways)).values():
        yield from (Line(), *map(_coverage_heading, rows))
        width = max(len(way.closing) for way in rows[0].ways)
        for closing in Closing:
            if ways := [way.surface for way in rows[0].ways if way.closing is closing]:
                yield _route_line(closing, width, "; ".join(ways))


def _route_line(closing: Closing, width: int, text: str) -> Line:
    return Line(f"  {closing:<{width}}  {text}", _TONES.get(closing, Tone.QUIET), hang=width + 4)


def _coverage_heading(coverage: Coverage) -> Line:
    apps = format_first_names(coverage.apps, _NAMED)
    closes = f"opens {apps} (exception {coverage.exception})" if coverage.exception else f"closes {apps}"
    return Line(f"Where {coverage.control} for {coverage.audience} {closes}", Tone.HEADING)


def coverage_json(table: Sequence[Coverage]) -> list[Body]:
    """Return the coverage table as JSON."""
    return [
        {
            **row(covered, "control", "for=audience", "apps", "exception?"),
            "surfaces": [
                {**row(way, "surface", "state=closing", "given?=condition"), "clouds": to_json(dict(way.clouds))}
                for way in covered.ways
            ],
        }
        for covered in table
    ]
