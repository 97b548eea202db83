"""What a plan would write and may not yet, as an admin reads it."""

from collections.abc import Iterator

from toolkit.engine.run_report import Report
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import counted

_NAMED = 3


def waiting_lines(report: Report) -> Iterator[Line]:
    """Say once for all that waits for the same, until when."""
    yield from override_lines(report)
    for wait in dict.fromkeys(report.waiting.values()):
        named = [address.told for address, why in report.waiting.items() if why == wait]
        more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
        yield Line(f"* {counted(len(named), 'change')} would wait: {wait}", Tone.WARNING)
        yield Line(f"    {', '.join(named[:_NAMED])}{more}", Tone.QUIET)


def override_lines(report: Report) -> Iterator[Line]:
    """Say why windows and freezes do not count, where somebody says that."""
    if reason := report.context.override:
        yield Line(f"! windows and freezes are overridden: {reason}", Tone.WARNING)
