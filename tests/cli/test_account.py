"""`toolkit account`: the settings that reach an account, without anything about the person, and the record of it."""

import json
import re
from typing import Any

import pytest

from tests.door import GOOGLE, MICROSOFT, CommandResult, Door
from tests.schools import few_people

pytestmark = few_people

TEACHER = "harun.hazelwood@example-primary.example"
LEADER = "callum.copperfield@example-primary.example"
FIRST = "Settings that apply to this account. Nothing about what the person does."
HOLDS = "Legal holds are not shown here."
_SITES = "users.UrlBlocking"


def ask(door: Door, address: str, *options: str, why: str = "support") -> CommandResult:
    return door("account", address, door.playbooks, "--why", why, *options)


def settings_of(answered: CommandResult, title: str) -> list[dict[str, Any]]:
    return [row for cloud in answered.json["clouds"] for row in cloud["settings"] if row["title"] == title]


def group_key(door: Door, name: str) -> str:
    address = f"{name}@{door.tenant.domain}"
    return next(key for key, row in door.tenant.objects("google.groups").items() if row["email"] == address)


def set_sites(door: Door, place: str, site: str) -> None:
    body = {
        "targetKey": {"targetResource": place},
        "policySchema": f"chrome.{_SITES}",
        "value": {"urlBlocklist": [site]},
    }
    door.tenant.put("google.chromePolicies", f"{place}/chrome.{_SITES}", body)


def join_group(door: Door, group: str, address: str) -> None:
    users = door.tenant.objects("google.users").items()
    key = next(key for key, row in users if row["primaryEmail"] == address)
    row = {"id": key, "email": address, "role": "MEMBER", "status": "ACTIVE", "type": "USER"}
    door.tenant.put("google.members", f"{group}/{key}", row)


def test_the_answer_says_what_it_is_about_and_that_holds_are_not_in_it(door: Door) -> None:
    answered = ask(door, TEACHER)

    assert answered.out.splitlines()[:2] == [FIRST, HOLDS]
    assert f"Rules that reach {TEACHER}" in answered.out
    assert "clause" not in answered.out


def test_a_group_goes_before_the_unit_and_the_answer_names_both(door: Door) -> None:
    leaders = group_key(door, "trip-leaders")
    join_group(door, leaders, TEACHER)
    set_sites(door, f"groups/{leaders}", "trips.example")

    answered = ask(door, TEACHER, "--provider", GOOGLE)
    shown = ask(door, TEACHER, "--provider", GOOGLE, "--json")

    group = "trip-leaders@example-primary.example"
    assert f"URL blocking: {_SITES} @ group:{group} (the group {group})" in answered.out
    assert f"instead of {_SITES} @ / (the unit /)" in answered.out
    (row,) = [row for row in settings_of(shown, "URL blocking") if row["setting"] == "url_blocklist"]
    assert (row["outcome"], row["value"]) == ("value", ["trips.example"])
    assert row["winners"] == [
        {
            "kind": "chrome_policy",
            "name": f"{_SITES} @ group:{group}",
            "via": [f"the group {group}"],
        }
    ]
    assert [layer["name"] for layer in row["losers"]] == [f"{_SITES} @ /"]


def test_two_policies_with_different_values_cancel_each_other(door: Door) -> None:
    policies = door.tenant.objects("intune.configurationPolicies")
    key, policy = next((key, row) for key, row in policies.items() if row["name"] == "Trust - Windows - OneDrive")
    written = json.dumps({**policy, "id": "a0000000-0000-4000-8000-000000000001", "name": "Other"})
    assert "silentaccountconfig_1" in written
    other = json.loads(written.replace("silentaccountconfig_1", "silentaccountconfig_0").replace(key, "other"))
    door.tenant.put("intune.configurationPolicies", "a0000000-0000-4000-8000-000000000001", other)

    answered = ask(door, TEACHER, "--provider", MICROSOFT)

    assert answered.exit == 3
    assert "is not set, because Trust - Windows - OneDrive and Other differ and cancel each other." in answered.out


