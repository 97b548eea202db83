"""An export over a short ledger and over one of many years, whose cost must not grow with the years."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.row import Bound, Row
from tests.bench.running import Measurement, RequestCounts
from tests.bench.scenarios import Place
from tests.bench.years import Years, write_years
from tests.door import GOOGLE, MICROSOFT, Door
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.playbook.load import load

_STAFF = 46
_GROWTH = 12  # megabytes of growth for twenty times as many weeks
_WHOLE = "audit verify"


def export(place: Place) -> Iterator[Row]:
    """Export, run drift and plan over some weeks, then over twenty times as many, for 46 staff."""
    fewer = place.number(whole=66, short=2)
    more = 20 * fewer
    few = dict(_measure_commands(place, fewer))
    many = dict(_measure_commands(place, more))
    for command, took in few.items():
        yield _row(place, command, weeks=fewer, took=took, before=(fewer, took[0]), bounds=[])
    for command, (measured, counts) in many.items():
        before, asked_before = few[command]
        yield _row(place, command, weeks=more, took=(measured, counts), before=(fewer, before), bounds=[
            Bound(f"MB more than over {fewer} weeks", round(measured.megabytes - before.megabytes, 1), _GROWTH,
                  needs_own_process=True),
            Bound(f"requests more than over {fewer} weeks", counts.requests - asked_before.requests, 0),
            # Verification reads the whole ledger. Other commands read only a part.
            Bound("ratio of processor seconds", round(measured.processor / (before.processor or 1), 2),
                  10 if command == _WHOLE else 2, needs_own_process=True),
        ])  # fmt: skip


def _row(
    place: Place, command: str, *, weeks: int, took: tuple[Measurement, RequestCounts], before: tuple[int, Measurement],
    bounds: list[Bound],
) -> Row:  # fmt: skip
    fewer, measured = before
    return place.row(
        f"{_STAFF} staff, 136 clauses, {weeks:,} weeks: {command}",
        took,
        [*bounds, Bound("writes", len(took[1].writes), 0)],
        lambda: (measured.seconds, f"the same over {fewer} weeks"),
        rounds=False,
    )


def _measure_commands(place: Place, weeks: int) -> Iterator[tuple[str, tuple[Measurement, RequestCounts]]]:
    door = place.school(
        f"export {weeks}", samples=True, both=True, users=place.number(whole=266, short=60), staff=_STAFF
    )
    _write(door, weeks)
    assert door.toolkit("apply", "--yes").exit == 0
    reports = str(place.directory / f"reports {weeks}")
    commands = {
        "audit export": ("audit", "export", str(door.playbooks), "-o", reports, "--pack", "governors,evidence"),
        "plan": ("plan", str(door.playbooks)),
        "drift": ("drift", str(door.playbooks)),
        _WHOLE: ("audit", "verify"),
    }
    for name, words in commands.items():
        measured, counts = place.toolkit(door, *words)
        assert measured.exit == 0, measured.out
        yield name, (measured, counts)


def _write(door: Door, weeks: int) -> None:
    """Write the ledger of past years, up to the week of the emulator's clock."""
    now = datetime.fromisoformat(door.tenant.description["now"])
    clauses = [clause.name for clause in load(door.playbooks).policy.clauses]
    staff = list(door.tenant.objects("users"))[:_STAFF]
    years = Years(
        until=now.astimezone(UTC) - timedelta(days=1), weeks=weeks,
        tenants={MICROSOFT: door.tenant.tenant_id, GOOGLE: door.tenant.customer_id}, staff=staff, clauses=clauses,
    )  # fmt: skip
    with Ledger(Path(door.state) / "emulator", redactor=Redactor()) as ledger:
        write_years(ledger, years)
