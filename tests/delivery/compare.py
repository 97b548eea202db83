"""`python -m tests.delivery.compare`: compare predicted messages with delivered messages, in drawn tenants.

Each set of rules is put into an emulated tenant. The emulator delivers the drawn messages, and toolkit reads the tenant
over HTTP and predicts them. The exit code is 1 if an answer differs.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.delivery.agreement import Case, Comparison, Verdict, compare_message
from tests.delivery.arrange import arrange
from tests.delivery.draw import MESSAGES, SETS, DrawnSet, draw_set
from tests.delivery.walked import predict
from tests.emulated import FEW_PUPILS, Emulator, running

_SHOWN_REASONS = 30


def compare_set(emulator: Emulator, drawn: DrawnSet, comparison: Comparison) -> None:
    """Deliver and predict the messages of a set in a tenant of its own, and add the cases to a comparison."""
    tenant = emulator.borrow_tenant(**FEW_PUPILS)
    try:
        arrange(tenant, drawn.settings)
        delivered = tenant.deliver(drawn.cloud, *drawn.messages)
        predicted = predict(tenant, drawn.cloud, drawn.messages)
    finally:
        tenant.close()
    for number, (outcomes, results) in enumerate(zip(delivered, predicted, strict=True)):
        for case in compare_message(f"set {drawn.number}, message {number}", outcomes, results):
            comparison.add(drawn.cloud, case)


def table(comparison: Comparison) -> Iterator[str]:
    """Yield the lines of a table: the verdicts for each cloud, and the reasons of unknown answers."""
    clouds = sorted({cloud for cloud, _verdict in comparison.counts})
    yield f"{'':26}" + "".join(f"{cloud:>18}" for cloud in (*clouds, "all"))
    for verdict in Verdict:
        row = [comparison.counts[cloud, verdict] for cloud in clouds]
        yield f"{verdict:26}" + "".join(f"{number:>18}" for number in (*row, sum(row)))
    yield f"cannot tell: {comparison.share_unknown:.1%}"
    for reason, number in comparison.reasons.most_common(_SHOWN_REASONS):
        yield f"{number:6}  {reason}"


def _describe(case: Case, drawn: DrawnSet) -> Iterator[str]:
    """Yield the whole case: both answers with their steps, the message and the settings of the tenant."""
    message = drawn.messages[int(case.place.rpartition(" ")[2])]
    yield f"\n{case.verdict}: {case.place}, {case.recipient} ({drawn.cloud})"
    yield f"  delivered: {json.dumps(case.outcome)}"
    yield f"  predicted: {case.prediction}"
    yield f"  message: {json.dumps(message)}"
    yield f"  settings: {json.dumps(drawn.settings)}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the sets, print the table and each disagreement, and return 1 if there is any."""
    parser = argparse.ArgumentParser(prog="python -m tests.delivery.compare", description=__doc__)
    parser.add_argument("--sets", type=int, default=SETS, help="how many sets of rules (default: %(default)s)")
    parser.add_argument("--messages", type=int, default=MESSAGES, help="messages for each set (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="draws other sets (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the number of the first set, to compare in pieces")
    parser.add_argument("--others", action="store_true", help="with conditions that need not be decided")
    options = parser.parse_args(arguments)
    comparison = Comparison()
    with TemporaryDirectory() as directory, running(Path(directory) / "emulator") as emulator:
        for number in range(options.first, options.first + options.sets):
            drawn = draw_set(number, seed=options.seed, messages=options.messages, decided_only=not options.others)
            seen = len(comparison.disagreements)
            compare_set(emulator, drawn, comparison)
            for case in comparison.disagreements[seen:]:
                print("\n".join(_describe(case, drawn)), flush=True)  # noqa: T201 - its answer
    print("\n".join(table(comparison)))  # noqa: T201 - its answer
    return int(bool(comparison.disagreements))


if __name__ == "__main__":
    sys.exit(main())
