"""Chrome policies of organisational units: what is inherited, what a change replaces, what gives inheritance back."""

import pytest

from tests.emulator.google_workspace.asking import Google, refused
from tests.emulator.google_workspace.chrome import BLOCKING, INSTALL_TYPE, STORED, WHATSAPP, Chrome

_LIST = {"urlBlocklist": ["web.whatsapp.com", "discord.com"]}


@pytest.fixture
def chrome(google: Google) -> Chrome:
    return Chrome(google, google.service("chromepolicy"))


def test_the_local_authority_blocks_forty_hosts_for_everybody(chrome: Chrome) -> None:
    (found,) = chrome.resolve("/Pupils/Year 3", BLOCKING)

    assert len(found["value"]["value"]["urlBlocklist"]) == 40
    assert found["value"]["value"]["chromeInternalUrlsBlocked"] is False
    assert found["targetKey"] == chrome.target("/Pupils/Year 3")
    assert found["sourceKey"] == chrome.target("/")


def test_a_list_at_a_unit_replaces_what_it_inherited_and_nothing_elsewhere(chrome: Chrome) -> None:
    assert chrome.modify(chrome.change("/Staff", BLOCKING, _LIST)).execute() == {}

    (found,) = chrome.resolve("/Staff", BLOCKING)
    assert found["value"]["value"]["urlBlocklist"] == _LIST["urlBlocklist"]
    assert found["sourceKey"] == found["targetKey"] == chrome.target("/Staff")
    assert len(chrome.value("/", BLOCKING)["urlBlocklist"]) == 40
    assert len(chrome.value("/Pupils", BLOCKING)["urlBlocklist"]) == 40


def test_giving_inheritance_back_leaves_exactly_what_was_there(chrome: Chrome) -> None:
    before = chrome.google.tenant.objects(STORED)
    chrome.modify(chrome.change("/Staff", BLOCKING, _LIST)).execute()

    assert chrome.inherit(chrome.removal("/Staff", BLOCKING)).execute() == {}

    assert chrome.google.tenant.objects(STORED) == before
    (found,) = chrome.resolve("/Staff", BLOCKING)
    assert found["sourceKey"] == chrome.target("/")


def test_fields_outside_the_mask_stay_as_they_were(chrome: Chrome) -> None:
    value = {"urlAllowlist": ["example.org"], "urlBlocklist": ["ignored.example"]}

    chrome.modify(chrome.change("/Staff", BLOCKING, value, mask="urlAllowlist")).execute()

    after = chrome.value("/Staff", BLOCKING)
    assert after["urlAllowlist"] == ["example.org"]
    assert len(after["urlBlocklist"]) == 40


def test_a_policy_is_stored_by_its_target_and_schema(chrome: Chrome) -> None:
    chrome.modify(chrome.change("/Staff", BLOCKING, _LIST)).execute()

    kept = chrome.google.tenant.read_object(STORED, f"{chrome.unit('/Staff')}/{BLOCKING}")
    assert kept == {"targetKey": chrome.target("/Staff"), "policySchema": BLOCKING, "value": _LIST}


def test_what_somebody_added_by_hand_is_what_the_unit_resolves_to(chrome: Chrome) -> None:
    chrome.modify(chrome.change("/Staff", BLOCKING, _LIST)).execute()
    by_hand = {"urlBlocklist": [*_LIST["urlBlocklist"], "by-hand.example"]}

    chrome.google.tenant.patch(STORED, f"{chrome.unit('/Staff')}/{BLOCKING}", value=by_hand)

    assert chrome.value("/Staff", BLOCKING)["urlBlocklist"][-1] == "by-hand.example"


def test_a_policy_that_nobody_set_has_no_source_or_is_not_there_at_all(chrome: Chrome) -> None:
    (found,) = chrome.resolve("/Staff", "chrome.users.IncognitoMode")

    assert "sourceKey" not in found
    assert found["value"]["value"] == {"incognitoModeAvailability": "INCOGNITO_MODE_AVAILABILITY_ENUM_AVAILABLE"}
    assert chrome.resolve("/Staff", "chrome.users.SessionLengthV2") == []


