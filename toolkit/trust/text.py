"""Render the results of a trust's command as text and JSON."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from toolkit.errors import Exit
from toolkit.render.line import FORMAT, Line, Tone, row, rows, to_body
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.trust.results import EqualChanges, TenantResult, group_equal_changes
from toolkit.values import Body

if TYPE_CHECKING:
    from toolkit.trust.runs import TrustReport

_SIGNS = {
    Exit.AS_WANTED: ("=", Tone.PLAIN),
    Exit.PENDING: ("~", Tone.CHANGED),
    Exit.UNREAD: ("?", Tone.WARNING),
    Exit.REFUSED: ("!", Tone.WARNING),
}
_FAILED = ("!", Tone.REMOVED)
_SCHOOLS_SHOWN, _CHANGES_SHOWN = 6, 10


def progress_text(result: TenantResult) -> str:
    """Return the line that is shown when a tenant's run has ended."""
    time = "ended earlier" if result.seconds is None else f"{result.seconds:.0f} s"
    return f"{result.tenant}: {result.text()} ({time})"


def trust_lines(report: "TrustReport") -> Iterator[Line]:
    """Yield the table of a trust's tenants, their common changes, freezes, and the waves that wait."""
    counted = count_text(len({result.tenant for result in report.results}), "tenant")
    yield Line(f"{report.trust.name}: {report.command}, {counted}", Tone.HEADING)
    yield from _table_lines(report.results)
    if report.command == "plan":
        yield from _change_lines(group_equal_changes(report.trust, report.results))
    for freeze in report.freezes:
        yield Line(f"* {freeze.text()}", Tone.WARNING)
    for wave in report.waves:
        if wave.waits:
            yield Line(f"* wave {wave.number} ({', '.join(wave.schools)}) waits for {wave.waits}", Tone.WARNING)
    for aside in report.newly_set_aside:
        yield Line(f"! {aside.tenant}: {aside.text()}", Tone.WARNING, essential=True)
    yield Line(_summary(report), essential=True)


def _table_lines(results: Sequence[TenantResult]) -> Iterator[Line]:
    names = max((len(result.tenant) for result in results), default=0)
    schools = max((len(_schools_text(result.schools)) for result in results), default=0)
    for result in results:
        sign, tone = _SIGNS.get(result.exit, _FAILED)
        when = f"{result.command} on {day(result.at)}: " if result.at else ""
        cells = f"{result.tenant:{names}}  {_schools_text(result.schools):{schools}}  {when}{result.text()}"
        yield Line(f"{sign} {cells.rstrip()}", tone, hang=names + schools + 6)


def _schools_text(schools: Sequence[str]) -> str:
    shown = ", ".join(schools[:_SCHOOLS_SHOWN])
    left = len(schools) - _SCHOOLS_SHOWN
    return f"{shown} and {left} more" if left > 0 else shown


def _change_lines(groups: Sequence[EqualChanges]) -> Iterator[Line]:
    for group in groups:
        number = len(group.changes)
        where, names = f"in {group.tenants[0]}", f"({_schools_text(group.schools)})"
        if len(group.tenants) > 1:
            where = f"in {count_text(len(group.schools), 'school')}"
        same = f"the same {count_text(number, 'change')}" if len(group.tenants) > 1 else count_text(number, "change")
        yield Line()
        yield Line(f"{same} {where} {names}", Tone.HEADING)
        for change in group.changes[:_CHANGES_SHOWN]:
            objects = "" if change.is_compared else f", {change.objects} objects (their values were not compared)"
            yield Line(f"  {change.action} {change.address}{objects}")
        if number > _CHANGES_SHOWN:
            yield Line(f"  and {number - _CHANGES_SHOWN} more", Tone.QUIET)


def _summary(report: "TrustReport") -> str:
    codes = [result.exit for result in report.results]
    words = {
        Exit.AS_WANTED: "as the playbooks ask",
        Exit.PENDING: "with changes or findings",
        Exit.REFUSED: "refused",
        Exit.UNREAD: "not completely read",
        Exit.FAILED: "failed",
    }
    counts = [f"{codes.count(code)} {text}" for code, text in words.items() if code in codes]
    return f"{', '.join(counts) or 'no run is recorded yet'}."


def trust_answer(report: "TrustReport") -> Body:
    """Return the results as JSON."""
    answer = {
        "format": FORMAT,
        "trust": report.trust.name,
        "command": report.command,
        "now": report.now.isoformat(),
        "tenants": [_tenant_answer(result) for result in report.results],
        "equal_changes": _equal_changes_answer(report) if report.command == "plan" else [],
        "set_aside": rows(report.set_aside, "tenant", "since", "reason"),
        "freezes": rows(report.freezes, "school", "until", "by", "reason"),
        "waves": rows(report.waves, "number", "schools", "waits"),
        "folder": str(report.folder) if report.folder else None,
    }
    return to_body(answer)


def _equal_changes_answer(report: "TrustReport") -> list[Body]:
    return [
        {**row(group, "tenants", "schools"), "changes": rows(group.changes, "action", "address", "fields", "objects")}
        for group in group_equal_changes(report.trust, report.results)
    ]


def _tenant_answer(result: TenantResult) -> Body:
    return {
        **row(result, "tenant", "schools", "command", "count", "seconds", "error?"),
        "exit": int(result.exit),
        "result": result.text(),
        "at": result.at.isoformat() if result.at else None,
    }
