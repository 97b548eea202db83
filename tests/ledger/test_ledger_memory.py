"""What is remembered follows from the entries: who owns what, what is unfinished, what was there before."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import select

from toolkit.ledger.database import open_read_transaction
from toolkit.ledger.entries import Action, StepVerdict, UnmanagedObject
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.projection_store import Stored
from toolkit.ledger.tables import STEP, StepRow, StepState
from toolkit.ledger.verify import verify
from toolkit.sdk.resource import Address
from toolkit.values import AtLeast

if TYPE_CHECKING:
    from tests.ledger.conftest import History

DISCLAIMER = Address("microsoft365", "transport_rule", "School disclaimer")


def test_an_object_is_remembered_with_what_was_sent_and_what_came_back(history: "History") -> None:
    history.run_begins()
    with Lease(history.ledger, run="run-1"):
        history.step_begins(0, sent={"urls": AtLeast(("x", "y")), "sent_to": ("a", "b"), "note": None})
        assert LedgerMemory(history.ledger).last_state(DISCLAIMER) is None
        history.step_ends(0, returned={"urls": ("x", "y", "z"), "enabled": True})
    remembered = LedgerMemory(history.ledger).last_state(DISCLAIMER)
    assert remembered is not None
    assert (remembered.address, remembered.remote_id, remembered.name) == (DISCLAIMER, "id-0", "Disclaimer")
    assert (remembered.action, remembered.run, remembered.at.isoformat()) == (
        Action.CREATE,
        "run-1",
        "2026-09-07T08:30:00+00:00",
    )
    assert remembered.sent == {"urls": AtLeast(("x", "y")), "sent_to": ("a", "b"), "note": None}
    assert remembered.returned == {"urls": ("x", "y", "z"), "enabled": True}
    assert LedgerMemory(history.ledger).all() == {DISCLAIMER: remembered}


def test_a_move_leaves_the_settings_that_are_remembered(history: "History") -> None:
    history.run_begins()
    with Lease(history.ledger, run="run-1"):
        history.step_begins(0, sent={"enabled": True})
        history.step_ends(0, returned={"enabled": True})
        history.step_begins(1, action=Action.MOVE, sent=None)
        history.step_ends(1, returned=None)
    remembered = LedgerMemory(history.ledger).last_state(DISCLAIMER)
    assert remembered is not None
    assert (remembered.action, remembered.sent, remembered.returned) == (
        Action.MOVE,
        {"enabled": True},
        {"enabled": True},
    )


def test_a_deleted_object_is_forgotten(history: "History") -> None:
    history.run_begins()
    with Lease(history.ledger, run="run-1"):
        history.step_begins(0)
        history.step_ends(0)
        history.step_begins(1, action=Action.DELETE, sent=None, before={"enabled": True})
        history.step_ends(1, returned=None)
    assert LedgerMemory(history.ledger).all() == {}
    assert verify(history.ledger).is_sound


def test_a_refused_step_is_finished_and_leaves_no_memory(history: "History") -> None:
    history.run_begins()
    with Lease(history.ledger, run="run-1"):
        history.step_begins(0)
        history.step_fails(0)
    assert LedgerMemory(history.ledger).last_state(DISCLAIMER) is None
    assert LedgerMemory(history.ledger).unfinished_steps() == ()


def test_a_step_without_an_end_is_unfinished_until_somebody_looked(history: "History") -> None:
    history.run_begins()
    with Lease(history.ledger, run="run-1"):
        for step in range(3):
            history.step_begins(step, f"Rule {step}")
        history.step_is_unknown(1)
    memory = LedgerMemory(history.ledger)
    found = memory.unfinished_steps()
    assert [(unfinished.step.step, unfinished.error) for unfinished in found] == [
        (0, None),
        (1, "no answer"),
        (2, None),
    ]
    assert found[0].run.run == "run-1"

    history.step_is_verified(0, StepVerdict.APPLIED)
    history.step_is_verified(1, StepVerdict.NOT_APPLIED)
    history.step_is_verified(2, StepVerdict.CANNOT_TELL)
    assert [unfinished.step.step for unfinished in memory.unfinished_steps()] == [2]
    assert [(address.name, remembered.remote_id) for address, remembered in memory.all().items()] == [
        ("Rule 0", "id-9")
    ]
    history.step_is_verified(2, StepVerdict.NOT_APPLIED)
    assert memory.unfinished_steps() == ()
    assert verify(history.ledger).is_sound


def test_the_last_run_of_a_command_is_told_with_or_without_its_end(history: "History") -> None:
    memory = LedgerMemory(history.ledger)
    assert memory.last_run("apply") is None
    history.run_begins("run-1")
    history.run_ends("run-1")
    history.run_begins("run-2", command="drift")
    (apply, drift) = (memory.last_run("apply"), memory.last_run("drift"))
    assert apply is not None
    assert apply.ended is not None
    assert (apply.began.run, apply.ended.summary) == ("run-1", {"create": 1})
    assert drift is not None
    assert (drift.began.run, drift.ended) == ("run-2", None)
    assert [run.began.run for run in memory.runs()] == ["run-2", "run-1"]


def test_the_inventory_of_a_kind_is_the_one_last_read(history: "History") -> None:
    rule, group = UnmanagedObject("1", "Foreign rule"), UnmanagedObject("2", "Foreign group")
    history.run_begins("run-1")
    history.run_ends("run-1", unmanaged={"microsoft365.transport_rule": (rule,), "microsoft365.group": (group,)})
    history.run_begins("run-2")
    history.run_ends("run-2", unmanaged={"microsoft365.transport_rule": ()})
    assert LedgerMemory(history.ledger).inventory() == {
        "microsoft365.group": (group,),
        "microsoft365.transport_rule": (),
    }


def test_the_state_before_each_step_of_a_run_is_kept(history: "History") -> None:
    history.run_begins()
    with Lease(history.ledger, run="run-1"):
        history.step_begins(0)
        history.step_ends(0)
        history.step_begins(1, "Other", action=Action.UPDATE, before={"enabled": False, "urls": ("x",)})
        history.step_fails(1)
    with open_read_transaction(history.ledger.engine) as connection:
        stored = Stored(connection)
        rows = stored.rows(StepRow, select(STEP).where(STEP.c.run == "run-1").order_by(STEP.c.began))
        found = [(stored.began_entry(row), row.state) for row in rows]
    assert [(step.address.name, step.before, state) for step, state in found] == [
        ("School disclaimer", None, StepState.APPLIED),
        ("Other", {"enabled": False, "urls": ("x",)}, StepState.FAILED),
    ]


def test_memory_outlives_the_process(history: "History", open_ledger: Callable[[], Ledger]) -> None:
    history.whole_run()
    history.ledger.close()
    assert len(LedgerMemory(open_ledger()).all()) == 3
