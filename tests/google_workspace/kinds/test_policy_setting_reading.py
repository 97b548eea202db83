"""What holds at a unit: documented defaults, several policies on one setting, inheritance, groups and deleted units."""

from collections.abc import Mapping
from typing import Any

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds.policy_setting import KIND, effective
from connectors.google_workspace.kinds.policy_setting.table import TYPES, Reducer, SettingType, read_field
from connectors.google_workspace.units import Unit
from tests.emulated import Tenant
from tests.google_workspace.connected import called_methods, policy_pages
from toolkit.errors import Refused, Rejected
from toolkit.sdk.endpoint import Everything, NamedOnly
from toolkit.sdk.resource import Remote, Unreadable

POLICIES = "google.policies"
LIST = "cloudidentity.policies.list"
UNITS = "directory.orgunits.list"
ENCRYPTED = "enableEncryptedAttachmentProtection"


def remotes(via: GoogleWorkspace, *names: str) -> Mapping[str, Remote]:
    found = list(KIND.endpoint.read(via, NamedOnly(frozenset(names))))
    return {one.name: one for one in found if isinstance(one, Remote)}


def at(via: GoogleWorkspace, name: str) -> Mapping[str, Any]:
    """Give the settings that are set."""
    settings = KIND.spec.observed(remotes(via, name)[name].body)
    return {key: value for key, value in settings.items() if value is not None}


def put(tenant: Tenant, key: str, setting: str, value: Mapping[str, Any], **query: Any) -> None:
    """Store a policy of an administrator; one without a unit is for all."""
    policy = {
        "name": f"policies/{key}",
        "policyQuery": {"sortOrder": 1000, **query},
        "setting": {"type": f"settings/{setting}", "value": value},
        "type": "ADMIN",
    }
    tenant.put(POLICIES, key, policy)


def put_system(tenant: Tenant, key: str, setting: str, value: Mapping[str, Any], **query: Any) -> None:
    put(tenant, key, setting, value, **query)
    tenant.patch(POLICIES, key, type="SYSTEM")


def unit(tenant: Tenant, path: str) -> str:
    (key,) = [key for key, one in tenant.objects("google.orgunits").items() if one["orgUnitPath"] == path]
    return f"orgUnits/{key}"


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("security.password @ /Staff", {"minimum_length": 12, "allowed_strength": "STRONG"}),
        ("security.password @ /Pupils", {"minimum_length": 8, "enforce_requirements_at_login": False}),
        ("security.session_controls @ /Staff", {"web_session_duration": "43200s"}),
        ("security.two_step_verification_enforcement @ /Staff", {"enforced_from": "2025-09-01T00:00:00Z"}),
        ("security.two_step_verification_enforcement @ /Pupils", {}),
        ("security.two_step_verification_enforcement_factor @ /Pupils", {"allowed_sign_in_factor_set": "ALL"}),
        ("gmail.auto_forwarding @ /", {"enable_auto_forwarding": False}),
        ("drive_and_docs.external_sharing @ /", {"external_sharing_mode": "ALLOWLISTED_DOMAINS"}),
        ("drive_and_docs.external_sharing @ /Pupils", {"external_sharing_mode": "DISALLOWED"}),
        ("chat.service_status @ /Pupils", {"service_state": "DISABLED"}),
        ("chat.service_status @ /Staff", {"service_state": "ENABLED"}),
        ("gmail.mail_delegation @ /", {}),
    ],
)
def test_what_was_set_holds_for_its_unit(reading: GoogleWorkspace, name: str, holds: Mapping[str, Any]) -> None:
    seen = at(reading, name)

    assert {key: seen.get(key) for key in holds} == holds
    assert bool(seen) == bool(holds)


def test_what_google_leaves_out_holds_its_documented_default(reading: GoogleWorkspace) -> None:
    assert at(reading, "gmail.workspace_sync_for_outlook @ /") == {
        "enable_google_workspace_sync_for_microsoft_outlook": True
    }
    assert at(reading, "chat.chat_history @ /Staff") == {
        "history_on_by_default": False,
        "allow_user_modification": True,
    }
    assert at(reading, "gmail.links_and_external_images @ /") == {
        "enable_shortener_scanning": True,
        "enable_external_image_scanning": True,
        "enable_aggressive_warnings_on_untrusted_links": False,
        "apply_future_settings_automatically": True,
    }


