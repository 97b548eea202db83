"""An export over the ledger of one year and of many: what it takes may grow with the school, not with its past."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.row import Bound, Row
from tests.bench.running import Asked, Measured, asked_since, measure
from tests.bench.scenarios import Place
from tests.bench.years import Years, write_years
from tests.door import GOOGLE, MICROSOFT, Door
from toolkit.playbook.load import load
from toolkit.record.ledger import Ledger
from toolkit.record.redact import Redactor

_STAFF = 46
_FEW, _MANY = 5_000, 100_000
_GROWTH = 12  # megabytes that twenty times as many entries may cost
_WHOLE = "audit verify"
_SHARED = 70  # entries that a week has at least


def export(place: Place) -> Iterator[Row]:
    """Export, look for drift and plan over 5,000 entries, then over 100,000, for 46 staff on both clouds."""
    few = dict(_measured(place, _FEW))
    many = dict(_measured(place, _MANY))
    for command, (measured, asked) in few.items():
        yield _row(command, _FEW, (measured, asked), measured, [])
    for command, (measured, asked) in many.items():
        before, asked_before = few[command]
        yield _row(command, _MANY, (measured, asked), before, [
            Bound("MB more than over 5,000", round(measured.megabytes - before.megabytes, 1), _GROWTH),
            Bound("requests more than over 5,000", asked.requests - asked_before.requests, 0),
            # To verify is to read everything; all else asks for what it needs.
            Bound("ratio of processor seconds", round(measured.processor / before.processor, 2),
                  10 if command == _WHOLE else 2),
        ])  # fmt: skip


def _row(command: str, entries: int, took: tuple[Measured, Asked], before: Measured, bounds: list[Bound]) -> Row:
    measured, asked = took
    return Row(
        f"{_STAFF} staff, 136 clauses, {entries:,} entries: {command}", measured.seconds, measured.megabytes,
        measured.seconds / before.seconds, f"the same over {_FEW:,} entries",
        [*bounds, Bound("writes", len(asked.writes), 0)], asked.requests,
    )  # fmt: skip


def _measured(place: Place, entries: int) -> Iterator[tuple[str, tuple[Measured, Asked]]]:
    door = place.school(f"export {entries}", samples=True, both=True, users=266, staff=_STAFF)
    _write(door, entries)
    assert door.toolkit("apply", "--yes").exit == 0
    reports = str(place.directory / f"reports {entries}")
    commands = {
        "audit export": ("audit", "export", str(door.playbooks), "-o", reports, "--pack", "governors,evidence"),
        "plan": ("plan", str(door.playbooks)),
        "drift": ("drift", str(door.playbooks)),
        _WHOLE: ("audit", "verify"),
    }
    for name, words in commands.items():
        before = door.tenant.last_request()
        measured = measure(sys.executable, "-m", "toolkit", *words, variables=door.variables)
        assert measured.exit == 0, measured.out
        yield name, (measured, asked_since(door, before))


def _write(door: Door, entries: int) -> None:
    """Write the ledger of the years before, up to the week in which the emulator's clock stands."""
    now = datetime.fromisoformat(door.tenant.told["now"])
    clauses = [clause.name for clause in load(door.playbooks).policy.clauses]
    staff = list(door.tenant.objects("users"))[:_STAFF]
    years = Years(
        until=now.astimezone(UTC) - timedelta(days=1), weeks=entries // _SHARED,
        tenants={MICROSOFT: door.tenant.tenant_id, GOOGLE: door.tenant.customer_id}, staff=staff, clauses=clauses,
    )  # fmt: skip
    with Ledger(Path(door.state) / "emulator", redactor=Redactor()) as ledger:
        assert write_years(ledger, years, entries) == entries
