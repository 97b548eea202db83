"""Policies for lists of addresses in browsers: what others put into one stays, and what does not fit is said."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import pytest

from connectors.microsoft365.connection import Microsoft365
from connectors.microsoft365.kinds.browser_url_policy import KIND as KIND_OF
from tests.cases import playbook, resource
from tests.door import Door
from tests.emulated import Tenant
from toolkit.errors import Rejected
from toolkit.sdk.endpoint import Everything
from toolkit.sdk.resource import Remote

KIND, STORED = "microsoft365.browser_url_policy", "intune.configurationPolicies"
NAME, STAFF = "Chat in Chrome", "all-staff@example-primary.example"
CHROME = "device_vendor_msft_policy_config_chromeintunev1~policy~googlechrome_urlblocklist"
HOMEPAGE = "device_vendor_msft_policy_config_chromeintunev1~policy~googlechrome_bookmarkbarenabled"
_PREFIX = "#microsoft.graph.deviceManagementConfiguration"


def _ask(door: Door, **settings: object) -> None:
    door.write("10-web.yaml", playbook(resource(KIND, NAME, {"assigned_to": [STAFF], **settings})))


def _stored(tenant: Tenant, name: str = NAME) -> Mapping[str, Any]:
    (found,) = [body for body in tenant.objects(STORED).values() if body["name"] == name]
    return found


def _entries(body: Mapping[str, Any], definition: str = CHROME) -> Sequence[str]:
    instances = [one["settingInstance"] for one in body["settings"]]
    return [
        value["value"]
        for instance in instances
        if instance["settingDefinitionId"] == definition
        for child in instance["choiceSettingValue"]["children"]
        for value in child["simpleSettingCollectionValue"]
    ]


def _listed(*hosts: str) -> Mapping[str, Any]:
    inside = {
        "@odata.type": f"{_PREFIX}SimpleSettingCollectionInstance",
        "settingDefinitionId": f"{CHROME}_urlblocklistdesc",
        "simpleSettingCollectionValue": [
            {"@odata.type": f"{_PREFIX}StringSettingValue", "value": host} for host in hosts
        ],
    }
    return _choice(CHROME, "_1", inside)


def _choice(definition: str, value: str, *children: Mapping[str, Any]) -> Mapping[str, Any]:
    chosen = {
        "@odata.type": f"{_PREFIX}ChoiceSettingValue",
        "value": definition + value,
        "children": list(children),
    }
    instance = {
        "@odata.type": f"{_PREFIX}ChoiceSettingInstance",
        "settingDefinitionId": definition,
        "choiceSettingValue": chosen,
    }
    return {"id": "0", "settingInstance": instance}


def _put_in(tenant: Tenant, *settings: Mapping[str, Any], **more: object) -> None:
    """Change the policy by hand."""
    body = _stored(tenant)
    tenant.patch(STORED, body["id"], settings=list(settings), settingCount=len(settings), **more)


def test_what_others_put_into_a_list_stays_and_is_no_drift(bare_door: Door) -> None:
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com"])
    bare_door.toolkit("apply", "--yes")
    _put_in(bare_door.tenant, _listed("web.whatsapp.com", "theirs.example"))

    drift = bare_door.toolkit("drift")
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com", "web.telegram.org"])
    applied = bare_door.toolkit("apply", "--yes")

    assert (drift.exit, applied.exit) == (0, 0), applied.out + applied.err
    assert _entries(_stored(bare_door.tenant)) == ["theirs.example", "web.telegram.org", "web.whatsapp.com"]


def test_what_is_taken_back_leaves_what_others_put_in(bare_door: Door) -> None:
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com"])
    bare_door.toolkit("apply", "--yes")
    _put_in(bare_door.tenant, _listed("web.whatsapp.com", "theirs.example"))
    _ask(bare_door, chrome_url_blocklist={"lacks": ["web.whatsapp.com"]})

    applied = bare_door.toolkit("apply", "--yes")

    assert applied.exit == 0, applied.out + applied.err
    assert _entries(_stored(bare_door.tenant)) == ["theirs.example"]


def test_other_settings_tags_and_filters_survive_a_change_of_a_list(bare_door: Door) -> None:
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com"])
    bare_door.toolkit("apply", "--yes")
    (assignment,) = _stored(bare_door.tenant)["assignments"]
    narrowed = {
        **assignment["target"],
        "deviceAndAppManagementAssignmentFilterId": "11111111-2222-3333-4444-555555555555",
        "deviceAndAppManagementAssignmentFilterType": "include",
    }
    _put_in(
        bare_door.tenant,
        _choice(HOMEPAGE, "_0"),
        _listed("web.whatsapp.com"),
        roleScopeTagIds=["0", "1"],
        assignments=[{**assignment, "target": narrowed}],
    )
    _ask(bare_door, chrome_url_blocklist=["web.telegram.org"], excluded=["Presentation devices"])

    applied = bare_door.toolkit("apply", "--yes")

    after = _stored(bare_door.tenant)
    assert applied.exit == 0, applied.out + applied.err
    assert [one["settingInstance"]["settingDefinitionId"] for one in after["settings"]] == [HOMEPAGE, CHROME]
    assert after["roleScopeTagIds"] == ["0", "1"]
    assert after["assignments"][0]["target"] == narrowed
    assert len(after["assignments"]) == 2


def test_a_policy_is_made_with_the_definitions_that_intune_knows(bare_door: Door) -> None:
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com"])

    bare_door.toolkit("apply", "--yes")

    made = _stored(bare_door.tenant)
    (setting,) = made["settings"]
    assert (made["platforms"], made["technologies"]) == ("windows10", "mdm")
    assert setting["settingInstance"]["choiceSettingValue"]["value"] == f"{CHROME}_1"
    assert _entries(made) == ["web.whatsapp.com"]


def test_more_entries_than_a_browser_takes_are_refused_by_validate(bare_door: Door) -> None:
    _ask(bare_door, chrome_url_blocklist=[f"h{number}.example" for number in range(1001)])

    answer = bare_door.toolkit("validate")

    assert answer.exit == 2
    assert "1,001 entries are too many. Browsers allow 1,000 in a list" in answer.err


def test_a_list_that_others_filled_is_refused_by_the_plan_before_it_grows_too_long(bare_door: Door) -> None:
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com"])
    bare_door.toolkit("apply", "--yes")
    _put_in(bare_door.tenant, _listed(*(f"h{number}.example" for number in range(1000))))

    plan = bare_door.toolkit("plan")

    assert plan.exit == 5
    assert "1,001 entries are too many" in plan.out + plan.err


def test_the_last_list_is_not_taken_out_of_a_policy_that_then_had_no_setting(bare_door: Door) -> None:
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com"])
    bare_door.toolkit("apply", "--yes")
    _ask(bare_door, chrome_url_blocklist=None)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 1
    assert "the policy would have no settings" in answer.out + answer.err
    assert _entries(_stored(bare_door.tenant)) == ["web.whatsapp.com"]


@pytest.mark.parametrize("shown", [{"settings": []}, {"settingCount": 3}])
def test_a_policy_whose_settings_were_not_all_shown_is_unknown(bare_door: Door, shown: Mapping[str, Any]) -> None:
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com"])
    bare_door.toolkit("apply", "--yes")
    bare_door.tenant.patch(STORED, _stored(bare_door.tenant)["id"], **shown)

    plan = bare_door.toolkit("plan")

    assert plan.exit == 4
    assert "of its" in plan.out + plan.err


def test_policies_of_the_catalogue_without_such_a_list_are_left_alone(bare_door: Door) -> None:
    key = "99999999-2222-3333-4444-555555555555"
    theirs = {
        **_stored(bare_door.tenant, "LA Edge baseline"),
        "id": key,
        "name": "Bookmarks",
        "settings": [_choice(HOMEPAGE, "_1")],
    }
    bare_door.tenant.put(STORED, key, theirs)
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com"])

    plan = bare_door.toolkit("plan", "--json")

    assert plan.json["unmanaged"] == [f"{KIND}[LA Edge baseline]"]


@pytest.mark.parametrize(("more", "stays"), [((), False), ((_choice(HOMEPAGE, "_0"),), True)])
def test_a_policy_goes_with_its_lists_but_not_with_settings_of_others(
    bare_door: Door, connection: Microsoft365, more: Sequence[Mapping[str, Any]], *, stays: bool
) -> None:
    _ask(bare_door, chrome_url_blocklist=["web.whatsapp.com"])
    bare_door.toolkit("apply", "--yes")
    _put_in(bare_door.tenant, _listed("web.whatsapp.com"), *more)
    (ours,) = [one for one in KIND_OF.endpoint.read(connection, Everything()) if one.name == NAME]
    assert isinstance(ours, Remote)

    with pytest.raises(Rejected, match="it has settings from others") if stays else nullcontext():
        KIND_OF.endpoint.delete(connection, ours)

    assert (NAME in {body["name"] for body in bare_door.tenant.objects(STORED).values()}) is stays
