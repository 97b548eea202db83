"""Runs that reach their limit of time, or whose only tenant gives no answer, end with 4."""

from functools import partial
from threading import Thread

import pytest

from tests.cases import playbook, resource
from tests.door import Door
from tests.emulated import Tenant
from tests.schools import few_people
from toolkit.errors import Exit
from toolkit.sdk.limits import RunDeadline

pytestmark = few_people


def test_a_run_out_of_time_ends_with_4_and_names_the_limit(door: Door) -> None:
    answered = door.toolkit("plan", TOOLKIT_RUN_SECONDS="0.001")

    assert answered.exit == Exit.UNREAD
    assert answered.out == ""
    assert answered.err.count("TOOLKIT_RUN_SECONDS") == 1


@pytest.mark.parametrize("sort", ["a web page", "cut", "null", "too large"])
def test_a_run_ends_with_4_where_its_only_tenant_gives_no_answer_that_can_be_understood(
    bare_door: Door, sort: str
) -> None:
    bare_door.tenant.fault("hostile", "GET /organization", reason=sort, times=1000)

    answered = bare_door.toolkit("plan", TOOLKIT_PATIENCE="0.1", TOOLKIT_ANSWER_MEGABYTES="1")

    assert answered.exit == Exit.UNREAD, answered.err
    assert answered.err.count("\n") <= 2


def test_a_run_ends_with_4_where_its_only_tenant_does_not_answer(bare_door: Door) -> None:
    bare_door.tenant.fault("unavailable", "GET /organization", times=1000)

    assert bare_door.toolkit("plan", TOOLKIT_PATIENCE="0.1").exit == Exit.UNREAD


def test_a_refused_tenant_outranks_one_that_does_not_answer(door: Door) -> None:
    door.tenant.fault("unavailable", "GET /organization", times=1000)
    door.tenant.fault("refused", "directory.customers.get", times=1000)

    assert door.toolkit("plan", TOOLKIT_PATIENCE="0.1").exit == Exit.FAILED


class _EndedByAWrite:
    """The clock of a run whose time is over once a first rule is asked for; its answer waits for that."""

    def __init__(self, tenant: Tenant) -> None:
        self.now = 0.0
        self._tenant = tenant
        tenant.fault("held", "New-TransportRule")
        self._watching = Thread(target=self._watch, args=(tenant.last_request(),), daemon=True)
        self._watching.start()

    def _watch(self, after: int) -> None:
        self._tenant.wait_for("New-TransportRule", after)
        self.now = 1_000_000.0
        self._tenant.disarm()


def test_an_apply_out_of_time_finishes_the_write_it_began_and_begins_no_other(
    bare_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["A", "B", "C"]
    rules = [resource("microsoft365.transport_rule", name, {"prepend_subject": f"[{name}] "}) for name in names]
    bare_door.write("10.yaml", playbook(*rules))
    clock = _EndedByAWrite(bare_door.tenant)
    monkeypatch.setattr("toolkit.engine.prepare_run.RunDeadline", partial(RunDeadline, clock=lambda: clock.now))

    first = bare_door.toolkit("apply", "--yes", "--json", TOOLKIT_RUN_SECONDS="60")

    assert first.exit == Exit.UNREAD
    results = {outcome["address"]: outcome["result"] for outcome in first.json["outcomes"]}
    assert sorted(results.values()) == ["done", "not started", "not started"]
    late = [outcome["error"] for outcome in first.json["outcomes"] if outcome["result"] == "not started"]
    assert all("not started: the run reached its limit of 60 seconds" in error for error in late)
    assert bare_door.tenant.operations().count("New-TransportRule") == 1

    monkeypatch.undo()
    assert bare_door.toolkit("apply", "--yes").exit == Exit.AS_WANTED
    assert bare_door.tenant.operations().count("New-TransportRule") == len(names)
