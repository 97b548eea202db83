"""Types of the Policy API that have no words: imported, compared field by field, and never written."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from connectors.emulator.google_workspace.cloud_identity import SYSTEM
from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds.policy_setting import KIND
from connectors.google_workspace.kinds.policy_setting.raw import is_raw, kind_of, name_of, raw_name
from connectors.google_workspace.kinds.policy_setting.spec import PolicySetting
from tests.door import GOOGLE, Door, open_door
from tests.emulated import Emulator, Tenant
from tests.leaves import changes, unnoticed_paths
from toolkit.errors import Rejected
from toolkit.playbook.json_schema import schema
from toolkit.playbook.playbook_file import RESERVED
from toolkit.sdk.endpoint import NamedOnly
from toolkit.sdk.open_table import OpenTable
from toolkit.sdk.resource import Remote

POLICIES = "google.policies"
NEW = "aurora.lamp_sharing"
NAME = f"settings/{NEW} @ /Staff"
VALUE: Mapping[str, Any] = {
    "enabled": True,
    "mode": "STRICT",
    "brightest_level": 12.0,
    "dimming": 0.5,
    "owner": {"teamName": "Lamps", "limits": {"perDay": 3, "none": {}}},
    "rules": [
        {"ruleId": "a", "words": ["x", "y"], "weight": 1.0},
        {"ruleId": "b", "exception": {"groups": ["heads@example.org"]}},
    ],
    "domains": ["example.net", "example.org"],
}
SHOWN = {
    "value.enabled", "value.mode", "brightestLevel", "dimming", "owner.teamName", "owner.limits.perDay",
    "owner.limits.none", "rules", "domains",
}  # fmt: skip


@pytest.fixture
def lamps(emulator: Emulator) -> Iterator[Tenant]:
    """Open a tenant in which an administrator set something that this version does not know."""
    tenant = emulator.borrow_tenant(users=20)
    store(tenant, VALUE)
    yield tenant
    tenant.close()


def store(tenant: Tenant, value: Mapping[str, Any], setting: str = NEW) -> None:
    units = {one["orgUnitPath"]: key for key, one in tenant.objects("google.orgunits").items()}
    policy = {
        "name": "policies/lamps",
        "customer": f"customers/{tenant.customer_id}",
        "policyQuery": {"sortOrder": 900, "orgUnit": f"orgUnits/{units['/Staff']}"},
        "setting": {"type": f"settings/{setting}", "value": value},
        "type": "ADMIN",
    }
    tenant.put(POLICIES, "lamps", policy)


def imported(tenant: Tenant, directory: Path) -> Door:
    door = open_door(tenant, directory, samples=False, clouds=[GOOGLE])
    answer = door("import", GOOGLE, "policy_setting", "-o", door.playbooks)
    assert answer.exit == 0, answer.out + answer.err
    return door


def body_of(via: GoogleWorkspace, name: str) -> Mapping[str, Any]:
    (remote,) = KIND.endpoint.read(via, NamedOnly(frozenset({name})))
    assert isinstance(remote, Remote)
    return remote.body


def test_a_type_that_this_version_does_not_know_is_imported_and_nothing_is_to_do(lamps: Tenant, tmp_path: Path) -> None:
    door = imported(lamps, tmp_path)
    last = lamps.last_request()

    written = (door.playbooks / "google-workspace-policy-setting.yaml").read_text()
    plan, drift, apply = (door.toolkit(*command) for command in (["plan"], ["drift"], ["apply", "--yes"]))

    assert f"google_workspace.policy_setting: {NAME}\n" in written
    assert "settings/gmail.attachment_compliance @ /\n" in written
    assert "google_workspace.policy_setting: gemini_app.service_status @ /Pupils\n" in written
    assert "google_workspace.policy_setting: chat.chat_external_spaces @ /Pupils\n" in written
    assert "detector" not in written
    assert (plan.exit, drift.exit, apply.exit) == (0, 0, 0), plan.out + drift.out + apply.out
    assert "Only checked" not in plan.out
    assert not [one for sent in lamps.requests(last) for one in sent["operations"] if one["write"]]


def test_an_edit_of_each_of_its_fields_is_drift_by_name(lamps: Tenant, tmp_path: Path) -> None:
    door = imported(lamps, tmp_path)
    found: dict[str, list[str]] = {}

    for path, changed in changes(VALUE):
        store(lamps, changed)
        answer = door.toolkit("drift", "--json")
        assert answer.exit == 3, path
        (change,) = answer.json["checked"]
        assert change["address"] == f"google_workspace.policy_setting[{NAME}]"
        found[path] = [field["path"] for field in change["fields"]]

    assert {field for fields in found.values() for field in fields} >= SHOWN - {"owner.limits.none"}
    assert found["rules[].exception.groups"] == ["rules"]
    assert found["owner.limits.perDay"] == ["owner.limits.perDay"]
    assert found["enabled"] == ["value.enabled"]


def test_a_field_that_the_tenant_does_not_show_is_named_at_plan_with_its_line(lamps: Tenant, tmp_path: Path) -> None:
    door = open_door(lamps, tmp_path, samples=False, clouds=[GOOGLE])
    door.write(
        "10-lamps.yaml",
        dedent(f"""\
            playbook: lamps
            title: Lamps
            owner: Head Teacher
            mode: enforce
            resources:
              - google_workspace.policy_setting: {NAME}
                dimming: 0.5
                brightestLvl: 12
              - google_workspace.policy_setting: settings/aurora.lamps @ /
                brightestLevel: 12
            """),
    )

    plan, drift = door.toolkit("plan"), door.toolkit("drift")

    assert plan.exit == 0
    assert drift.exit == 3
    said = "Google shows no field brightestLvl here, so the name is wrong or the value was removed. Google shows: "
    assert f"{said}brightestLevel, dimming, domains, owner.limits.none" in plan.out
    assert re.search(r"brightestLvl: .*\(.*10-lamps\.yaml:8\)", plan.out)
    assert (
        "brightestLevel here, so the name is wrong or the value was removed. Google shows no fields of this" in plan.out
    )


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (f"{NAME} | minimum_length: 12", f"settings/{NEW} uses Google's names for its fields. Write minimumLength"),
        (f"{NAME} | enabled: true", f"settings/{NEW} uses Google's names for its fields. Write value.enabled"),
        (
            "gmail.pop_access @ / | enablePopAccess: true",
            "the name for enablePopAccess is enable_pop_access. Write enable_pop_access",
        ),
        (
            f"{NAME} | owner: {{teamName: Lamps}}",
            "write each field of the object by its path, with 'teamName' after a dot",
        ),
        ("settings/rule.dlp @ / | state: ACTIVE", "has its own kind. Use google_workspace.dlp_rule"),
        ("settings/lamps @ / | state: ACTIVE", "is not one of Google's types. Example: settings/gmail.pop_access"),
        ("aurora.lamps @ / | state: ACTIVE", "Write 'settings/aurora.lamps' for a type that is not in the table"),
    ],
)
def test_what_can_be_seen_to_be_wrong_is_refused_before_anything_is_read(
    google_door: Door, entry: str, problem: str
) -> None:
    name, _, setting = entry.partition(" | ")
    head = "playbook: lamps\ntitle: Lamps\nowner: Head Teacher\nmode: enforce\nresources:\n"
    google_door.write("10-lamps.yaml", f"{head}  - google_workspace.policy_setting: {name}\n    {setting}\n")

    answer = google_door.toolkit("validate")

    assert answer.exit == 2
    assert problem in answer.err


def test_every_type_of_a_tenant_is_read_and_each_value_noticed(reading: GoogleWorkspace, tenant: Tenant) -> None:
    policies = tenant.objects(POLICIES).values()
    of_google = {one["setting"]["type"].removeprefix("settings/") for one in policies if one["type"] == "SYSTEM"}
    types = {one["setting"]["type"].removeprefix("settings/") for one in policies}
    names = frozenset(name_of(one, "/Pupils") for one in types if not kind_of(one))

    found = [one for one in KIND.endpoint.read(reading, NamedOnly(names)) if isinstance(one, Remote)]

    assert {one.name for one in found} == names
    assert len(names) >= len(SYSTEM)
    assert [(one.name, path) for one in found for path in unnoticed_paths(PolicySetting, one.body)] == []
    assert [(one.name, unknown) for one in found for unknown in PolicySetting.unknown(one.body)] == []
    set_somewhere = {one.name for one in found if any(v is not None for v in PolicySetting.observed(one.body).values())}
    assert {name_of(one, "/Pupils") for one in of_google} <= set_somewhere


def test_what_a_rule_of_content_compliance_does_is_read_beside_its_description(
    reading: GoogleWorkspace, tenant: Tenant
) -> None:
    rule = {"ruleId": "r", "description": "Cards", "consequence": {"ruleConsequenceType": "REJECT"}}
    store(tenant, {"contentComplianceRules": [rule]}, "gmail.content_compliance")

    seen = PolicySetting.observed(body_of(reading, "gmail.content_compliance @ /Staff"))

    assert seen["content_compliance_rules"] == ("Cards",)
    assert seen["contentComplianceRules"] == (
        '{"consequence":{"ruleConsequenceType":"REJECT"},"description":"Cards","ruleId":"r"}',
    )


def test_a_field_that_google_adds_to_a_known_type_is_read_by_its_name(reading: GoogleWorkspace, tenant: Tenant) -> None:
    store(tenant, {"minimumLength": 14, "passphraseRules": {"minimumWords": 4}}, "security.password")

    seen = PolicySetting.observed(body_of(reading, "security.password @ /Staff"))

    assert (seen["minimum_length"], seen["passphraseRules.minimumWords"]) == (14, 4)


@pytest.mark.parametrize("spelling", ["chat.chat_external_spaces", "chat.external_spaces"])
def test_both_spellings_of_a_type_are_one_setting(reading: GoogleWorkspace, tenant: Tenant, spelling: str) -> None:
    store(tenant, {"domainAllowlistMode": "TRUSTED_DOMAINS"}, spelling)

    seen = PolicySetting.observed(body_of(reading, "chat.chat_external_spaces @ /Staff"))

    assert (seen["enabled"], seen["domain_allowlist_mode"]) == (True, "TRUSTED_DOMAINS")
    assert name_of(spelling, "/Staff") == "chat.chat_external_spaces @ /Staff"


def test_alerts_of_google_are_told_apart_by_their_names(reading: GoogleWorkspace, tenant: Tenant) -> None:
    store(tenant, {"displayName": "Leaked password", "state": "INACTIVE"}, "rule.system_defined_alerts")

    seen = PolicySetting.observed(body_of(reading, "settings/rule.system_defined_alerts @ /Staff"))

    assert (seen["Suspicious login.state"], seen["Leaked password.state"]) == ("ACTIVE", "INACTIVE")


def test_documented_defaults_hold_for_types_without_words(reading: GoogleWorkspace) -> None:
    seen = PolicySetting.observed(body_of(reading, "settings/groups_for_business.groups_sharing @ /Staff"))

    assert (seen["createGroupsAccessLevel"], seen["viewTopicsDefaultAccessLevel"]) == ("ADMIN_ONLY", "DOMAIN_USERS")


def test_a_type_without_words_cannot_be_written(connection: GoogleWorkspace) -> None:
    with pytest.raises(Rejected, match=r"no Google API sets this\. Set it in the Admin console, with /Staff selected"):
        KIND.endpoint.create(connection, NAME, {})


def test_no_field_of_googles_can_be_taken_for_a_word_of_a_playbook_or_a_table() -> None:
    words = {*RESERVED, *PolicySetting.model_fields}

    assert [word for word in words if is_raw(word)] == []
    assert all(raw_name(word) not in words for word in words)


def test_a_setting_is_found_by_every_name_that_google_may_give() -> None:
    table = PolicySetting.table()

    assert isinstance(table, OpenTable)
    assert "brightestLevel" in table
    assert table.get("minimal_length") is None
    with pytest.raises(KeyError):
        table["minimal_length"]


def test_an_editor_takes_every_name_that_google_may_give() -> None:
    definitions: Any = schema()["$defs"]
    (pattern,) = definitions["google_workspace.policy_setting"]["patternProperties"]

    raw = ["brightestLevel", "dimming", "owner.limits.perDay", "value.enabled"]
    assert [name for name in [*raw, "minimal_length"] if re.search(pattern, name)] == raw
    assert [name for name in [*raw, "minimal_length"] if is_raw(name)] == raw