@pytest.mark.parametrize("word", [None, "PRIVATE_TO_OWNER", "LINK_SHARING_PRIVATE"])
def test_two_words_of_google_for_the_same_are_one(reading: GoogleWorkspace, tenant: Tenant, word: str | None) -> None:
    """Google's table of settings has one of the words, and its table of defaults the other."""
    if word:
        put(tenant, "private", "drive_and_docs.general_access_default", {"defaultFileAccess": word})

    seen = at(reading, "drive_and_docs.general_access_default @ /")

    assert seen == {"default_file_access": "PRIVATE_TO_OWNER"}
    assert KIND.spec.desired({"default_file_access": word or "LINK_SHARING_PRIVATE"}) == seen


def test_of_two_policies_on_one_setting_the_greater_sort_order_counts(reading: GoogleWorkspace, tenant: Tenant) -> None:
    orders = {
        policy["setting"]["value"]["enableImapAccess"]: policy["policyQuery"]["sortOrder"]
        for policy in tenant.objects(POLICIES).values()
        if policy["setting"]["type"] == "settings/gmail.imap_access" and policy["type"] == "ADMIN"
    }

    assert at(reading, "gmail.imap_access @ /") == {"enable_imap_access": False}
    assert orders[False] > orders[True]


def test_max_takes_the_last_policy_of_a_unit_whole(reading: GoogleWorkspace, tenant: Tenant) -> None:
    staff = unit(tenant, "/Staff")
    put(tenant, "first", "chat.chat_apps_access", {"enableApps": False, "enableWebhooks": False}, orgUnit=staff)
    put(tenant, "last", "chat.chat_apps_access", {"enableApps": False}, orgUnit=staff, sortOrder=1001.5)

    assert at(reading, "chat.chat_apps_access @ /Staff") == {"enable_apps": False, "enable_webhooks": True}


def test_merge_takes_each_field_from_the_last_policy_that_has_it(reading: GoogleWorkspace, tenant: Tenant) -> None:
    put(tenant, "first", "chat.chat_history", {"historyOnByDefault": True, "allowUserModification": False})
    put(tenant, "last", "chat.chat_history", {"allowUserModification": True}, sortOrder=1001)

    assert at(reading, "chat.chat_history @ /") == {"history_on_by_default": True, "allow_user_modification": True}


def test_entries_of_one_key_are_one_entry(reading: GoogleWorkspace, tenant: Tenant) -> None:
    states = [{"ruleId": "a", "enabled": True}, {"ruleId": "b", "enabled": True}]
    put(tenant, "all", "gmail.rule_states", {"ruleStates": states})
    put(tenant, "staff", "gmail.rule_states", {"ruleStates": [{"ruleId": "a", "enabled": False}]},
        orgUnit=unit(tenant, "/Staff"))  # fmt: skip

    assert at(reading, "gmail.rule_states @ /") == {
        "enabled_rules": ("a", "b"),
        "ruleStates": ('{"enabled":true,"ruleId":"a"}', '{"enabled":true,"ruleId":"b"}'),
    }
    assert at(reading, "gmail.rule_states @ /Staff") == {
        "enabled_rules": ("b",),
        "ruleStates": ('{"enabled":false,"ruleId":"a"}', '{"enabled":true,"ruleId":"b"}'),
    }


@pytest.mark.parametrize(
    ("reducer", "holds"),
    [(Reducer.MAX, ["c"]), (Reducer.MERGE, ["a", "b", "c"])],
)
def test_a_list_is_joined_where_the_setting_is_merged(reducer: Reducer, holds: list[str]) -> None:
    setting = SettingType("a.b", "A", "A", (read_field("words", {"list": "Lists words.", "example": ["a"]}),), reducer)
    policies: list[Mapping[str, Any]] = [
        {"policyQuery": {"sortOrder": order}, "setting": {"type": "settings/a.b", "value": {"words": words}}}
        for order, words in enumerate((["a", "b"], ["c"]))
    ]

    assert effective(setting, policies, [Unit("01", "/")]).value == {"words": holds}


