"""Policies of others in the way of ours: the plan refuses, names them, and leaves them as they are."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest

from connectors.microsoft365.intune.compliance_first import is_weaker, requires_less_than, strictest
from connectors.microsoft365.intune.configuration import compliance_of, settings_of_kinds
from connectors.microsoft365.intune.setting_keys import (
    MERGING,
    TWINS,
    definition_key,
    is_merged,
    property_keys,
    values_of,
    values_of_properties,
)
from connectors.microsoft365.kinds.browser_url_policy import DEFINITIONS
from tests.cases import newest, playbook, resource, writes
from tests.door import CommandResult, Door
from toolkit.sdk.providers import kinds
from toolkit.sdk.spec import Join
from toolkit.values import Body, Json

URLS, CONFIGURATIONS = "intune.configurationPolicies", "intune.deviceConfigurations"
BASELINE, STAFF, PUPILS = "LA Edge baseline", "all-staff@example-primary.example", "all-pupils@example-primary.example"
LEADERS = "leadership@example-primary.example"
POLICY, WINDOWS = "microsoft365.browser_url_policy", "microsoft365.windows_configuration"
EDGE = "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge_urlblocklist"
SURFACE = "device_vendor_msft_policy_config_defender_attacksurfacereductionrules"
KEY = "99999999-2222-3333-4444-555555555555"
FILTERED = {
    "deviceAndAppManagementAssignmentFilterId": KEY,
    "deviceAndAppManagementAssignmentFilterType": "include",
}


def _plan(door: Door, kind: str, **settings: object) -> CommandResult:
    door.write("10-ours.yaml", playbook(resource(kind, "Ours", settings)))
    return door.toolkit("plan")


def _refused(plan: CommandResult) -> bool:
    return plan.exit == 5 and "a device may get either value" in plan.out + plan.err


def _group(door: Door, name: str) -> str:
    found = door.tenant.graph("/v1.0/groups?$top=999").json()["value"]
    return next(str(one["id"]) for one in found if name in {one["displayName"], one["mail"]})


def _target(kind: str, **more: object) -> Mapping[str, Any]:
    narrowed = {"deviceAndAppManagementAssignmentFilterId": None, "deviceAndAppManagementAssignmentFilterType": "none"}
    return {"target": {"@odata.type": f"#microsoft.graph.{kind}AssignmentTarget", **narrowed, **more}}


def _theirs(door: Door, *targets: Mapping[str, Any], type_name: str = "windows10General", **settings: object) -> None:
    """Store a configuration of somebody else."""
    body = {
        "@odata.type": f"#microsoft.graph.{type_name}Configuration",
        "id": KEY,
        "displayName": "Trust restrictions",
        "description": None,
        "assignments": list(targets),
        **settings,
    }
    door.tenant.put(CONFIGURATIONS, KEY, body)


def _custom(place: str) -> Mapping[str, str]:
    uri = f"./Vendor/MSFT/Policy/Config/{place}"
    return {"@odata.type": "#microsoft.graph.omaSettingString", "displayName": "Theirs", "omaUri": uri, "value": "x"}


def _maybes(plan: CommandResult) -> list[str]:
    """Give what a plan does not know of ours, shared computers apart; it plans to write ours all the same."""
    assert plan.exit in {0, 3}, plan.out + plan.err
    reasons = [one["reason"] for one in plan.json["maybes"]]
    return [why for why in reasons if "shared or without a main user" not in why]


def _baseline(door: Door) -> tuple[str, Mapping[str, Any]]:
    ((key, body),) = [(key, body) for key, body in door.tenant.objects(URLS).items() if body["name"] == BASELINE]
    return key, body


def test_no_second_list_is_made_beside_the_local_authoritys_and_theirs_stays_untouched(bare_door: Door) -> None:
    before, sent, stored = _baseline(bare_door), newest(bare_door), bare_door.tenant.objects(URLS)
    ours = resource(POLICY, "Ours", {"edge_url_blocklist": ["web.whatsapp.com"], "assigned_to": [STAFF]})
    bare_door.write("10-ours.yaml", playbook(ours))

    plan, apply = bare_door.toolkit("plan"), bare_door.toolkit("apply", "--yes")

    assert (plan.exit, apply.exit) == (5, 5)
    said = " ".join((plan.out + plan.err).split())
    assert f'"{BASELINE}" sets Edge\'s URL blocklist differently for {STAFF} (as {EDGE}), so a device may' in said
    assert f"adopt it with `adopt: {BASELINE}`, or have {STAFF} excluded there" in said
    assert writes(bare_door, sent) == []
    assert _baseline(bare_door) == before
    assert bare_door.tenant.objects(URLS) == stored


def test_adopting_it_keeps_its_filter_its_hosts_and_its_id(bare_door: Door) -> None:
    key, _ = _baseline(bare_door)
    bare_door.tenant.patch(URLS, key, assignments=[_target("group", groupId=_group(bare_door, STAFF), **FILTERED)])
    _, before = _baseline(bare_door)
    settings = {"adopt": BASELINE, "edge_url_blocklist": ["web.whatsapp.com"], "assigned_to": [STAFF]}
    bare_door.write("10-ours.yaml", playbook(resource(POLICY, BASELINE, settings)))

    applied = bare_door.toolkit("apply", "--yes")

    after = bare_door.tenant.read_object(URLS, key)
    listed = after["settings"][0]["settingInstance"]["choiceSettingValue"]["children"][0]
    hosts = {one["value"] for one in listed["simpleSettingCollectionValue"]}
    assert applied.exit == 0, applied.out + applied.err
    assert after["assignments"] == before["assignments"]
    assert len(hosts) == 7
    assert {"web.whatsapp.com", "thepiratebay.org"} <= hosts


def test_excluding_the_group_there_lets_ours_be_made(bare_door: Door) -> None:
    key, _ = _baseline(bare_door)
    without_staff = [_target("allLicensedUsers"), _target("exclusionGroup", groupId=_group(bare_door, STAFF).upper())]
    bare_door.tenant.patch(URLS, key, assignments=without_staff)

    ours = _plan(bare_door, POLICY, edge_url_blocklist=["web.whatsapp.com"], assigned_to=[STAFF])
    others = _plan(bare_door, POLICY, edge_url_blocklist=["web.whatsapp.com"], assigned_to=[PUPILS])

    assert ours.exit == 3, ours.out + ours.err
    assert _refused(others)


def test_two_of_the_playbooks_themselves_are_in_each_other_s_way(bare_door: Door) -> None:
    of_all = resource(POLICY, "For all", {"chrome_url_blocklist": ["web.whatsapp.com"], "assigned_to": ["all users"]})
    of_staff = resource(POLICY, "For staff", {"chrome_url_blocklist": ["discord.com"], "assigned_to": [STAFF]})
    bare_door.write("10-ours.yaml", playbook(of_all, of_staff))

    together = bare_door.toolkit("plan")
    bare_door.write("10-ours.yaml", playbook(of_all))
    alone = bare_door.toolkit("apply", "--yes")
    bare_door.write("10-ours.yaml", playbook(of_all, of_staff))
    after = bare_door.toolkit("plan")

    assert (together.exit, alone.exit, after.exit) == (5, 0, 5)
    assert '"For all", at ' in together.out
    assert '"For all", at ' in after.out


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"edge_url_blocklist": ["web.whatsapp.com"], "assigned_to": ["all devices"]}, True),
        ({"edge_url_blocklist": ["web.whatsapp.com"], "assigned_to": ["all users"]}, True),
        ({"edge_url_blocklist": ["web.whatsapp.com"], "assigned_to": ["all users"], "excluded": [STAFF]}, False),
        ({"edge_url_blocklist": ["web.whatsapp.com"], "assigned_to": [PUPILS]}, False),
        ({"edge_url_blocklist": ["web.whatsapp.com"]}, False),
        ({"edge_url_allowlist": ["web.whatsapp.com"], "assigned_to": [STAFF]}, False),
        ({"chrome_url_blocklist": ["web.whatsapp.com"], "assigned_to": [STAFF]}, False),
    ],
)
def test_only_the_same_setting_for_some_of_the_same_people_is_in_the_way(
    bare_door: Door, settings: Mapping[str, object], *, refused: bool
) -> None:
    plan = _plan(bare_door, POLICY, **settings)

    assert plan.exit == (5 if refused else 3), plan.out + plan.err
    assert _refused(plan) is refused


def test_a_configuration_of_the_same_type_is_in_the_way_where_it_sets_the_same(bare_door: Door) -> None:
    _theirs(bare_door, _target("allDevices"), passwordMinimumLength=6, cameraBlocked=True)

    same = _plan(bare_door, WINDOWS, password_minimum_length=8, assigned_to=[STAFF])
    equal = _plan(bare_door, WINDOWS, password_minimum_length=6, assigned_to=[STAFF])
    other = _plan(bare_door, WINDOWS, game_dvr_blocked=True, assigned_to=[STAFF])

    assert _refused(same)
    assert "`adopt: Trust restrictions`" in same.out + same.err
    assert equal.exit == 3, equal.out + equal.err
    assert other.exit == 3, other.out + other.err


def test_what_a_configuration_shows_as_unset_is_not_in_the_way(bare_door: Door) -> None:
    _theirs(
        bare_door,
        _target("allDevices"),
        storageBlockRemovableStorage=False,
        developerUnlockSetting="notConfigured",
        passwordMinimumLength=None,
    )

    plan = _plan(
        bare_door,
        WINDOWS,
        storage_block_removable_storage=True,
        developer_unlock_setting="blocked",
        password_minimum_length=8,
        assigned_to=[STAFF],
    )

    assert plan.exit == 3, plan.out + plan.err


def test_a_policy_of_the_catalogue_is_in_the_way_of_a_configuration_that_sets_its_twin(bare_door: Door) -> None:
    key, before = _baseline(bare_door)
    definition = "device_vendor_msft_policy_config_storage_removablediskdenywriteaccess"
    instance = {
        "@odata.type": "#microsoft.graph.deviceManagementConfigurationChoiceSettingInstance",
        "settingDefinitionId": definition,
        "choiceSettingValue": {"value": f"{definition}_1", "children": []},
    }
    bare_door.tenant.put(URLS, key, {**before, "settings": [{"id": "0", "settingInstance": instance}]})

    plan = _plan(bare_door, WINDOWS, storage_block_removable_storage=True, assigned_to=[STAFF])

    said = " ".join((plan.out + plan.err).split())
    assert _refused(plan)
    assert f'"{BASELINE}" sets storage_block_removable_storage differently for {STAFF}' in said
    assert f"clear it there, or have {STAFF} excluded there" in said


def test_a_policy_that_the_trust_assigns_is_named_with_every_setting_that_it_shares(bare_door: Door) -> None:
    lock = next(key for key, one in bare_door.tenant.objects(URLS).items() if one["name"].endswith("Device lock"))
    ours = {"password_required": True, "password_minimum_length": 8, "game_dvr_blocked": True, "assigned_to": [STAFF]}

    before = _plan(bare_door, WINDOWS, **ours)
    bare_door.tenant.patch(URLS, lock, assignments=[_target("allDevices")])
    after = _plan(bare_door, WINDOWS, **ours)

    place = "device_vendor_msft_policy_config_devicelock"
    said = " ".join((after.out + after.err).split())
    assert before.exit == 3, before.out + before.err
    assert _refused(after)
    assert '"Trust - Windows - Device lock" sets password_required, password_minimum_length differently for' in said
    assert f"(as {place}_devicepasswordenabled, {place}_mindevicepasswordlength), so" in said


def test_a_custom_setting_is_in_the_way_of_the_list_that_it_is(bare_door: Door) -> None:
    setting = _custom("Chrome~Policy~googlechrome/URLBlocklist")
    _theirs(bare_door, _target("allLicensedUsers"), type_name="windows10Custom", omaSettings=[setting])

    plan = _plan(bare_door, POLICY, chrome_url_blocklist=["web.whatsapp.com"], assigned_to=[STAFF])

    assert _refused(plan)


def test_assignments_that_were_not_shown_make_it_unknown_whether_a_policy_is_in_the_way(bare_door: Door) -> None:
    hidden = {"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}
    _theirs(bare_door, hidden, type_name="windows10Custom", omaSettings=[_custom("System/AllowStorageCard")])

    plan = _plan(bare_door, WINDOWS, storage_block_removable_storage=True, assigned_to=[STAFF])

    assert plan.exit == 4
    assert "Trust restrictions: its assignments were not shown with their filters" in plan.out + plan.err


def test_a_policy_that_comes_later_is_a_finding_and_a_change_beside_it_is_refused(bare_door: Door) -> None:
    ours = resource(WINDOWS, "Ours", {"password_minimum_length": 8, "assigned_to": [STAFF]})
    bare_door.write("10-ours.yaml", playbook(ours))
    bare_door.toolkit("apply", "--yes")
    _theirs(bare_door, _target("group", groupId=_group(bare_door, STAFF)), passwordMinimumLength=6)

    matching, drift = bare_door.toolkit("plan"), bare_door.toolkit("drift")
    changed = _plan(bare_door, WINDOWS, password_minimum_length=8, game_dvr_blocked=True, assigned_to=[STAFF])

    assert (matching.exit, drift.exit) == (0, 3), matching.out + matching.err
    assert '"Trust restrictions" sets password_minimum_length differently for' in drift.out
    assert _refused(changed)


def test_two_groups_that_share_people_do_not_get_two_lists(bare_door: Door) -> None:
    lists = [
        resource(POLICY, name, {"chrome_url_blocklist": [host], "assigned_to": [group]})
        for name, host, group in (("For staff", "whatsapp.com", STAFF), ("For a year", "netflix.com", LEADERS))
    ]
    bare_door.write("10-ours.yaml", playbook(*lists))

    plan, apply = bare_door.toolkit("plan"), bare_door.toolkit("apply", "--yes")

    said = " ".join(plan.out.split())
    assert (plan.exit, apply.exit) == (5, 5)
    assert f"3 members of both {LEADERS} and {STAFF}" in said
    assert "10-ours.yaml:6" in said
    assert {one["name"] for one in bare_door.tenant.objects(URLS).values()} >= {"For staff"}
    assert "For a year" not in {one["name"] for one in bare_door.tenant.objects(URLS).values()}


def test_ours_under_another_name_is_not_in_its_own_way_and_gets_its_name_back(bare_door: Door) -> None:
    ours = resource(WINDOWS, "Ours", {"storage_block_removable_storage": True, "assigned_to": [STAFF]})
    bare_door.write("10-ours.yaml", playbook(ours))
    bare_door.toolkit("apply", "--yes")
    (key,) = [key for key, one in bare_door.tenant.objects(CONFIGURATIONS).items() if one["displayName"] == "Ours"]
    bare_door.tenant.patch(CONFIGURATIONS, key, displayName="Ours by hand")

    drift = bare_door.toolkit("drift", "--json")
    applied = bare_door.toolkit("apply", "--yes")

    assert [[field["path"] for field in one["fields"]] for one in drift.json["changes"]] == [["name"]]
    assert applied.exit == 0, applied.out + applied.err
    assert bare_door.tenant.read_object(CONFIGURATIONS, key)["displayName"] == "Ours"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (EDGE, EDGE.replace("device_", "user_")),
        (EDGE, "./User/Vendor/MSFT/Policy/Config/Edge~Policy~microsoft_edge/URLBlocklist"),
        (
            "device_vendor_msft_policy_config_system_allowstoragecard",
            "./Vendor/MSFT/Policy/Config/System/AllowStorageCard",
        ),
    ],
)
def test_one_place_on_a_device_has_one_key_however_it_is_written(one: str, other: str) -> None:
    assert definition_key(one) == definition_key(other)


def test_a_property_has_the_keys_of_its_twins() -> None:
    keys = property_keys("windows10GeneralConfiguration", "storageBlockRemovableStorage")

    assert definition_key("./Device/Vendor/MSFT/Policy/Config/System/AllowStorageCard") in keys
    assert property_keys("iosGeneralDeviceConfiguration", "storageBlockRemovableStorage").isdisjoint(keys)


def _device_group(door: Door) -> str:
    return _group(door, "Presentation devices")


def test_devices_that_are_left_out_take_nobody_out_of_a_group_of_people(bare_door: Door) -> None:
    theirs = [
        _target("group", groupId=_group(bare_door, LEADERS)),
        _target("exclusionGroup", groupId=_device_group(bare_door)),
    ]
    _theirs(bare_door, *theirs, passwordMinimumLength=6)

    plan = _plan(bare_door, WINDOWS, password_minimum_length=8, assigned_to=[STAFF])

    assert _refused(plan)
    assert f"3 members of both {STAFF} and {LEADERS}" in " ".join(plan.out.split())


def test_a_filter_of_theirs_is_asked_about_before_ours_is_written(bare_door: Door) -> None:
    _theirs(bare_door, _target("allDevices", **FILTERED), passwordMinimumLength=6)
    settings = {"password_minimum_length": 8, "assigned_to": [STAFF]}
    before = newest(bare_door)

    asked, applied = _plan(bare_door, WINDOWS, **settings), bare_door.toolkit("apply", "--yes", "--json")
    found = bare_door.toolkit("drift").exit
    left = _plan(bare_door, WINDOWS, **settings, leave=True)
    sent = writes(bare_door, before)
    _plan(bare_door, WINDOWS, **settings, beside=True)
    beside, drift = bare_door.toolkit("apply", "--yes"), bare_door.toolkit("drift")

    said = " ".join(asked.out.split())
    assert (asked.exit, applied.exit, left.exit) == (5, 5, 0), asked.out + left.out
    assert f'! {WINDOWS}[Ours]: "Trust restrictions" sets password_minimum_length differently for' in said
    assert "one policy has an assignment filter, which toolkit does not evaluate" in said
    assert "set `adopt: 'Trust restrictions'`, `beside: true` or `leave: true`" in said
    assert "'Trust restrictions' is left in place, as the playbook says" in left.out
    assert applied.json["look_alikes"][0]["reason"] in said
    assert sent == []
    assert (found, beside.exit, drift.exit) == (3, 0, 0)
    assert "left in place, as the playbook says" in drift.out


def test_what_is_written_beside_a_filter_of_theirs_claims_no_more_than_is_known(bare_door: Door) -> None:
    settings = {"password_minimum_length": 8, "assigned_to": [STAFF]}
    _theirs(bare_door, _target("allDevices", **FILTERED), passwordMinimumLength=6)
    bare_door.write("10-ours.yaml", playbook(resource(WINDOWS, "Ours", {**settings, "beside": True})))

    before, applied = (bare_door.toolkit(*words) for words in (["plan", "--json"], ["apply", "--yes"]))
    after, wider = _plan(bare_door, WINDOWS, **settings), {**settings, "password_expiration_days": 90}
    more = _plan(bare_door, WINDOWS, **wider)
    _theirs(bare_door, _target("allDevices", **FILTERED), passwordMinimumLength=6, passwordExpirationDays=30)
    asked = _plan(bare_door, WINDOWS, **wider)

    (why,) = _maybes(before)
    assert '"Trust restrictions" sets password_minimum_length differently for' in why
    assert "one policy has an assignment filter, which toolkit does not evaluate" in why
    assert (applied.exit, after.exit, more.exit) == (0, 0, 3), applied.out + applied.err
    assert f"? {WINDOWS}[Ours]: may not work for everyone: {why}" in " ".join(after.out.split())
    assert asked.exit == 5  # ours does not set it yet
    assert "sets password_minimum_length, password_expiration_days differently for" in " ".join(asked.out.split())


def test_where_one_of_their_targets_has_no_filter_the_policy_is_in_the_way(bare_door: Door) -> None:
    theirs = (_target("allDevices", **FILTERED), _target("group", groupId=_group(bare_door, STAFF)))
    _theirs(bare_door, *theirs, passwordMinimumLength=6)

    assert _refused(_plan(bare_door, WINDOWS, password_minimum_length=8, assigned_to=[STAFF]))


def test_a_filter_of_ours_makes_it_unknown_as_well(bare_door: Door) -> None:
    key, _ = _baseline(bare_door)
    bare_door.tenant.patch(URLS, key, assignments=[_target("allDevices", **FILTERED)])
    body = bare_door.tenant.read_object(URLS, key)
    bare_door.tenant.put(URLS, KEY, {**body, "id": KEY, "name": "Theirs", "assignments": [_target("allDevices")]})
    lists = {"edge_url_blocklist": {"contains": ["web.whatsapp.com"]}, "assigned_to": ["all devices"]}
    bare_door.write("10-ours.yaml", playbook(resource(POLICY, BASELINE, {"adopt": BASELINE, **lists})))

    (why,) = _maybes(bare_door.toolkit("plan", "--json"))

    assert '"Theirs" sets Edge\'s URL blocklist differently for all devices' in why


def _device(door: Door, group: str) -> None:
    """Put a device of Entra into a group."""
    held = door.tenant.read_object("members", group)
    door.tenant.put("devices", KEY, {"id": KEY, "displayName": "A laptop", "deviceId": KEY})
    door.tenant.patch("members", group, members=[*held["members"], KEY])


def test_a_group_of_people_that_is_left_out_of_all_devices_may_get_the_policy_all_the_same(bare_door: Door) -> None:
    key, _ = _baseline(bare_door)
    left_out = _target("exclusionGroup", groupId=_group(bare_door, STAFF).upper())
    bare_door.tenant.patch(URLS, key, assignments=[_target("allDevices"), left_out])
    ours = resource(POLICY, "Ours", {"edge_url_blocklist": ["web.whatsapp.com"], "assigned_to": [STAFF]})
    bare_door.write("10-ours.yaml", playbook(ours))

    mixed = _maybes(bare_door.toolkit("plan", "--json"))
    bare_door.tenant.patch(URLS, key, assignments=[_target("allLicensedUsers"), left_out])
    apart = _maybes(bare_door.toolkit("plan", "--json"))

    (why,) = mixed
    assert "Intune does not exclude the devices of an excluded group's people" in why
    assert why.endswith("or have it assigned to groups of people there")
    assert apart == []


def test_people_may_sign_in_on_the_devices_of_a_group(bare_door: Door) -> None:
    group = _device_group(bare_door)
    _theirs(bare_door, _target("group", groupId=group), passwordMinimumLength=6)
    ours = resource(WINDOWS, "Ours", {"password_minimum_length": 8, "assigned_to": [STAFF]})
    bare_door.write("10-ours.yaml", playbook(ours))

    empty = _maybes(bare_door.toolkit("plan", "--json"))
    _device(bare_door, group)
    (why,) = _maybes(bare_door.toolkit("plan", "--json"))

    assert empty == []
    assert f"for {STAFF} on the devices in Presentation devices" in why
    assert "toolkit does not know who signs in to the group's devices" in why


_CATALOGUE = "#microsoft.graph.deviceManagementConfiguration"
_LOCK = "device_vendor_msft_policy_config_devicelock"


def _chosen(definition: str, value: object, *children: Mapping[str, Any]) -> Mapping[str, Any]:
    chosen = {"value": f"{definition}_{str(value).lower()}", "children": [*children]}
    return {
        "@odata.type": f"{_CATALOGUE}ChoiceSettingInstance",
        "settingDefinitionId": definition,
        "choiceSettingValue": chosen,
    }


def _simple(definition: str, value: object) -> Mapping[str, Any]:
    of_type = {"@odata.type": f"{_CATALOGUE}IntegerSettingValue", "value": value}
    return {
        "@odata.type": f"{_CATALOGUE}SimpleSettingInstance",
        "settingDefinitionId": definition,
        "simpleSettingValue": of_type,
    }


def _listed(definition: str, *values: str) -> Mapping[str, Any]:
    return {
        "@odata.type": f"{_CATALOGUE}SimpleSettingCollectionInstance",
        "settingDefinitionId": definition,
        "simpleSettingCollectionValue": [
            {"@odata.type": f"{_CATALOGUE}StringSettingValue", "value": one} for one in values
        ],
    }


def _row(*instances: Mapping[str, Any]) -> Body:
    return {"settings": [{"id": "0", "settingInstance": instance} for instance in instances]}


IOS = "microsoft365.ios_configuration"
_HIDDEN = {"apps_visibility_list_type": "hide_listed", "apps_visibility_list": ["a.b", "c.d"]}
_BUNDLES = "com.apple.applicationaccess_blockedappbundleids"


@pytest.mark.parametrize(
    ("kind", "ours", "same", "otherwise"),
    [
        (
            WINDOWS,
            {"password_minimum_length": 8},
            _simple(f"{_LOCK}_mindevicepasswordlength", 8),
            _simple(f"{_LOCK}_mindevicepasswordlength", 6),
        ),
        (
            WINDOWS,
            {"password_block_simple": True},
            _chosen(f"{_LOCK}_allowsimpledevicepassword", 0),
            _chosen(f"{_LOCK}_allowsimpledevicepassword", 1),
        ),
        (
            WINDOWS,
            {"password_required_type": "alphanumeric"},
            _chosen(f"{_LOCK}_alphanumericdevicepasswordrequired", 0),
            _chosen(f"{_LOCK}_alphanumericdevicepasswordrequired", 1),
        ),
        (IOS, _HIDDEN, _listed(_BUNDLES, "c.d", "a.b"), _listed(_BUNDLES, "a.b")),
    ],
    ids=["number", "truth", "word", "list"],
)
def test_one_value_in_two_families_is_no_conflict(
    bare_door: Door, kind: str, ours: Mapping[str, object], same: Mapping[str, Any], otherwise: Mapping[str, Any]
) -> None:
    key, before = _baseline(bare_door)
    found = []
    for instance in (same, otherwise):
        bare_door.tenant.put(URLS, key, {**before, **_row(instance)})
        found.append(_plan(bare_door, kind, **ours, assigned_to=[STAFF]))

    equal, different = found
    assert equal.exit == 3, equal.out + equal.err
    assert _refused(different), different.out + different.err


def _custom_row(place: str, value: Json) -> Body:
    return {"omaSettings": [{"omaUri": place, "value": value}]}


_READINGS = [
    (type_name, name, key, value, means)
    for type_name, properties in TWINS.items()
    for name, twins in properties.items()
    for key, reading in twins.items()
    for value, means in ({7: 7} if reading is None else reading).items()
]


@pytest.mark.parametrize(("type_name", "name", "key", "value", "means"), _READINGS)
def test_every_property_that_has_a_twin_is_compared_with_it_by_what_both_mean(
    type_name: str, name: str, key: str, value: Json, means: int
) -> None:
    def of_catalogue(number: object) -> Mapping[str, object]:
        return values_of(_row(_simple(key, number) if value == 7 else _chosen(key, number)))

    ours, custom = values_of_properties(type_name, {name: value}), values_of(_custom_row(key, means))

    assert ours[key] == of_catalogue(means)[key] == custom[key]
    assert ours[key] != of_catalogue(means + 1)[key]


def test_what_a_policy_sets_twice_or_keeps_secret_is_equal_to_nothing() -> None:
    of_user = EDGE.replace("device_", "user_")
    twice = values_of(_row(_chosen(EDGE, 0), _chosen(of_user, 1), _chosen(f"{of_user}_x", 1)))
    secret = {"value": "8", "valueState": "encryptedValueToken"}
    hidden = values_of(_row({"settingDefinitionId": "a", "simpleSettingValue": secret}))
    masked = values_of({"omaSettings": [{"omaUri": "a", "value": "****", "isEncrypted": True}]})
    inside = values_of(_row(_chosen("a", 1, {"settingDefinitionId": "b", "groupSettingCollectionValue": []})))

    assert twice == {definition_key(f"{EDGE}_x"): 1}
    assert (hidden, masked, inside) == ({}, {}, {})


def test_a_list_inside_a_choice_is_compared_as_a_set() -> None:
    def chosen(*hosts: str) -> object:
        return values_of(_row(_chosen(EDGE, 1, _listed(f"{EDGE}_urlblocklistdesc", *hosts))))[definition_key(EDGE)]

    assert chosen("a.example", "b.example") == chosen("b.example", "a.example")
    assert chosen("a.example") != chosen("a.example", "b.example")


@pytest.mark.parametrize(
    ("key", "merged"),
    [
        (definition_key(SURFACE), True),
        (definition_key(f"{SURFACE}_blockwin32apicallsfromofficemacros"), False),
        (definition_key("./Vendor/MSFT/Firewall/MdmStore/FirewallRules/Teams"), True),
        ("windows10EndpointProtectionConfiguration.firewallRules", True),
        (definition_key(EDGE), False),
        (definition_key("./Vendor/MSFT/Firewall/MdmStore/PublicProfile/EnableFirewall"), False),
        ("a.keyOfWhichNoPageSpeaks", False),
    ],
)
def test_intune_adds_up_rules_and_neither_lists_nor_single_values(key: str, *, merged: bool) -> None:
    assert is_merged(key) is merged


def test_a_page_of_the_vendor_says_of_every_key_of_ours_whether_it_is_merged() -> None:
    ours = frozenset().union(*settings_of_kinds().values(), map(definition_key, DEFINITIONS.values()))

    assert [key for key in ours if not any(key.startswith(begins) for begins in MERGING)] == []
    assert not any(map(is_merged, ours))
    assert all(source.startswith("https://learn.microsoft.com/") for _, source in MERGING.values())


def test_who_is_in_a_group_must_be_known_where_two_policies_may_meet(bare_door: Door) -> None:
    _theirs(bare_door, _target("group", groupId=_group(bare_door, LEADERS)), passwordMinimumLength=6)
    bare_door.tenant.fault("refused", "*transitiveMembers*")

    applied = _plan(bare_door, WINDOWS, password_minimum_length=8, assigned_to=[STAFF])

    assert applied.exit == 4, applied.out + applied.err


def test_two_controls_for_groups_that_share_people_are_refused_with_both_lines(bare_door: Door) -> None:
    key, _ = _baseline(bare_door)
    bare_door.tenant.patch(URLS, key, assignments=[])
    school = (bare_door.playbooks / "00-school.yaml").read_text()
    bare_door.write("00-school.yaml", school.replace("roles:\n", f"roles:\n  club:\n    microsoft365: {LEADERS}\n", 1))
    bare_door.write(
        "10-web.yaml",
        "playbook: web\ntitle: Streaming and chat\nclauses: [SYS-03]\ncontrols:\n"
        "  - web.chat_im_block:\n      for: staff\n      block: [whatsapp]\n"
        "  - web.streaming_block:\n      for: club\n      block: [netflix]\n",
    )

    applied = bare_door.toolkit("apply", "--yes")

    said = " ".join(applied.out.split())
    names = {one["name"] for one in bare_door.tenant.objects(URLS).values()}
    assert applied.exit == 5, applied.out + applied.err
    assert '"School web: staff", at ' in said
    assert "10-web.yaml:5, sets it differently for 3 members of" in said
    assert "10-web.yaml:8)" in said
    assert {"School web: staff"} <= names
    assert "School web: club" not in names


def _judged(door: Door, *targets: Mapping[str, Any], **settings: object) -> None:
    """Store a compliance policy for Windows of somebody else."""
    body = {
        "@odata.type": "#microsoft.graph.windows10CompliancePolicy",
        "id": KEY,
        "displayName": "Trust compliance",
        "description": None,
        "assignments": list(targets),
        "scheduledActionsForRule": [],
        **settings,
    }
    door.tenant.put("intune.compliancePolicies", KEY, body)


@pytest.mark.parametrize(("length", "told"), [(6, True), (8, False), (12, False)])
def test_a_compliance_policy_that_asks_for_less_goes_before_a_configuration(
    bare_door: Door, length: int, *, told: bool
) -> None:
    _judged(bare_door, _target("group", groupId=_group(bare_door, STAFF)), passwordMinimumLength=length)
    settings = {"password_minimum_length": 8, "assigned_to": [STAFF]}
    bare_door.write("10-ours.yaml", playbook(resource(WINDOWS, "Ours", settings)))

    maybes = [why for why in _maybes(bare_door.toolkit("plan", "--json")) if "compliance" in why]

    assert len(maybes) == told
    assert all(f'"Trust compliance" has password_minimum_length {length} for' in why for why in maybes)


COMPLIANCE = "microsoft365.windows_compliance_policy"


@pytest.mark.parametrize(("length", "told"), [(6, True), (8, False)])
def test_a_compliance_policy_of_the_playbooks_counts_as_it_is_going_to_be(
    bare_door: Door, length: int, *, told: bool
) -> None:
    _judged(bare_door, _target("group", groupId=_group(bare_door, STAFF)), passwordMinimumLength=12 if told else 6)
    adopted = {"adopt": "Trust compliance", "password_minimum_length": length, "assigned_to": [STAFF]}
    restrictions = resource(WINDOWS, "Ours", {"password_minimum_length": 8, "assigned_to": [STAFF]})
    bare_door.write("10-ours.yaml", playbook(restrictions, resource(COMPLIANCE, "Ours too", adopted)))

    maybes = [why for why in _maybes(bare_door.toolkit("plan", "--json")) if "compliance" in why]

    place = f"{bare_door.playbooks / '10-ours.yaml'}:9"
    assert len(maybes) == told
    assert all(f'compliance policy "Ours too", at {place}, has password_minimum_length 6' in why for why in maybes)


@pytest.mark.parametrize(
    ("join", "numbers", "counts", "weaker"),
    [
        (Join.HIGHEST, (6, 12), 12, {6}),
        (Join.LOWEST, (5, 15), 5, {15}),
        (Join.EQUAL, (6, 12), 12, {6, 12}),
    ],
)
def test_of_several_compliance_policies_the_strictest_counts(
    join: Join, numbers: Sequence[int], counts: int, weaker: Collection[int]
) -> None:
    assert strictest(join, numbers) == counts
    assert {number for number in numbers if is_weaker(join, number, 8)} == weaker
    assert not is_weaker(join, 8, 8)


@pytest.mark.parametrize(
    ("values", "asked", "less"),
    [
        ([6], 8, True),
        ([6, 8], 8, False),
        ([True], True, False),
        (["numeric"], "alphanumeric", True),
        (["alphanumeric"], "numeric", False),
        (["numeric", "alphanumeric"], "alphanumeric", False),
        (["numeric", "customPassword"], "alphanumeric", None),
        (["alphanumericWithSymbols", "customPassword"], "alphanumeric", False),
        (["customPassword"], "customPassword", False),
        (["numeric"], "customPassword", None),
        (["6"], 8, None),
        ([["a"]], ["a", "b"], None),
        ([["a", "b"]], ["a", "b"], False),
    ],
)
def test_values_of_every_type_are_compared_and_what_cannot_be_is_unknown_and_never_equal(
    values: Sequence[Json], asked: Json, less: object
) -> None:
    assert requires_less_than(Join.HIGHEST, values, asked) is less


def _shared_with_compliance() -> list[tuple[str, str]]:
    """List the kind and the form of each setting that configurations share with a platform's compliance policies."""
    known = kinds("microsoft365")
    found = []
    for kind, _, setting in (name.partition(".") for name in settings_of_kinds()):
        row = known[kind].spec.table()[setting]
        judging = known[compliance_of(kind)].spec.table() if compliance_of(kind) in known else {}
        if row.wire in {other.wire for other in judging.values()}:
            found.append((kind, row.form.name))
    return found


def test_every_type_of_value_that_both_families_have_is_one_that_is_compared() -> None:
    shared = _shared_with_compliance()

    assert {form for _, form in shared} == {"whole number", "true or false", "one of the words"}
    assert {kind for kind, _ in shared} >= {"windows_configuration", "ios_configuration"}


def test_a_type_of_password_that_a_compliance_policy_asks_for_is_compared_too(bare_door: Door) -> None:
    target = _target("group", groupId=_group(bare_door, STAFF))
    settings = {"password_required": True, "password_required_type": "alphanumeric", "assigned_to": [STAFF]}
    bare_door.write("10-ours.yaml", playbook(resource(WINDOWS, "Ours", settings)))
    found = []
    for password in ("numeric", "alphanumeric"):
        _judged(bare_door, target, passwordRequired=True, passwordRequiredType=password)
        found.append([why for why in _maybes(bare_door.toolkit("plan", "--json")) if "compliance" in why])

    weaker, equal = found
    assert equal == []
    assert len(weaker) == 1
    assert '"Trust compliance" has password_required_type numeric for' in weaker[0]
    assert "which requires alphanumeric. Set the compliance policy to alphanumeric too" in weaker[0]
