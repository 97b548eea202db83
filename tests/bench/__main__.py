"""`python -m tests.bench`: the cost of toolkit, as counts and as ratios to a comparable program."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.devices import devices, new_policies, units
from tests.bench.export import export
from tests.bench.holds import holds
from tests.bench.replies import replies
from tests.bench.row import Row, table
from tests.bench.scenarios import Place, Scenario, creates, help_, keyboard, people, rules
from tests.bench.signatures import signatures
from tests.bench.workers import workers
from tests.emulated import running

SCENARIOS: Sequence[Scenario] = (
    help_,
    keyboard,
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
    workers,
)


def main() -> int:
    """Run the scenarios, print the table, and return 1 if a bound was exceeded."""
    names = [scenario.__name__ for scenario in SCENARIOS]
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure the cost of toolkit commands.")
    parser.add_argument("--short", action="store_true", help="fewer people and rows, with the same bounds on requests")
    parser.add_argument("scenario", nargs="*", help=f"only these: {', '.join(names)}")
    options = parser.parse_args()
    if unknown := set(options.scenario) - set(names):
        parser.error(f"no scenario {', '.join(sorted(unknown))}; there are: {', '.join(names)}")
    rows: list[Row] = []
    with TemporaryDirectory() as directory, running(Path(directory) / "emulator") as emulator:
        place = Place(emulator, Path(directory), short=options.short)
        for scenario in SCENARIOS:
            if not options.scenario or scenario.__name__ in options.scenario:
                rows += scenario(place)
    print(table(rows))  # noqa: T201 - its answer
    return int(not all(bound.is_kept for row in rows for bound in row.bounds))


if __name__ == "__main__":
    sys.exit(main())
