"""A block of apps and sites: one word in a playbook, closed wherever a cloud can close it, and said where not."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.contract.rules import apply
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

WHATSAPP = """\
playbook: chat
title: Chat
owner: Head Teacher
controls:
  - web.chat_im_block:
      for: everyone
      block: [whatsapp]
      adopt: {"School web: everyone": LA Edge baseline}
"""
NETWORK = """\
attestations: network
confirmed:
  - {control: web.chat_im_block, provider: school, part: network filter, by: Head Teacher, on: 2026-09-07}
"""
STAFF = """\
playbook: chat
title: Chat
owner: Head Teacher
controls:
  - web.chat_im_block: {for: staff, block: [whatsapp, signal]}
  - web.social_block: {for: staff, block: [tiktok]}
"""

CLOSED = {
    "Chrome or Edge, signed in with a school account": "written, not proven",  # a computer of Intune is shared
    "other browsers on the school's computers": "written, not proven",
    "the app on the school's Windows computers": "open",
    "the Android app on Chromebooks": "closed",
    "supervised iPads in this Intune": "closed",
    "iPads that another system manages": "not seen",
    "the work profile of Android phones": "closed",
    "the personal side of Android phones": "open",
    "the school's network (filter, firewall)": "not seen",
    "the guest Wi-Fi": "not seen",
    "personal phones on mobile data": "open",
}
"""What the table has for each way once the block is written."""


@pytest.fixture
def school(wide_door: Door) -> Door:
    wide_door.write("40-chat.yaml", WHATSAPP)
    return wide_door


def _states(table: Mapping[str, Any]) -> dict[str, str]:
    return {one["surface"]: one["state"] for one in table["surfaces"]}


def _hosts(door: Door, unit: str) -> set[str]:
    """Give what the Chrome list of a unit itself holds; nothing where it inherits its list."""
    (key,) = [key for key, one in door.tenant.objects("google.orgunits").items() if one["orgUnitPath"] == unit]
    policies = door.tenant.objects("google.chromePolicies")
    own = policies.get(f"orgunits/{key}/chrome.users.UrlBlocking", {"value": {}})
    return set(own["value"].get("urlBlocklist", []))


def test_one_word_closes_every_way_that_a_cloud_can_close_and_plans_say_which(school: Door) -> None:
    text = school.toolkit("plan").out
    assert "Where web.chat_im_block for everyone closes WhatsApp" in text
    assert f"\n  {'not yet':<8}  Chrome or Edge, signed in with a school account;" in text
    assert f"\n  {'not seen':<8}  iPads that another system manages; the school's network (filter, firewall);" in text
    assert "web.chat_im_block on school: guest Wi-Fi: manual" in text

    (planned,) = school.toolkit("plan", "--json").json["coverage"]
    first = apply(school)
    before = newest(school)
    (written,) = first.json["coverage"]
    (table,) = school.toolkit("plan", "--json").json["coverage"]
    closed = {way for way, state in _states(table).items() if state in {"closed", "written, not proven"}}
    assert {way for way, state in _states(planned).items() if state == "not yet"} == closed
    assert _states(written) == _states(table) == CLOSED
    assert (table["control"], table["for"], table["apps"]) == ("web.chat_im_block", "everyone", ["WhatsApp"])

    assert {one["address"].partition("[")[0] for one in first.json["outcomes"]} == {
        "google_workspace.chrome_policy",
        "microsoft365.browser_url_policy",
        "microsoft365.defender_indicator",
        "microsoft365.ios_configuration",
        "microsoft365.managed_app_removal",
    }
    assert school.toolkit("apply", "--yes").exit == 0
    assert writes(school, before) == []
    brief, whole = school.toolkit("plan").out, school.toolkit("plan", "-v").out
    assert " not set by toolkit and the ways to 1 group of apps\n" in brief
    assert "Where web.chat_im_block" not in brief
    assert "guest Wi-Fi: manual" not in brief
    assert f"\n  {'not seen':<19}  the guest Wi-Fi\n" in whole
    assert "web.chat_im_block on school: guest Wi-Fi: manual" in whole


def test_the_school_s_network_is_closed_once_somebody_confirms_it(school: Door) -> None:
    school.write("90-network.yaml", NETWORK)

    (table,) = school.toolkit("plan", "--json").json["coverage"]
    check = school.toolkit("check", "--json")

    assert _states(table)["the school's network (filter, firewall)"] == "attested"
    (seen,) = check.json["coverage"]
    not_yet = {way for way, state in _states(table).items() if state == "not yet"}
    of_school = {one["subject"]: one["status"] for one in check.json["findings"] if one["provider"] == "school"}
    assert of_school == {"network filter": "pass", "guest Wi-Fi": "manual"}
    assert {way for way, state in _states(seen).items() if state == "not looked at"} == not_yet
    assert {way: state for way, state in _states(seen).items() if way not in not_yet} == {
        way: state for way, state in _states(table).items() if way not in not_yet
    }


def test_a_second_policy_on_one_setting_is_refused_and_nothing_of_theirs_is_touched(school: Door) -> None:
    school.write("40-chat.yaml", WHATSAPP.replace('      adopt: {"School web: everyone": LA Edge baseline}\n', ""))
    before = school.tenant.objects("intune.configurationPolicies")

    answer = school.toolkit("apply", "--yes")

    (table,) = school.toolkit("plan", "--json").json["coverage"]
    browser = table["surfaces"][0]
    assert (browser["state"], browser["clouds"]["microsoft365"]) == ("open", "open")
    assert '"LA Edge baseline" sets' in browser["given"]
    assert answer.exit == 5
    assert '"LA Edge baseline" sets' in answer.out
    assert school.tenant.objects("intune.configurationPolicies") == before


def test_controls_for_the_same_people_share_a_list_and_what_one_drops_is_taken_out(wide_door: Door) -> None:
    path = wide_door.write("40-chat.yaml", STAFF)
    root, pupils = _hosts(wide_door, "/"), _hosts(wide_door, "/Pupils")
    apply(wide_door, "--provider", "google_workspace")
    together = _hosts(wide_door, "/Staff")
    path.write_text(STAFF.replace("[whatsapp, signal]", "[whatsapp]"))
    apply(wide_door, "--provider", "google_workspace")

    assert len(root) == 40
    assert {"whatsapp.com", "signal.org", "tiktok.com"} <= together
    assert root <= together
    assert "signal.org" not in _hosts(wide_door, "/Staff")
    assert {"whatsapp.com", "tiktok.com"} | root <= _hosts(wide_door, "/Staff")
    assert (_hosts(wide_door, "/"), _hosts(wide_door, "/Pupils")) == (root, pupils)


def test_withdrawn_controls_give_back_what_was_there(wide_door: Door) -> None:
    path = wide_door.write("40-chat.yaml", STAFF)
    before = wide_door.tenant.objects("google.chromePolicies")
    apply(wide_door, "--provider", "google_workspace")
    path.write_text(STAFF.replace("{for:", "{mode: off, withdraw: true, for:"))

    apply(wide_door, "--provider", "google_workspace")

    lists = {key: one for key, one in wide_door.tenant.objects("google.chromePolicies").items() if "UrlB" in key}
    assert lists == {key: one for key, one in before.items() if "UrlB" in key}