def test_a_list_of_a_unit_stands_for_the_one_above(reading: GoogleWorkspace, tenant: Tenant) -> None:
    allowed = "gmail.email_spam_filter_ip_allowlist"
    put(tenant, "all", allowed, {"allowedIpAddresses": ["192.0.2.1", "192.0.2.2"]})
    put(tenant, "staff", allowed, {"allowedIpAddresses": ["192.0.2.3"]}, orgUnit=unit(tenant, "/Staff"))

    assert at(reading, f"{allowed} @ /") == {"allowed_ip_addresses": ("192.0.2.1", "192.0.2.2")}
    assert at(reading, f"{allowed} @ /Staff") == {"allowed_ip_addresses": ("192.0.2.3",)}


def test_a_policy_without_a_value_sets_nothing(reading: GoogleWorkspace, tenant: Tenant) -> None:
    put(tenant, "bare", "gmail.pop_access", {})
    tenant.patch(POLICIES, "bare", setting={"type": "settings/gmail.pop_access"})

    assert at(reading, "gmail.pop_access @ /") == {"enable_pop_access": True}


@pytest.mark.parametrize("value", [{"minimumLength": 8.5}, {"expirationDuration": "a day"}])
def test_a_value_of_no_known_form_is_not_taken_for_another(
    reading: GoogleWorkspace, tenant: Tenant, value: Mapping[str, Any]
) -> None:
    put(tenant, "odd", "security.password", value)

    with pytest.raises(ValueError, match=r"is not a whole number|is not a length of time"):
        at(reading, "security.password @ /")


def test_a_unit_below_counts_over_the_one_above_whatever_the_order(reading: GoogleWorkspace, tenant: Tenant) -> None:
    put(tenant, "all", "security.session_controls", {"webSessionDuration": "3600s"}, sortOrder=9000)

    assert at(reading, "security.session_controls @ /Staff") == {"web_session_duration": "43200s"}
    assert at(reading, "security.session_controls @ /staff") == {"web_session_duration": "43200s"}
    assert at(reading, "security.session_controls @ /Pupils") == {"web_session_duration": "3600s"}


def test_a_unit_inherits_what_its_own_policy_does_not_say(reading: GoogleWorkspace, tenant: Tenant) -> None:
    put(tenant, "staff", "gmail.email_attachment_safety", {ENCRYPTED: False}, orgUnit=unit(tenant, "/Staff"))

    seen = at(reading, "gmail.email_attachment_safety @ /Staff")

    assert seen["enable_encrypted_attachment_protection"] is False
    assert seen["enable_attachment_with_scripts_protection"] is True


def test_an_administrator_counts_over_google_itself(reading: GoogleWorkspace, tenant: Tenant) -> None:
    put(tenant, "admin", "gmail.confidential_mode", {"enableConfidentialMode": False}, sortOrder=1)
    put_system(tenant, "system", "gmail.confidential_mode", {"enableConfidentialMode": True}, sortOrder=5000)

    assert at(reading, "gmail.confidential_mode @ /") == {"enable_confidential_mode": False}


@pytest.mark.parametrize(
    "value",
    [
        {"minimumLength": 14, "expirationDuration": "0s"},
        {"minimum_length": 14.0, "expiration_duration": "0.000s"},
        {"minimumLength": "14"},
    ],
)
def test_keys_and_numbers_are_read_as_google_may_write_them(
    reading: GoogleWorkspace, tenant: Tenant, value: Mapping[str, Any]
) -> None:
    put(tenant, "pupils", "security.password", value, orgUnit=unit(tenant, "/Pupils"))

    seen = at(reading, "security.password @ /Pupils")

    assert (seen["minimum_length"], seen["expiration_duration"]) == (14, "0s")


def test_a_policy_for_a_deleted_unit_is_nobodys(reading: GoogleWorkspace, tenant: Tenant) -> None:
    put(tenant, "gone", "gmail.pop_access", {"enablePopAccess": True}, orgUnit="orgUnits/03gone", sortOrder=9000)

    assert at(reading, "gmail.pop_access @ /") == {"enable_pop_access": False}
    assert at(reading, "meet.service_status @ /") == {"service_state": "ENABLED"}


@pytest.mark.parametrize(
    "query",
    [
        {"group": "groups/01abc"},
        {"group": "WORKSPACE_ALL_ADMIN_GROUP"},
        {"query": "entity.groups.exists(group, group.group_id == groupId('01abc'))"},
    ],
)
def test_a_policy_for_a_group_is_told_and_not_counted(
    reading: GoogleWorkspace, tenant: Tenant, query: Mapping[str, Any]
) -> None:
    put(tenant, "group", "gmail.pop_access", {"enablePopAccess": True}, **query, sortOrder=9000)

    (remote,) = remotes(reading, "gmail.pop_access @ /").values()

    assert remote.body == {"enablePopAccess": False, "policies for groups": 1, "policies for licences": 0}