def test_an_exception_is_named_with_its_end_and_without_its_reason(door: Door) -> None:
    join_group(door, group_key(door, "trip-leaders"), LEADER)

    during = ask(door, LEADER, "--at", "2026-11-26T09:00", "--provider", GOOGLE, why="exception")
    now = ask(door, LEADER, "--provider", GOOGLE, why="exception")

    assert "Exception trip-november for web.chat_im_block, until 27 November 2026, 18:00." in during.out
    assert "Residential" not in during.out
    assert "Only exceptions and pilots are for this time." in during.out
    assert "trip-november" not in now.out


def test_after_the_plan_the_differences_come_first(door: Door) -> None:
    answered = ask(door, TEACHER, "--after-plan", "--provider", GOOGLE)

    assert answered.exit == 3
    lines = answered.out.splitlines()
    change = lines.index("  The plan changes for this account:")
    assert lines.index("  After the plan:") > change
    assert any(line.startswith("    URL blocking url_blocklist: 40 entries") for line in lines[change:])
    assert not any("devices." in line for line in lines)


def test_a_site_can_be_looked_for(door: Door) -> None:
    found = ask(door, TEACHER, "--provider", GOOGLE, "--find", "www.Proxy-Hub.example")
    missing = ask(door, TEACHER, "--provider", GOOGLE, "--find", "lessons.example")

    assert "      url_blocklist: proxy-hub.example" in found.out.splitlines()
    assert "Safe Browsing" not in found.out
    assert "  No setting that toolkit reads contains lessons.example." in missing.out


def test_an_unknown_account_is_refused_without_near_names(door: Door) -> None:
    answered = ask(door, "harun.hazelwod@example-primary.example")

    assert answered.exit == 2
    assert "no cloud of the school has an account with this address" in answered.err
    assert "hazelwood" not in answered.out + answered.err


def test_the_question_is_in_the_ledger_under_a_pseudonym_and_the_person_can_see_it(door: Door) -> None:
    ask(door, TEACHER, "--provider", GOOGLE, why="access-request")

    listed = door("audit", "person", TEACHER)
    assert re.search(r"person-[0-9a-f]{16} --why access-request", listed.out)
    assert TEACHER not in listed.out
    assert door("audit", "verify").exit == 0


def test_nothing_about_the_person_is_in_the_answer(door: Door) -> None:
    user = next(row for row in door.tenant.objects("google.users").values() if row["primaryEmail"] == TEACHER)

    answered = ask(door, TEACHER, "--json")

    for private in (user["name"]["fullName"], user["lastLoginTime"], "lastSync", "enableAutoReply", "Forwarding"):
        assert private not in answered.out


@pytest.mark.parametrize("provider", [MICROSOFT, GOOGLE])
def test_a_cloud_that_cannot_be_read_is_unknown_and_where_to_look_is_named(door: Door, provider: str) -> None:
    operation = "GET /identity/conditionalAccess/policies" if provider == MICROSOFT else "cloudidentity.policies.list"
    door.tenant.fault("refused", operation)

    answered = ask(door, TEACHER, "--provider", provider)

    assert answered.exit == 4
    assert "Could not be read: " in answered.out or "Cannot tell: " in answered.out


@pytest.mark.parametrize(
    ("exception", "outcome"),
    [({}, "value"), ({"ExceptIfFrom": [TEACHER]}, "cannot_tell"), ({"ExceptIfFrom": [LEADER]}, "value")],
)
def test_a_mail_rule_with_an_exception_about_the_account_is_not_claimed(
    exception: dict[str, Any], outcome: str, door: Door
) -> None:
    rule = {"Name": "Footer", "State": "Enabled", "Mode": "Enforce", "Priority": 0, "PrependSubject": "[x]"}
    door.tenant.put("exchange.transportRules", "Footer", {**rule, "Guid": "Footer", **exception})

    rows = settings_of(ask(door, TEACHER, "--provider", MICROSOFT, "--json"), "mail rule")

    shown = {row["outcome"] for row in rows for layer in (*row["winners"], *row["losers"]) if layer["name"] == "Footer"}
    assert shown == {outcome}
