"""Device configurations: what is theirs stays, and a list of hidden apps never turns into one of shown apps."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from tests.cases import newest, playbook, resource, writes
from tests.door import CommandResult, Door
from tests.emulated import Tenant

STORED, STAFF = "intune.deviceConfigurations", "all-staff@example-primary.example"
WINDOWS, IOS = "microsoft365.windows_configuration", "microsoft365.ios_configuration"
HIDE, SHOW = "appsNotInListCompliant", "appsInListCompliant"
WHATSAPP = "net.whatsapp.WhatsApp"


def _apply(door: Door, kind: str, **settings: object) -> CommandResult:
    door.write("10-ours.yaml", playbook(resource(kind, "Ours", settings)))
    return door.toolkit("apply", "--yes")


def _stored(tenant: Tenant) -> Mapping[str, Any]:
    (body,) = tenant.objects(STORED).values()
    return body


def _edit(tenant: Tenant, **changes: object) -> None:
    tenant.patch(STORED, _stored(tenant)["id"], **changes)


def _listed(*bundles: str) -> Sequence[Mapping[str, str]]:
    return [{"@odata.type": "#microsoft.graph.appListItem", "name": "Theirs", "appId": bundle} for bundle in bundles]


@pytest.mark.parametrize(("word", "wire"), [("hide_listed", HIDE), ("show_only_listed", SHOW)])
def test_each_word_for_the_list_of_apps_says_one_thing_on_the_wire(bare_door: Door, word: str, wire: str) -> None:
    applied = _apply(bare_door, IOS, apps_visibility_list_type=word, apps_visibility_list=[WHATSAPP])

    made = _stored(bare_door.tenant)
    assert applied.exit == 0, applied.out + applied.err
    assert made["appsVisibilityListType"] == wire
    assert [(one["appId"], one["name"]) for one in made["appsVisibilityList"]] == [(WHATSAPP, "WhatsApp")]


def test_apps_that_others_hid_stay_hidden_with_what_is_said_of_them(bare_door: Door) -> None:
    _apply(bare_door, IOS, apps_visibility_list_type="hide_listed", apps_visibility_list=[WHATSAPP])
    without_id = {
        "@odata.type": "#microsoft.graph.appListItem",
        "name": "By its page",
        "appStoreUrl": "https://x.example",
    }
    _edit(bare_door.tenant, appsVisibilityList=[*_listed("com.example.theirs"), without_id])

    applied = _apply(bare_door, IOS, apps_visibility_list_type="hide_listed", apps_visibility_list=[WHATSAPP])

    names = [one["name"] for one in _stored(bare_door.tenant)["appsVisibilityList"]]
    assert applied.exit == 0, applied.out + applied.err
    assert names == ["By its page", "Theirs", "WhatsApp"]


def test_apps_that_others_let_be_shown_are_never_hidden_by_turning_the_list_round(bare_door: Door) -> None:
    _apply(bare_door, IOS, apps_visibility_list_type="hide_listed", apps_visibility_list=[WHATSAPP])
    theirs = _listed("com.example.reading", "com.example.sums")
    _edit(bare_door.tenant, appsVisibilityListType=SHOW, appsVisibilityList=theirs)

    plan = bare_door.toolkit("plan")
    exact = _apply(
        bare_door, IOS, apps_visibility_list_type="hide_listed", apps_visibility_list={"exactly": [WHATSAPP]}
    )

    assert plan.exit == 5
    assert "where others listed 2 apps" in " ".join((plan.out + plan.err).split())
    assert exact.exit == 0, exact.out + exact.err
    assert [one["appId"] for one in _stored(bare_door.tenant)["appsVisibilityList"]] == [WHATSAPP]


def test_a_list_of_ours_that_somebody_turned_round_is_put_right(bare_door: Door) -> None:
    _apply(bare_door, IOS, apps_visibility_list_type="hide_listed", apps_visibility_list=[WHATSAPP])
    _edit(bare_door.tenant, appsVisibilityListType=SHOW)

    applied = bare_door.toolkit("apply", "--yes")

    assert applied.exit == 0, applied.out + applied.err
    assert _stored(bare_door.tenant)["appsVisibilityListType"] == HIDE


def test_filters_tags_and_settings_that_nobody_named_survive_a_change(bare_door: Door) -> None:
    _apply(bare_door, WINDOWS, storage_block_removable_storage=True, assigned_to=[STAFF])
    (assignment,) = _stored(bare_door.tenant)["assignments"]
    narrowed = {
        **assignment["target"],
        "deviceAndAppManagementAssignmentFilterId": "11111111-2222-3333-4444-555555555555",
        "deviceAndAppManagementAssignmentFilterType": "include",
    }
    _edit(
        bare_door.tenant,
        cameraBlocked=True,
        gameDvrBlocked=True,
        roleScopeTagIds=["0", "1"],
        assignments=[{**assignment, "target": narrowed}],
    )

    applied = _apply(
        bare_door,
        WINDOWS,
        storage_block_removable_storage=True,
        password_minimum_length=8,
        assigned_to=[STAFF],
        excluded=["Presentation devices"],
    )

    after = _stored(bare_door.tenant)
    assert applied.exit == 0, applied.out + applied.err
    assert (after["cameraBlocked"], after["gameDvrBlocked"], after["roleScopeTagIds"]) == (True, True, ["0", "1"])
    assert after["assignments"][0]["target"] == narrowed
    assert len(after["assignments"]) == 2


def test_an_assignment_that_was_not_shown_with_its_filter_makes_it_unknown(bare_door: Door) -> None:
    _apply(bare_door, WINDOWS, storage_block_removable_storage=True, assigned_to=[STAFF])
    _edit(
        bare_door.tenant,
        storageBlockRemovableStorage=False,
        assignments=[{"target": {"@odata.type": "#microsoft.graph.allDevicesAssignmentTarget"}}],
    )
    before = newest(bare_door)

    applied = bare_door.toolkit("apply", "--yes")

    assert applied.exit == 4
    assert "its assignments were not shown with their filters" in applied.out + applied.err
    assert writes(bare_door, before) == []


def test_the_four_kinds_share_one_reading_of_the_collection(bare_door: Door) -> None:
    kinds = ("windows", "ios", "android_work_profile", "android_fully_managed")
    described = {"description": "Ours"}
    ours = [resource(f"microsoft365.{kind}_configuration", "Ours", described) for kind in kinds]
    bare_door.write("10-ours.yaml", playbook(*ours))
    before = newest(bare_door)

    plan = bare_door.toolkit("plan")

    asked = [one["name"] for one in bare_door.tenant.requests(before) for one in one["operations"]]
    assert plan.exit == 3, plan.out + plan.err
    assert asked.count("GET /deviceManagement/deviceConfigurations") == 1


@pytest.mark.parametrize(
    ("group", "words"),
    [("Nobody's", "there is no group Nobody's"), ("Presentation devices", "the group Presentation devices is empty")],
)
def test_a_group_that_is_not_there_or_empty_is_refused(bare_door: Door, group: str, words: str) -> None:
    applied = _apply(bare_door, WINDOWS, storage_block_removable_storage=True, assigned_to=[group])

    assert applied.exit == 5
    assert words in " ".join((applied.out + applied.err).split())


def test_one_of_the_same_name_that_others_made_is_a_look_alike(bare_door: Door) -> None:
    _apply(bare_door, WINDOWS, game_dvr_blocked=True)
    _edit(bare_door.tenant, description="Somebody's")
    bare_door.forget()

    plan = bare_door.toolkit("plan")

    assert plan.exit == 5
    assert "adopt" in plan.out + plan.err


def test_one_that_is_not_wanted_any_more_is_left_until_pruned(bare_door: Door) -> None:
    _apply(bare_door, WINDOWS, game_dvr_blocked=True)
    bare_door.write("10-ours.yaml", playbook())

    left = bare_door.toolkit("apply", "--yes")

    assert left.exit == 0, left.out + left.err
    assert _stored(bare_door.tenant)["gameDvrBlocked"] is True
