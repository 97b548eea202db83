"""A rollback is judged as a plan is: it puts nothing back that would take a setting from people or keep a rule idle."""

import pytest

from tests.cases import newest, playbook, resource, writes
from tests.contract.rules import apply, rule, write_rules
from tests.door import Door
from tests.google_workspace.chrome_policies import BLOCKING, set_by_hand, unit
from tests.schools import TWENTY_PEOPLE, Schools

LEADERS = "leadership@example-primary.example"
LIST = f"users.UrlBlocking @ group:{LEADERS}"
OURS = {"password_minimum_length": 8, "assigned_to": ["all devices"]}


@pytest.fixture
def school(schools: Schools) -> Door:
    return schools.build(TWENTY_PEOPLE)


def _ask(door: Door, *resources: str) -> None:
    door.write("20-others.yaml", playbook(*resources, slug="others"))


def _run_to_undo(door: Door) -> str:
    """Apply a rule that stops the others, a list for a group and a policy for all devices; take back each of them."""
    policy = resource("microsoft365.windows_configuration", "Ours", OURS)
    write_rules(door, rule("A", prepend_subject="[A] ", stop_rule_processing=True))
    _ask(door, resource("google_workspace.chrome_policy", LIST, {"url_blocklist": ["whatsapp.com"]}), policy)
    apply(door)
    write_rules(door, rule("A", prepend_subject="[A] ", stop_rule_processing=False))
    _ask(door, policy.replace("all devices", LEADERS))
    apply(door, "--prune", "--allow-deletes", "9", "--lose", "23")
    return str(door("audit", "log", "--json").json["runs"][0]["run"])


def test_what_is_in_place_since_then_is_not_taken_away(school: Door) -> None:
    run = _run_to_undo(school)
    write_rules(school, rule("A", prepend_subject="[A] ", stop_rule_processing=False), rule("B"))
    apply(school)
    tenant = school.tenant
    set_by_hand(tenant, unit(tenant, "/Staff"), BLOCKING, {"urlBlocklist": ["theirs.example"]})
    tenant.put(
        "intune.deviceConfigurations",
        "99999999-2222-3333-4444-555555555555",
        {
            "@odata.type": "#microsoft.graph.windows10GeneralConfiguration",
            "id": "99999999-2222-3333-4444-555555555555",
            "displayName": "Trust restrictions",
            "description": None,
            "passwordMinimumLength": 6,
            "assignments": [
                {
                    "target": {
                        "@odata.type": "#microsoft.graph.allDevicesAssignmentTarget",
                        "deviceAndAppManagementAssignmentFilterId": None,
                        "deviceAndAppManagementAssignmentFilterType": "none",
                    }
                }
            ],
        },
    )
    before = newest(school)

    back = school("rollback", run, school.playbooks, "--yes", "--json", "--reach", "999")

    refused = {one["address"].partition(".")[2]: one["reason"] for one in back.json["refused"]}
    assert back.exit == 5, back.out + back.err
    assert writes(school, before) == []
    assert set(refused) == {"transport_rule[A]", f"chrome_policy[{LIST}]", "windows_configuration[Ours]"}, refused
    assert "it stops the processing of later rules" in refused["transport_rule[A]"]
    assert "who would lose theirs.example" in refused[f"chrome_policy[{LIST}]"]
    assert "Trust restrictions" in refused["windows_configuration[Ours]"]


def test_with_nothing_in_the_way_all_of_it_is_put_back(school: Door) -> None:
    run = _run_to_undo(school)

    back = school("rollback", run, school.playbooks, "--yes", "--json", "--reach", "999")

    assert (back.exit, back.json["refused"]) == (0, []), back.out + back.err
    assert len(back.json["changes"]) == 3
