"""`python -m tests.bench`: what the tool costs, as counts and as ratios to something that runs beside it."""

import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.devices import devices, new_policies, units
from tests.bench.export import export
from tests.bench.holds import holds
from tests.bench.replies import replies
from tests.bench.row import Row, table
from tests.bench.scenarios import Place, Scenario, creates, help_, people, rules
from tests.bench.signatures import signatures
from tests.emulated import running

SCENARIOS: Sequence[Scenario] = (
    help_,
    rules,
    creates,
    people,
    signatures,
    devices,
    new_policies,
    units,
    replies,
    holds,
    export,
)


def main() -> int:
    """Run every scenario, print the table, and give 1 where a bound was not kept."""
    rows: list[Row] = []
    with TemporaryDirectory() as directory, running(Path(directory) / "emulator") as emulator:
        place = Place(emulator, Path(directory))
        for scenario in SCENARIOS:
            rows += scenario(place)
    print(table(rows))  # noqa: T201 - its answer
    return int(not all(bound.kept for row in rows for bound in row.bounds))


if __name__ == "__main__":
    sys.exit(main())