def test_a_policy_for_certain_licences_is_counted_and_told(reading: GoogleWorkspace, tenant: Tenant) -> None:
    query = "entity.licenses.exists(license, license in ['/product/101031/sku/1010310008'])"
    put(tenant, "licence", "gmail.pop_access", {"enablePopAccess": True}, query=query)

    (remote,) = remotes(reading, "gmail.pop_access @ /").values()

    assert remote.body == {"enablePopAccess": True, "policies for groups": 0, "policies for licences": 1}


def test_a_service_of_which_google_shows_nothing_is_not_licensed(reading: GoogleWorkspace, tenant: Tenant) -> None:
    put(tenant, "pupils", "colab.service_status", {"serviceState": "DISABLED"}, orgUnit=unit(tenant, "/Pupils"))

    assert at(reading, "socratic.service_status @ /Staff") == {"service_state": "NOT_LICENSED"}
    assert at(reading, "colab.service_status @ /Pupils") == {"service_state": "DISABLED"}
    assert at(reading, "colab.service_status @ /Staff") == {}


def test_a_unit_that_is_not_there_makes_only_that_name_unknown(reading: GoogleWorkspace) -> None:
    names = frozenset({"gmail.pop_access @ /Nowhere", "gmail.pop_access @ /Staff", "gmail.pop @ /"})

    unknown, gone, found = sorted(KIND.endpoint.read(reading, NamedOnly(names)), key=lambda one: one.name)

    assert isinstance(gone, Unreadable)
    assert gone.reason == (
        "there is no organisational unit /Nowhere. Use a unit that the admin console lists under Directory > "
        "Organizational units"
    )
    assert isinstance(unknown, Unreadable)
    assert "Did you mean 'gmail.pop_access'?" in unknown.reason
    assert isinstance(found, Remote)


def test_many_settings_cost_one_list_of_policies_and_one_of_units(reading: GoogleWorkspace, tenant: Tenant) -> None:
    names = [f"{setting} @ {path}" for setting in TYPES for path in ("/", "/Staff", "/Pupils")]

    assert len(remotes(reading, *names)) == len(names)
    assert len(remotes(reading, *names)) == len(names)
    assert sorted(called_methods(tenant)) == [*[LIST] * policy_pages(tenant), UNITS]


def test_a_setting_is_found_behind_empty_pages(reading: GoogleWorkspace, tenant: Tenant) -> None:
    kept = tenant.objects(POLICIES)
    filler = {"policyQuery": {"sortOrder": 0}, "setting": {"type": "settings/x.y", "value": {}}, "type": "SYSTEM"}
    others = {f"filler{number}": {**filler, "name": f"policies/filler{number}"} for number in range(250)}
    tenant.control("PUT", f"/objects/{POLICIES}", {**others, **kept})

    assert at(reading, "gmail.auto_forwarding @ /") == {"enable_auto_forwarding": False}
    assert called_methods(tenant).count(LIST) > 2


def test_nothing_is_asked_where_nothing_is_named(reading: GoogleWorkspace, tenant: Tenant) -> None:
    assert list(KIND.endpoint.read(reading, NamedOnly(frozenset()))) == []
    assert list(KIND.endpoint.read(reading, Everything())) == []
    assert called_methods(tenant) == []


def test_a_list_that_fails_is_a_failure_of_all(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.fault("refused", LIST)

    with pytest.raises(Refused):
        remotes(reading, "gmail.pop_access @ /")


def test_whoever_would_write_one_is_told_where_it_is_set(connection: GoogleWorkspace, tenant: Tenant) -> None:
    name = "gmail.auto_forwarding @ /Staff"
    where = (
        r"no Google API sets this\. Set it in the Admin console > Apps > Google Workspace > Gmail > End User Access > "
        r"Automatic forwarding, with /"
    )

    with pytest.raises(Rejected, match=where):
        KIND.endpoint.create(connection, name, {})
    with pytest.raises(Rejected, match=where):
        KIND.endpoint.update(connection, Remote(name, name, {}), name, {})
    with pytest.raises(Rejected, match=where):
        KIND.endpoint.delete(connection, Remote(name, name, {}))
    assert called_methods(tenant) == []
