"""Data protection rules over the wire: whole values, detectors by name, units, and nothing made twice."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds import detector
from connectors.google_workspace.kinds.dlp_rule import KIND
from connectors.google_workspace.ownership_marker import is_ours
from tests.emulated import Tenant
from tests.google_workspace.connected import policy_pages
from toolkit.errors import Refused, Rejected, ServiceError
from toolkit.sdk.endpoint import Everything, NamedOnly
from toolkit.sdk.ownership import MARK
from toolkit.sdk.resource import Address, Desired, Origin, Remote
from toolkit.values import Settings

POLICIES = "google.policies"
CREATE = "cloudidentity.policies.create"
DELETE = "cloudidentity.policies.delete"
TRUST = "Trust: safeguarding words"
TRUST_RULE = "Trust: safeguarding words leaving by mail"
MAIL: Mapping[str, Any] = {
    "triggers": ["gmail.email.v1.send"],
    "condition": "body.contains('trip')",
    "gmail_action": "block",
    "gmail_external": True,
}


def settings(written: Mapping[str, Any]) -> Settings:
    return {name: value for name, value in KIND.spec.desired(written).items() if value is not None}


def create_rule(connection: GoogleWorkspace, name: str, **more: Any) -> Remote:
    remote = KIND.endpoint.create(connection, name, KIND.spec.body(settings({**MAIL, **more})))
    assert remote
    return remote


def changed(connection: GoogleWorkspace, remote: Remote, *, name: str = "", **to: Any) -> Remote:
    after = KIND.endpoint.update(connection, remote, name or remote.name, KIND.spec.body(to))
    assert after
    return after


def stored(tenant: Tenant, name: str) -> list[dict[str, Any]]:
    return [one for one in tenant.objects(POLICIES).values() if one["setting"]["value"].get("displayName") == name]


def value(tenant: Tenant, name: str) -> dict[str, Any]:
    (policy,) = stored(tenant, name)
    return dict(policy["setting"]["value"])


def edit(tenant: Tenant, remote: Remote, **changes: Any) -> None:
    """Change keys of a stored value by hand."""
    key = remote.id.removeprefix("policies/")
    setting = tenant.read_object(POLICIES, key)["setting"]
    tenant.patch(POLICIES, key, setting={**setting, "value": {**setting["value"], **changes}})


def read_rule(connection: GoogleWorkspace, name: str) -> Remote:
    (found,) = [one for one in KIND.endpoint.read(connection, NamedOnly(frozenset({name}))) if isinstance(one, Remote)]
    return found


def wanted(name: str, **more: Any) -> Desired:
    address = Address("google_workspace", KIND.name, name)
    return Desired(address, KIND.spec.desired({**MAIL, **more}), {}, Origin("10.yaml", 6))


def test_a_rule_is_made_as_google_wants_it(connection: GoogleWorkspace, tenant: Tenant) -> None:
    create_rule(connection, "Trips", unit="/Staff")

    kept = value(tenant, "Trips")
    assert {name: kept[name] for name in kept if name not in ("createTime", "updateTime")} == {
        "displayName": "Trips",
        "description": f"{MARK}.",
        "state": "ACTIVE",
        "triggers": ["google.workspace.gmail.email.v1.send"],
        "condition": {"contentCondition": "body.contains('trip')"},
        "action": {
            "gmailAction": {
                "blockContent": {"actionParams": {"applyExternalMessages": True, "applyInternalMessages": False}}
            },
            "alertCenterAction": {},
        },
        "ruleTypeMetadata": {"dlpRuleMetadata": {"alertSeverity": "LOW"}},
    }


def test_a_rule_of_somebody_else_is_read_with_the_name_of_its_detector(connection: GoogleWorkspace) -> None:
    remote = read_rule(connection, TRUST_RULE)

    observed = KIND.spec.observed(remote.body)

    assert not is_ours(remote)
    assert observed["condition"] == f"all_content.matches_word_list('{TRUST}', {{minimum_match_count: 1}})"
    assert {name: one for name, one in observed.items() if one is not None and name != "condition"} == {
        "unit": "/Staff",
        "description": "Kept by the trust",
        "state": "ACTIVE",
        "triggers": ("gmail.email.v1.send",),
        "gmail_action": "audit",
        "gmail_external": True,
        "alert": True,
        "alert_severity": "MEDIUM",
        "alert_recipients": ("super_admins",),
    }


def test_detectors_are_written_by_their_ids(connection: GoogleWorkspace, tenant: Tenant) -> None:
    for name, written in (("It's a trip", {"words": ["trip"]}), ("It's a trip ", {"expression": "[0-9]{8}"})):
        body = detector.KIND.spec.body(detector.KIND.spec.desired(written))
        detector.KIND.endpoint.create(connection, name.strip(), body)
    ids = {one["setting"]["type"]: one["name"] for one in stored(tenant, "It's a trip")}
    condition = "body.matches_word_list(\"It's a trip\", {x: 1}) || title.matches_regex_detector('It\\'s a trip')"

    remote = create_rule(connection, "Trips", condition=condition)

    words, numbers = ids["settings/detector.word_list"], ids["settings/detector.regular_expression"]
    assert value(tenant, "Trips")["condition"]["contentCondition"] == (
        f"body.matches_word_list('{words}', {{x: 1}}) || title.matches_regex_detector('{numbers}')"
    )
    assert (
        KIND.spec.observed(remote.body)["condition"] == KIND.spec.desired({**MAIL, "condition": condition})["condition"]
    )


def test_a_detector_that_was_just_made_is_found_before_lists_show_it(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    tenant.fault("stale", CREATE, reads=99)
    body = detector.KIND.spec.body(detector.KIND.spec.desired({"words": ["trip"]}))
    detector.KIND.endpoint.create(connection, "Words", body)
    tenant.disarm()

    rule = connection.policies.with_written("detector[.]word_list")

    assert "Words" in {one["setting"]["value"]["displayName"] for one in rule}  # type: ignore[index, call-overload]


def test_an_id_that_is_no_detector_any_more_stays_as_it_is(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = create_rule(connection, "Trips")
    gone = "body.matches_word_list('policies/gone', {minimum_match_count: 1})"
    edit(tenant, remote, condition={"contentCondition": gone})

    assert KIND.spec.observed(read_rule(connection, "Trips").body)["condition"] == gone


def test_a_name_that_no_detector_has_is_told(connection: GoogleWorkspace, tenant: Tenant) -> None:
    with pytest.raises(Rejected, match="there is no list of words called 'Nothing'"):
        create_rule(connection, "Trips", condition="body.matches_word_list('Nothing')")
    with pytest.raises(Rejected, match=f"there is no regular expression called '{TRUST}'"):
        create_rule(connection, "Trips", condition=f"body.matches_regex_detector('{TRUST}')")

    assert stored(tenant, "Trips") == []


def test_a_name_that_two_detectors_have_is_told_and_their_ids_are_shown(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    (policy,) = stored(tenant, TRUST)
    tenant.put(POLICIES, "twin", {**policy, "name": "policies/twin"})
    condition = f"body.matches_word_list('{TRUST}')"

    with pytest.raises(Rejected, match="the tenant has more than one list of words called"):
        create_rule(connection, "Trips", condition=condition)

    assert policy["name"] in str(KIND.spec.observed(read_rule(connection, TRUST_RULE).body)["condition"])
    (doubt,) = KIND.doubts(connection, [wanted("Trips", condition=condition)])
    assert (doubt.name, doubt.setting) == ("Trips", "condition")
    by_id = f"body.matches_word_list('{policy['name']}')"
    assert list(KIND.doubts(connection, [wanted("Trips", condition=by_id)])) == []


def test_units_that_are_not_there_and_ids_that_have_a_name_are_doubted(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    by_id = f"body.matches_word_list('{stored(tenant, TRUST)[0]['name']}')"
    new = "body.matches_word_list('Made in this run')"
    asked = [wanted("A", unit="/Nowhere"), wanted("B", condition=by_id), wanted("C", condition=new)]

    doubts = list(KIND.doubts(connection, asked))

    assert [(one.name, one.setting) for one in doubts] == [("A", "unit"), ("B", "condition")]
    assert doubts[0].reason == "there is no organisational unit /Nowhere"
    assert f"write '{TRUST}' instead of 'policies/" in doubts[1].reason


def test_a_change_keeps_what_these_settings_do_not_know(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = create_rule(connection, "Trips")
    action = value(tenant, "Trips")["action"]
    gmail = {"blockContent": {**action["gmailAction"]["blockContent"], "customMessage": "Ask the office"}}
    alert = {"alertCenterConfig": {"severity": "LOW"}, "note": 1}
    unknown = {"meetAction": {"blockRecording": {}}, "gmailAction": gmail, "alertCenterAction": alert}
    edit(tenant, remote, action=unknown, someFlag=True)

    changed(connection, remote, gmail_action="warn", gmail_internal=True, alert_severity="HIGH", alert_recipients=())

    kept = value(tenant, "Trips")
    assert kept["someFlag"] is True
    assert kept["action"] == {
        "meetAction": {"blockRecording": {}},
        "gmailAction": {
            "warnUser": {
                "actionParams": {"applyExternalMessages": True, "applyInternalMessages": True},
                "customMessage": "Ask the office",
            }
        },
        "alertCenterAction": {"alertCenterConfig": {"severity": "HIGH"}, "note": 1},
    }
    assert kept["ruleTypeMetadata"] == {"dlpRuleMetadata": {"alertSeverity": "HIGH"}}


def test_an_action_that_nobody_knows_is_shown_as_it_is_and_can_be_taken_out(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    remote = create_rule(connection, "Trips")
    edit(tenant, remote, action={"driveAction": {"quarantineFile": {}, "x": None}, "alertCenterAction": {}})

    observed = KIND.spec.observed(read_rule(connection, "Trips").body)
    changed(connection, remote, drive_action=None)

    assert (observed["gmail_action"], observed["drive_action"]) == (None, "quarantineFile")
    assert value(tenant, "Trips")["action"] == {"driveAction": {"x": None}, "alertCenterAction": {}}


def test_alerts_are_on_where_their_part_is_there_even_if_it_is_empty(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    remote = create_rule(connection, "Trips", alert=True, alert_recipients=["Office@x.example", "super_admins"])

    alert = value(tenant, "Trips")["action"]["alertCenterAction"]
    assert alert == {"alertCenterConfig": {}, "recipients": [{"email": "office@x.example"}, {"allSuperAdmins": True}]}
    assert KIND.spec.observed(remote.body)["alert"] is True

    after = changed(connection, remote, alert=None, alert_recipients=None)

    assert value(tenant, "Trips")["action"]["alertCenterAction"] == {}
    assert KIND.spec.observed(after.body)["alert"] is None


def test_recipients_of_a_sort_that_nobody_knows_are_shown_and_kept_while_they_are_wanted(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    remote = create_rule(connection, "Trips", alert=True)
    action = {"alertCenterAction": {"alertCenterConfig": {}, "recipients": [{"group": "x"}]}}
    edit(tenant, remote, action=action)

    shown = KIND.spec.observed(read_rule(connection, "Trips").body)["alert_recipients"]
    changed(connection, remote, alert_recipients=("super_admins", '{"group":"x"}'))

    assert shown == ('{"group":"x"}',)
    kept = value(tenant, "Trips")["action"]["alertCenterAction"]["recipients"]
    assert kept == [{"allSuperAdmins": True}, {"group": "x"}]


def test_another_unit_is_a_new_rule_with_all_that_the_old_one_held(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = create_rule(connection, "Trips", description="Ours")
    edit(tenant, remote, someFlag=True)

    after = changed(connection, remote, name="Journeys", unit="/Pupils", state="INACTIVE")

    assert stored(tenant, "Trips") == []
    (policy,) = stored(tenant, "Journeys")
    assert policy["name"] == after.id != remote.id
    assert policy["policyQuery"]["orgUnit"] == connection.units.unit_at("/Pupils").policy_id
    kept = policy["setting"]["value"]
    assert (kept["someFlag"], kept["state"], kept["description"]) == (True, "INACTIVE", f"Ours\n\n{MARK}.")
    assert KIND.spec.observed(after.body)["unit"] == "/Pupils"


def test_a_move_that_was_ended_half_way_is_finished_without_a_second_rule(
    connection: GoogleWorkspace, tenant: Tenant
) -> None:
    remote = create_rule(connection, "Trips")
    tenant.fault("refused", DELETE)
    with pytest.raises(Refused):
        changed(connection, remote, unit="/Pupils")
    assert len(stored(tenant, "Trips")) == 2
    before = len(tenant.operations())

    after = changed(connection, remote, unit="/Pupils", state="INACTIVE")

    (policy,) = stored(tenant, "Trips")
    assert policy["name"] == after.id
    assert policy["setting"]["value"]["state"] == "INACTIVE"
    assert CREATE not in tenant.operations()[before:]


def test_a_move_whose_create_fails_leaves_the_old_rule(connection: GoogleWorkspace, tenant: Tenant) -> None:
    remote = create_rule(connection, "Trips")
    tenant.fault("rejected", CREATE, status=200, reason="operationFailed")

    with pytest.raises(Rejected, match="aborted"):
        changed(connection, remote, unit="/Pupils")

    assert [one["name"] for one in stored(tenant, "Trips")] == [remote.id]


@pytest.mark.parametrize("fault", ["dropped_after", "unavailable_after", "throttled_after"])
@pytest.mark.parametrize("operation", [CREATE, DELETE])
def test_a_lost_answer_makes_no_second_rule(
    connection: GoogleWorkspace, tenant: Tenant, fault: str, operation: str
) -> None:
    remote = create_rule(connection, "Trips")
    tenant.fault(fault, operation)

    after = changed(connection, remote, unit="/Pupils")

    assert [one["name"] for one in stored(tenant, "Trips")] == [after.id]


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 200, "reason": "operationFailed"},
        {"status": 412, "reason": "conditionNotMet"},
    ],
)
def test_a_write_that_fails_is_told_and_changes_nothing(
    connection: GoogleWorkspace, tenant: Tenant, fault: Mapping[str, Any]
) -> None:
    remote = create_rule(connection, "Trips")
    before = tenant.objects(POLICIES)
    tenant.fault("rejected", "cloudidentity.policies.patch", **fault)
    tenant.fault("rejected", DELETE, **fault)

    with pytest.raises(ServiceError):
        changed(connection, remote, state="INACTIVE")
    with pytest.raises(ServiceError):
        KIND.endpoint.delete(connection, remote)

    assert tenant.objects(POLICIES) == before


def test_a_quota_that_is_used_up_is_waited_for(connection: GoogleWorkspace, tenant: Tenant) -> None:
    for operation in (CREATE, DELETE, "cloudidentity.policies.patch", "cloudidentity.policies.get"):
        tenant.fault("throttled", operation, seconds=0.01)
    remote = create_rule(connection, "Trips")
    changed(connection, remote, state="INACTIVE")
    KIND.endpoint.delete(connection, remote)

    assert stored(tenant, "Trips") == []


def test_a_rule_without_a_severity_is_compared_and_not_written(connection: GoogleWorkspace) -> None:
    asked = [wanted("A", alert_severity=None, alert=None, alert_recipients=["super_admins"]), wanted("B")]

    (doubt,) = KIND.doubts(connection, asked)

    assert (doubt.name, doubt.setting) == ("A", "alert_severity")
    assert doubt.reason == "Google requires a severity. Write LOW, MEDIUM or HIGH"


def test_rules_and_detectors_are_read_in_one_list_each(reading: GoogleWorkspace, tenant: Tenant) -> None:
    for _ in range(2):
        list(KIND.endpoint.read(reading, Everything()))
        list(detector.KIND.endpoint.read(reading, Everything()))

    assert tenant.operations().count("cloudidentity.policies.list") == 2 * policy_pages(tenant)