def test_a_star_stands_for_one_namespace_alone(chrome: Chrome) -> None:
    names = {one["value"]["policySchema"] for one in chrome.resolve("/Pupils", "chrome.users.*")}

    assert BLOCKING in names
    assert not [name for name in names if name.startswith(("chrome.users.apps.", "chrome.users.appsconfig."))]
    assert chrome.resolve("/Pupils", "chrome.users.appsconfig.*")


@pytest.mark.parametrize("family", ["chrome.printers.*", "chrome.networks.wifi.*", "chrome.devices.kiosk.apps.*"])
def test_a_family_without_schemas_resolves_to_nothing(chrome: Chrome, family: str) -> None:
    assert chrome.resolving("/", family).execute() == {}


@pytest.mark.parametrize("pattern", ["*", "*.users", "chrome.*", "chrome.*.apps.*", "", "chrome.users.NoSuchPolicy"])
def test_a_filter_that_is_none_is_refused(chrome: Chrome, pattern: str) -> None:
    assert refused(chrome.resolving("/", pattern)).canonical == "INVALID_ARGUMENT"


def test_resolved_policies_come_in_pages(chrome: Chrome) -> None:
    first = chrome.resolving("/Pupils", "chrome.users.*", pageSize=2).execute()
    second = chrome.resolving("/Pupils", "chrome.users.*", pageSize=2, pageToken=first["nextPageToken"]).execute()

    whole = chrome.resolve("/Pupils", "chrome.users.*")
    assert [*first["resolvedPolicies"], *second["resolvedPolicies"]] == whole[:4]


def test_long_numbers_come_back_as_texts(chrome: Chrome) -> None:
    idle = {"screenLockDelayAc": {"duration": 300}, "screenLockDelayBattery": {"duration": "600"}}

    chrome.modify(chrome.change("/Staff", "chrome.users.IdleSettingsExtended", idle)).execute()

    assert chrome.value("/Staff", "chrome.users.IdleSettingsExtended") == {
        "screenLockDelayAc": {"duration": "300"},
        "screenLockDelayBattery": {"duration": "600"},
    }


def test_a_notice_is_acknowledged_and_the_acknowledgement_is_not_kept(chrome: Chrome) -> None:
    schema = "chrome.users.appsconfig.AndroidAppsEnabled"
    acknowledged = {"arcEnabled": True, "ackNoticeForArcEnabledSetToTrue": True}

    assert refused(chrome.modify(chrome.change("/Staff", schema, {"arcEnabled": True}))).status == 400
    chrome.modify(chrome.change("/Staff", schema, acknowledged)).execute()
    chrome.modify(chrome.change("/Pupils", schema, {"arcEnabled": False})).execute()

    assert chrome.value("/Staff", schema) == {"arcEnabled": True}


def test_the_root_has_nothing_to_inherit_from(chrome: Chrome) -> None:
    assert refused(chrome.inherit(chrome.removal("/", BLOCKING))).canonical == "INVALID_ARGUMENT"
    assert len(chrome.value("/", BLOCKING)["urlBlocklist"]) == 40


def test_an_app_is_managed_where_it_was_added_and_below(chrome: Chrome) -> None:
    (forced,) = chrome.resolve("/Staff", "chrome.users.apps.*")

    assert forced["value"] == {"policySchema": INSTALL_TYPE, "value": {"appInstallType": "FORCED"}}
    app = forced["targetKey"]["additionalTargetKeys"]["app_id"]
    assert forced["targetKey"] == chrome.target("/Staff", app)
    assert forced["sourceKey"] == forced["addedSourceKey"] == chrome.target("/", app)


