"""A run of some controls or objects speaks of these alone, and of nothing that no one asked for."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.test_hold import Office
from tests.cli.test_hold import keep_placed as keep_placed  # noqa: PLC0414 - the fixture
from tests.door import Checkpoint, Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

ASKED = ["mail.disclaimer", "web.chat_im_block", "identity.mfa"]
PROMPT = "web.chat_im_block"
"""Of these the one that `make test` asks for: it has objects in both clouds."""


@pytest.fixture(scope="module")
def applied(applied_samples: Checkpoint) -> Door:
    """Restore the applied school once; no test here changes it."""
    return applied_samples.restore()


def _controls(answer: dict[str, Any]) -> set[str]:
    return {one["control"] for one in answer["controls"]}


@pytest.mark.parametrize(
    "control", [pytest.param(control, marks=[] if control == PROMPT else pytest.mark.soak) for control in ASKED]
)
def test_one_control_is_all_that_plan_and_drift_and_check_speak_of(applied: Door, control: str) -> None:
    plan, drift, check = (applied.toolkit(name, "--only", control, "--json") for name in ("plan", "drift", "check"))

    for answer in (plan, drift):
        assert _controls(answer.json) == {control}
        assert {row["control"] for row in answer.json["coverage"]} <= {control}
        assert (answer.json["unmanaged"], answer.json["newcomers"], answer.json["unavailable"]) == ([], [], [])
        assert answer.json["summary"]["unmanaged"] == 0
    assert "holds" not in drift.json
    assert {one["control"] for one in check.json["findings"]} <= {control}


def test_a_clause_in_place_of_a_control_is_told_its_controls_and_its_command_at_once(applied: Door) -> None:
    before = applied.tenant.last_request()

    answers = [applied.toolkit(name, "--only", "eml-18") for name in ("check", "plan", "apply", "drift")]

    for answer in answers:
        assert answer.exit == 2
        assert "--only eml-18 names a clause of the policy. Name a control or an object: " in answer.err
        assert "mail.disclaimer" in answer.err
        assert ". `toolkit policy EML-18` shows the clause" in answer.err
    assert applied.tenant.last_request() == before
    assert "`toolkit policy" not in applied.toolkit("plan", "--only", "EML-180").err


def test_one_file_gives_back_no_reply_that_another_file_asks_for(applied: Door) -> None:
    file = applied.playbooks / "30-mail-disclaimer.yaml"

    plan = applied("plan", file, "--json")

    assert (plan.exit, plan.json["changes"]) == (0, [])


RULE, TAG = "microsoft365.transport_rule", "mail.external_tag"
BOTH = f"""\
playbook: mail
title: Mail
owner: Office
controls:
  - {TAG}: {{for: everyone}}
resources:
  - {RULE}: Mark mail to the office
    sent_to: [office@example-primary.example]
    prepend_subject: "[office] "
"""


def _apply_both(door: Door) -> None:
    """Apply a control and a mail rule beside it."""
    door.write("10-mail.yaml", BOTH)
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err


@pytest.mark.parametrize(
    ("command", "word"),
    [
        pytest.param("plan", "microsoft365.external_in_outlook[organisation]", marks=pytest.mark.soak),
        ("drift", TAG),
    ],
)
def test_kinds_that_nobody_asked_for_may_be_unreadable(bare_door: Door, command: str, word: str) -> None:
    _apply_both(bare_door)
    bare_door.tenant.fault("refused", "Get-TransportRule", times=99)
    whole = bare_door.toolkit(command, "--json")
    others = bare_door.toolkit(command, "--only", word, "--json")
    bare_door.tenant.disarm()
    bare_door.tenant.fault("refused", "Get-ExternalInOutlook", times=99)
    own = bare_door.toolkit(command, "--only", word, "--json")

    assert (whole.exit, len(whole.json["unknown"])) == (4, 1)
    assert (others.exit, others.json["unknown"]) == (0, [])
    assert (own.exit, len(own.json["unknown"])) == (4, 1)


def test_a_narrow_drift_says_nothing_of_holds_and_one_of_a_cloud_nothing_of_the_other_clouds(
    keep_placed: Callable[[], Office],
) -> None:
    door = keep_placed().door
    _apply_both(door)

    whole, narrow = door.toolkit("drift"), door.toolkit("drift", "--only", TAG)
    google = door.toolkit("drift", "--provider", "google_workspace", "--json")

    assert (whole.exit, narrow.exit) == (3, 0)  # requested holds are pending
    assert "holds: " in whole.out
    assert "holds: " not in narrow.out
    assert not [reason for reason in google.json["holds_reasons"] if "Microsoft" in reason]


def test_a_narrow_apply_leaves_what_is_new_in_other_kinds_new(bare_door: Door) -> None:
    _apply_both(bare_door)
    bare_door.tenant.put("exchange.transportRules", "theirs", {"Guid": "theirs", "Name": "Theirs", "State": "Enabled"})

    assert bare_door.toolkit("apply", "--yes", "--only", TAG).exit == 0
    drift = bare_door.toolkit("drift", "--json")

    assert drift.json["newcomers"] == ["microsoft365.transport_rule[Theirs]"]
