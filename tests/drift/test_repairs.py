"""What a run repaired, and what someone else put right while a run wrote something else."""

from datetime import UTC, datetime
from itertools import product

import pytest

from tests.contract.rules import STORED, add_rule_by_hand, apply, rule, stored_rule, write_rules
from tests.door import Door
from tests.schools import few_people
from toolkit.drift.history import does_step_repair
from toolkit.drift.model import DifferenceType
from toolkit.ledger.entries import Action, StepBegan
from toolkit.ledger.tables import FindingRow
from toolkit.planning.diff import NAME
from toolkit.sdk.resource import Address
from toolkit.values import Settings

pytestmark = few_people

NOW = datetime(2026, 11, 9, tzinfo=UTC)
RULE = Address("microsoft365", "transport_rule", "A")
ENDS = {
    DifferenceType.DIFFERENT: {Action.CREATE, Action.UPDATE},
    DifferenceType.MISSING: {Action.CREATE, Action.UPDATE},
    DifferenceType.UNWANTED: {Action.DELETE, Action.UPDATE},
    DifferenceType.MOVED: {Action.MOVE, Action.CREATE},
    DifferenceType.DEFEATED: {Action.MOVE, Action.CREATE, Action.DELETE},
    DifferenceType.LOOK_ALIKE: {Action.UPDATE, Action.ADOPT},
    DifferenceType.REFUSED: set(Action),
}


def _step(action: Action, before: Settings | None, sent: Settings | None, was_named: str | None = None) -> StepBegan:
    return StepBegan(
        run="r", step=1, at=NOW, address=RULE, action=action, before=before, sent=sent, was_named=was_named
    )


def _finding(what: DifferenceType, path: str = "") -> FindingRow:
    at = NOW.isoformat()
    return FindingRow(
        id="f", address=str(RULE), path=path, what=what, state="open", since=at, seen=at, n=1, cause="tenant"
    )


@pytest.mark.parametrize(("what", "action"), list(product(DifferenceType, Action)))
def test_each_finding_is_repaired_by_the_acts_that_can_repair_it(what: DifferenceType, action: Action) -> None:
    step = _step(action, {"subject": "theirs"}, {"subject": "ours"})

    assert does_step_repair(step, _finding(what, "subject" if what is DifferenceType.DIFFERENT else "")) is (
        action in ENDS[what]
    )


@pytest.mark.parametrize(
    ("path", "before", "sent", "repaired"),
    [
        ("subject", {"subject": "theirs"}, {"subject": "ours"}, True),
        ("subject", {"subject": "ours", "note": "a"}, {"subject": "ours", "note": "b"}, False),
        ("subject", {"note": "a"}, {"note": "b"}, False),
        ("subject", {}, {"subject": "ours"}, True),
        ("subject", {"subject": "theirs"}, {"subject": None}, True),
    ],
)
def test_a_setting_is_repaired_by_a_write_that_changed_it(
    path: str, before: Settings, sent: Settings, *, repaired: bool
) -> None:
    assert does_step_repair(_step(Action.UPDATE, before, sent), _finding(DifferenceType.DIFFERENT, path)) is repaired


@pytest.mark.parametrize(("was_named", "repaired"), [("Theirs", True), ("A", False), (None, False)])
def test_a_name_is_repaired_by_a_write_that_gave_it_back(was_named: str | None, *, repaired: bool) -> None:
    assert (
        does_step_repair(_step(Action.UPDATE, {}, {}, was_named), _finding(DifferenceType.DIFFERENT, NAME)) is repaired
    )


def test_what_a_person_put_right_is_not_repaired_by_a_run_that_wrote_something_else(bare_door: Door) -> None:
    write_rules(bare_door, rule("A", prepend_subject="[a] ", from_scope="NotInOrganization"))
    apply(bare_door)
    guid = stored_rule(bare_door, "A")["Guid"]
    bare_door.tenant.patch(STORED, guid, PrependSubject="[theirs] ")
    assert bare_door.toolkit("drift").exit == 3
    bare_door.tenant.patch(STORED, guid, PrependSubject="[a] ")
    write_rules(bare_door, rule("A", prepend_subject="[a] ", from_scope="InOrganization"))
    apply(bare_door)

    drift = bare_door.toolkit("drift")

    assert "prepend_subject differs since 10 November: corrected in the tenant" in drift.out
    assert "repaired by toolkit" not in drift.out


def test_what_a_run_wrote_is_repaired_by_toolkit(bare_door: Door) -> None:
    write_rules(bare_door, rule("A", prepend_subject="[a] "))
    apply(bare_door)
    bare_door.tenant.patch(STORED, stored_rule(bare_door, "A")["Guid"], PrependSubject="[theirs] ")
    assert bare_door.toolkit("drift").exit == 3
    apply(bare_door)

    assert "repaired by toolkit" in bare_door.toolkit("drift").out


def test_a_refusal_that_ended_does_not_say_that_its_object_is_in_place(bare_door: Door) -> None:
    write_rules(bare_door, rule("A", prepend_subject="[a] "))
    apply(bare_door)
    theirs = add_rule_by_hand(bare_door, "B", PrependSubject="[b] ")
    write_rules(bare_door, rule("A", prepend_subject="[a] ", adopt="B"))
    assert "adopt: 'B' exists" in bare_door.toolkit("drift").out
    bare_door.tenant.delete(STORED, theirs)
    guid = stored_rule(bare_door, "A")["Guid"]
    bare_door.tenant.patch(STORED, guid, PrependSubject="[theirs] ")

    drift = bare_door.toolkit("drift")

    assert drift.exit == 3
    assert (
        "transport_rule[A]: refused since 10 November: no longer reported, although the object still differs"
        in drift.out
    )
    assert "in place again" not in drift.out
