"""Lists for people are written for the computer: no verdict claims more of a shared one."""

import pytest

from tests.cases import playbook, resource
from tests.door import Door

DEVICES = "intune.managedDevices"
STAFF = "all-staff@example-primary.example"
POLICY, WINDOWS = "microsoft365.browser_url_policy", "microsoft365.windows_configuration"
CONTROL = (
    "playbook: web\ntitle: Chat\nclauses: [SYS-10]\ncontrols:\n  - web.chat_im_block:\n      for: staff\n"
    '      block: [whatsapp]\n      adopt: {"School web: staff": LA Edge baseline}\n'
)
DECIDES = "and there the person who signs in decides for everyone"


@pytest.fixture
def school(bare_door: Door) -> Door:
    """Apply a list for the staff."""
    bare_door.write("10-web.yaml", CONTROL)
    applied = bare_door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    return bare_door


def _outcome(door: Door) -> str:
    """Give the outcome of the lists by a plan."""
    (control,) = [one for one in door.toolkit("plan", "--json").json["controls"] if one["provider"] == "microsoft365"]
    return next(str(part["outcome"]) for part in control["parts"] if part["part"] == "browser lists")


def _maybes(door: Door) -> list[str]:
    return [one["reason"] for one in door.toolkit("plan", "--json").json["maybes"]]


def _own(door: Door) -> None:
    """Give every computer a person of its own."""
    for key, device in door.tenant.objects(DEVICES).items():
        person = device["userId"] or "11111111-2222-3333-4444-555555555555"
        door.tenant.patch(DEVICES, key, userId=person, deviceCategoryDisplayName="Staff laptop")


def test_on_a_shared_computer_the_plan_says_maybe_and_the_lists_are_in_place_in_part(school: Door) -> None:
    plan = school.toolkit("plan", "--json")

    (maybe,) = plan.json["maybes"]
    assert (plan.exit, maybe["whole"]) == (0, False)
    assert maybe["reason"] == f"1 of 10 Windows computers is shared or without a main user, {DECIDES}"
    assert _outcome(school) == "in part"
    browsers = plan.json["coverage"][0]["surfaces"][0]
    assert browsers["clouds"]["microsoft365"] == "written, not proven"


def test_where_each_computer_is_of_one_person_the_lists_are_in_place(school: Door) -> None:
    _own(school)

    assert _maybes(school) == []
    assert _outcome(school) == "in place"


def test_where_all_are_shared_nothing_is_known(school: Door) -> None:
    for key in school.tenant.objects(DEVICES):
        school.tenant.patch(DEVICES, key, userId="")

    assert _outcome(school) == "unknown"


def test_where_devices_may_not_be_read_it_is_not_known_whether_they_are_shared(school: Door) -> None:
    school.tenant.fault("refused", "GET /deviceManagement/managedDevices", times=100)

    (why,) = _maybes(school)

    assert why.startswith("it is unknown whether Windows computers are shared: ")
    assert _outcome(school) == "unknown"


def test_what_is_for_devices_is_the_same_for_everyone_who_signs_in(bare_door: Door) -> None:
    settings = {"password_minimum_length": 8, "assigned_to": ["all devices"]}
    bare_door.write("10-ours.yaml", playbook(resource(WINDOWS, "Ours", settings)))

    assert _maybes(bare_door) == []


def test_a_single_object_for_people_is_told_too(bare_door: Door) -> None:
    settings = {"password_minimum_length": 8, "assigned_to": [STAFF]}
    bare_door.write("10-ours.yaml", playbook(resource(WINDOWS, "Ours", settings)))

    (why,) = _maybes(bare_door)

    assert why.endswith(DECIDES)