def test_an_app_leaves_management_where_it_was_added_and_nowhere_else(chrome: Chrome) -> None:
    chrome.modify(chrome.change("/Staff", INSTALL_TYPE, {"appInstallType": "BLOCKED"}, app=WHATSAPP)).execute()
    (found,) = chrome.resolve("/Staff", INSTALL_TYPE, WHATSAPP)
    (forced,) = [one for one in chrome.resolve("/Staff", INSTALL_TYPE) if one != found]
    elsewhere = chrome.removal("/Staff", "chrome.users.apps.*", forced["targetKey"]["additionalTargetKeys"]["app_id"])

    assert found["addedSourceKey"] == chrome.target("/Staff", WHATSAPP)
    assert refused(chrome.inherit(elsewhere)).status == 400
    assert refused(chrome.inherit(chrome.removal("/Staff", INSTALL_TYPE, WHATSAPP))).status == 400
    chrome.inherit(chrome.removal("/Staff", "chrome.users.apps.*", WHATSAPP)).execute()
    assert chrome.resolve("/Staff", INSTALL_TYPE, WHATSAPP) == []


def test_what_a_unit_made_of_an_app_from_above_can_be_given_back(chrome: Chrome) -> None:
    chrome.modify(chrome.change("/", INSTALL_TYPE, {"appInstallType": "ALLOWED"}, app=WHATSAPP)).execute()
    chrome.modify(chrome.change("/Staff", INSTALL_TYPE, {"appInstallType": "BLOCKED"}, app=WHATSAPP)).execute()
    (below,) = chrome.resolve("/Staff", INSTALL_TYPE, WHATSAPP)

    chrome.inherit(chrome.removal("/Staff", INSTALL_TYPE, WHATSAPP)).execute()

    assert (below["sourceKey"], below["addedSourceKey"]) == (
        chrome.target("/Staff", WHATSAPP),
        chrome.target("/", WHATSAPP),
    )
    assert chrome.value("/Staff", INSTALL_TYPE, WHATSAPP) == {"appInstallType": "ALLOWED"}


def test_settings_of_an_app_need_it_to_be_managed(chrome: Chrome) -> None:
    schema = "chrome.users.apps.ManagedConfiguration"
    setting = chrome.change("/Staff", schema, {"managedConfiguration": "{}"}, app="chrome:" + "a" * 32)
    adding = chrome.change("/Staff", INSTALL_TYPE, {"appInstallType": "FORCED"}, app="chrome:" + "a" * 32)

    assert refused(chrome.modify(setting)).status == 400
    assert chrome.modify(setting, adding).execute() == {}


def test_asking_what_is_in_force_is_no_write(chrome: Chrome) -> None:
    after = chrome.google.tenant.last_request()

    chrome.resolve("/Staff", BLOCKING)
    chrome.modify(chrome.change("/Staff", BLOCKING, _LIST)).execute()

    made = [one for request in chrome.google.tenant.requests(after) for one in request["operations"]]
    assert {one["name"].rpartition(".")[2]: one["write"] for one in made if "policies" in one["name"]} == {
        "resolve": False,
        "batchModify": True,
    }


def test_a_person_who_is_no_administrator_is_refused(google: Google) -> None:
    teacher = Chrome(google, google.service("chromepolicy", google.teacher()))

    assert refused(teacher.resolving("/Staff", BLOCKING)).canonical == "PERMISSION_DENIED"


def test_another_customer_is_refused(chrome: Chrome) -> None:
    schemas = chrome.service.customers().policySchemas()

    assert refused(schemas.get(name=f"customers/C0other00/policySchemas/{BLOCKING}")).status == 403


def test_a_quota_that_is_used_up_says_so(chrome: Chrome) -> None:
    chrome.google.tenant.fault("throttled", "*orgunits.batchModify")

    answer = refused(chrome.modify(chrome.change("/Staff", BLOCKING, _LIST)))

    assert (answer.status, answer.canonical) == (429, "RESOURCE_EXHAUSTED")
    assert len(chrome.value("/Staff", BLOCKING)["urlBlocklist"]) == 40
