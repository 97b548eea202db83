"""From which moments on only time can have changed what playbooks want, as the ledger tells it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import pytest

from toolkit.ledger.entries import Action, RunBegan, RunEnded, StepBegan
from toolkit.ledger.last_applied import make_past_reader
from toolkit.ledger.lease import Lease
from toolkit.ledger.memory import LedgerMemory
from toolkit.planning.due_change import EDITED, NEVER
from toolkit.sdk.resource import Address

if TYPE_CHECKING:
    from tests.ledger.conftest import History

RULE = Address("microsoft365", "transport_rule", "Tag")


class Run(NamedTuple):
    """A run on the day of its place in the list; it found so much to change, and sent something or not."""

    command: str
    playbooks: str = "mine"
    exit: int | None = 0
    found: int = 0
    sent: bool = False
    flags: tuple[str, ...] = ()
    cloud: str = "microsoft365"


@pytest.mark.parametrize(
    ("runs", "days", "hindrance"),
    [
        ([], [], NEVER),
        ([Run("drift"), Run("due")], [], NEVER),
        ([Run("apply"), Run("apply"), Run("drift")], [2], ""),
        ([Run("apply"), Run("due", exit=1, found=1, sent=True), Run("due", exit=4)], [3, 2, 1], ""),
        ([Run("apply"), Run("apply", playbooks="others"), Run("due")], [3, 2], EDITED),
        ([Run("apply"), Run("apply", playbooks="others", exit=5, found=1)], [1], ""),  # answered no
        ([Run("apply"), Run("apply", playbooks="others", exit=None)], [1], ""),  # killed before it wrote
        ([Run("apply"), Run("apply", playbooks="others", exit=None, sent=True)], [2], EDITED),
        ([Run("apply"), Run("apply", playbooks="others", flags=("--only Tag",))], [1], ""),
        ([Run("apply", exit=5), Run("apply", cloud="google_workspace")], [1], ""),
    ],
)
def test_the_last_runs_that_made_it_so_count_back_to_one_that_left_nothing(
    in_file: "History", runs: Sequence[Run], days: Sequence[int], hindrance: str
) -> None:
    for day, run in enumerate(runs, 1):
        _write(in_file, str(day), datetime(2026, 11, day, tzinfo=UTC), run)

    found = make_past_reader(LedgerMemory(in_file.ledger), "mine", "microsoft365")(["Other"], "")

    assert ([moment.day for moment in found.moments], found.hindrance) == (days, hindrance)


TAG, OTHER = ("--only Tag",), ("--only Other",)


@pytest.mark.parametrize(
    ("runs", "days", "hindrance"),
    [
        ([Run("apply", flags=TAG)], [1], ""),
        ([Run("apply", flags=OTHER)], [], NEVER),
        ([Run("apply", flags=(*OTHER, *TAG)), Run("due")], [2], ""),
        ([Run("apply", flags=TAG, exit=5, found=1)], [], NEVER),  # answered no
        ([Run("apply", playbooks="others"), Run("apply", flags=TAG), Run("due", exit=4)], [3, 2], ""),
        ([Run("apply", playbooks="others"), Run("apply", flags=OTHER)], [1], EDITED),
        ([Run("apply"), Run("apply", playbooks="others", flags=TAG)], [2], EDITED),
        ([Run("apply", flags=TAG), Run("apply", playbooks="others")], [2], EDITED),
        ([Run("apply", flags=TAG), Run("apply", flags=("--only mail.signature",), exit=4)], [1], ""),
    ],
)
def test_a_run_for_some_objects_counts_for_those_alone(
    in_file: "History", runs: Sequence[Run], days: Sequence[int], hindrance: str
) -> None:
    for day, run in enumerate(runs, 1):
        _write(in_file, str(day), datetime(2026, 11, day, tzinfo=UTC), run)

    found = make_past_reader(LedgerMemory(in_file.ledger), "mine", "microsoft365")(["Tag", "mail.rules"], "")

    assert ([moment.day for moment in found.moments], found.hindrance) == (days, hindrance)


def test_a_run_counts_for_what_it_wrote_whatever_that_is_called_now(in_file: "History") -> None:
    _write(in_file, "first", datetime(2026, 11, 1, tzinfo=UTC), Run("apply", flags=TAG, sent=True))

    found = make_past_reader(LedgerMemory(in_file.ledger), "mine", "microsoft365")

    assert found(["Tag, renamed"], "first").hindrance == ""
    assert found(["Tag, renamed"], "another run").hindrance == NEVER


def _write(history: "History", name: str, at: datetime, run: Run) -> None:
    ledger = history.ledger
    ledger.append(
        RunBegan(
            run=name,
            at=at,
            command=run.command,
            target="emulator",
            tenants={run.cloud: "0b1c"},
            version="0.1.0",
            playbooks=run.playbooks,
            flags=run.flags,
        )
    )
    if run.sent:
        with Lease(ledger, run=name):
            ledger.append(StepBegan(run=name, step=1, at=at, address=RULE, action=Action.UPDATE, before={}, sent={}))
    if run.exit is not None:
        ledger.append(RunEnded(run=name, at=at, exit=run.exit, summary={"update": run.found}))
