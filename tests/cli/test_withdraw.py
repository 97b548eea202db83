"""`toolkit withdraw`: nothing of ours is left in either cloud but what it lists."""

import json
import shlex
import signal
from collections.abc import Mapping
from typing import Any, TypeAlias

import pytest

from tests.contract.rules import add_rule_by_hand, apply, rule, rule_order, write_rules
from tests.door import Checkpoint, Door
from tests.registered import toolkit_waiting
from tests.schools import few_people

pytestmark = few_people

Stored: TypeAlias = Mapping[tuple[str, str], Any]
LIMITS = (
    *("--allow-deletes", "99"),
    *(
        f"--allow-changes=google_workspace.{kind}"
        for kind in ("chrome_policy", "group_footer", "signature", "policy_setting")
    ),
)
EVIDENCE = ["School retention: chat", "School retention: files", "Staff mail 7 years"]
REPLIES = ["gmail.vacation", "outlook.mailboxSettings"]
"""In each cloud one person's own reply was made longer; the others were off before, and are again."""

UNSEEN = {"@odata.type", "lastModifiedDateTime", "version", "LastModifiedBy", "WhenChanged", "customFooterText"}
"""What a service writes by itself, and what it keeps of a footer that is switched off."""


def _differences(before: Stored, after: Stored) -> set[tuple[str, str]]:
    """Name what is stored otherwise than before, beside the tenant's own log."""
    found = {key for key in {*before, *after} if _plain(key[0], before.get(key)) != _plain(key[0], after.get(key))}
    return {
        (collection, "reply" if collection in REPLIES else (after.get(key) or before[key]).get("Name", id_of))
        for key in found
        for collection, id_of in [key]
        if not collection.startswith("audit.")
    }


def _plain(collection: str, body: Any) -> Any:
    """Return what counts of an object; a reply that is off is none."""
    if collection in REPLIES and "disabled" in json.dumps(body) + ("disabled" if not _is_on(body) else ""):
        return None
    return _without(body)


def _is_on(body: Any) -> bool:
    return bool(body) and (body.get("enableAutoReply") is True or "automaticRepliesSetting" in body)


def _without(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without(item) for name, item in value.items() if name not in UNSEEN and item is not None}
    return sorted(map(_without, value), key=str) if isinstance(value, list) else value


@pytest.mark.parametrize("killed", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_all_samples_are_taken_back_in_both_clouds_and_a_killed_run_is_ended_by_the_next(
    applied_samples: Checkpoint,
    killed: bool,  # noqa: FBT001
) -> None:
    door = applied_samples.restore()
    tenant = door.tenant
    if killed:
        _limited_and_killed(door)
    ended = door.toolkit("withdraw", "--yes", "--json", *LIMITS)
    assert ended.exit == 0, ended.out + ended.err
    again = door.toolkit("withdraw", "--yes", "--json")
    assert (again.exit, again.json["changes"], again.json["outcomes"]) == (0, [], [])
    message = "chrome.devices.DisabledDeviceReturnInstructions"
    (top,) = (key for key in tenant.objects("google.chromePolicies") if key.endswith(message))
    assert tenant.read_object("google.chromePolicies", top)["value"] == {"deviceDisabledMessage": ""}
    assert _differences(applied_samples.before, tenant.everything()) == {
        *(("compliance.retentionPolicies", name) for name in EVIDENCE),
        *(("compliance.retentionRules", name) for name in EVIDENCE[:2]),
        *((collection, "reply") for collection in REPLIES),
        ("google.chromePolicies", top),  # the top unit inherits nothing, so that an empty message is left there
        ("exchange.dkimSigningConfigs", "example-primary.example"),  # no cmdlet removes keys; they sign nothing
    }
    listed = [one["address"].partition("[")[2][:-1] for one in again.json["kept"]]
    assert {*EVIDENCE} <= {*listed}
    assert sum(name.startswith("person ") for name in listed) == len(REPLIES)
    assert any(stays.startswith("Legal holds stay") for stays in again.json["stays"])
    assert door("audit", "verify").exit == 0


def _limited_and_killed(door: Door) -> None:
    """Let one run be refused by its limits, and kill the next one behind a deletion."""
    limited = door.toolkit("withdraw", "--yes")
    assert limited.exit == 5
    assert "objects to delete (toolkit withdraw)" in limited.out
    assert "\n  Managed objects: " in limited.out
    assert "not done by `toolkit due`" not in limited.out, "this plan gives all replies back"
    assert "If you want this: toolkit withdraw" in limited.err

    with toolkit_waiting(door, "withdraw", str(door.playbooks), "--yes", *LIMITS) as client:
        door.tenant.fault("kill_after", "Remove-TransportRule", pid=client.pid)
        client.communicate("go\n")
    door.tenant.disarm()
    assert client.returncode == -signal.SIGKILL


def test_a_saved_plan_is_applied_exactly_and_only_by_this_command(
    bare_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, plan = bare_door, bare_door.playbooks.parent / "leaving.plan"
    monkeypatch.chdir(plan.parent)  # `make apply` sets up the root of the repository as a school
    ours = ["Ours", "Our second", "Our third"]
    write_rules(door, *map(rule, ours))
    apply(door)
    add_rule_by_hand(door, "Theirs")
    door.write("20-broken.yaml", "playbook: [")
    before = rule_order(door)

    planned = door.toolkit("withdraw", "-o", str(plan))
    assert (planned.exit, rule_order(door)) == (5, before), planned.err
    other = door("apply", plan, "--yes")
    assert (other.exit, rule_order(door)) == (2, before)
    assert f"`toolkit withdraw {plan}`" in other.err
    refused = door("withdraw", plan, "--yes")
    assert (refused.exit, rule_order(door)) == (5, before)
    _, _, command = refused.err.strip().partition("If you want this: toolkit ")
    assert shlex.split(command) == ["withdraw", str(plan), "--allow-deletes", "3"]
    assert door(*shlex.split(command), "--yes").exit == 0
    assert rule_order(door) == [name for name in before if name not in ours]
    assert [one["command"] for one in door("audit", "log", "--json").json["runs"]] == ["withdraw", "withdraw", "apply"]
    assert door("withdraw", door.playbooks / "10-rules.yaml").exit == 2
