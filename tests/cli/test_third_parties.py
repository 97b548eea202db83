"""Files that leave the school, and apps that get in: what must be counted first, over the command line."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.door import Answered, Door

_ENTRY = """\
playbook: third-parties
title: Data goes to others only as agreed
owner: Data Protection Officer
clauses: [SYS-06]
mode: enforce
controls:
  - {control}:
      for: staff
"""
SHARING, REVIEWED = "data.external_sharing", "links_reviewed: {by: Data Protection Officer, on: 2026-11-02}"
LEVEL, GUESTS, DOMAINS = (f"microsoft365.sharing_setting[{name}]" for name in ("level", "guests", "domains"))
ALLOWLIST = "google_workspace.domain_allowlist[organisation without /Pupils]"


def _run(door: Door, command: str, control: str, *lines: str) -> Answered:
    entry = _ENTRY.format(control=control) + "".join(f"      {line}\n" for line in lines)
    door.write("third-parties.yaml", entry)
    return door.toolkit(command, "--json", *(["--yes"] if command == "apply" else []))


def _refused(answer: Answered) -> Mapping[str, str]:
    return {row["address"]: row["reason"] for row in answer.json["refused"]}


def _changed(answer: Answered) -> set[str]:
    return {row["address"] for row in answer.json["changes"]}


def _sharepoint(door: Door) -> Mapping[str, Any]:
    return door.tenant.objects("sharepoint.settings")["settings"]


def test_a_lower_level_of_sharing_waits_for_a_person_who_looked_at_the_links(bare_door: Door) -> None:
    asked = ("level: guests_who_sign_in", "partner_domains: [partner.example]", "pupils: pupils")

    refused = _run(bare_door, "apply", SHARING, *asked)
    before = _sharepoint(bare_door)
    done = _run(bare_door, "apply", SHARING, *asked, REVIEWED)
    after, again = _sharepoint(bare_door), bare_door.toolkit("drift")

    assert _refused(refused).keys() == {LEVEL, DOMAINS}
    assert all("links not counted" in reason for reason in _refused(refused).values())
    assert (before["sharingCapability"], before["sharingDomainRestrictionMode"]) == (
        "externalUserAndGuestSharing",
        "none",
    )
    assert refused.exit == 5
    assert done.exit == 0
    assert (after["sharingCapability"], after["sharingAllowedDomainList"]) == (
        "externalUserSharingOnly",
        ["partner.example"],
    )
    assert again.exit == 0, again.out


def test_a_wider_level_waits_for_no_one_and_a_raw_entry_closes_nothing(bare_door: Door) -> None:
    bare_door.tenant.patch("sharepoint.settings", "settings", sharingCapability="disabled")

    wider = _run(bare_door, "plan", SHARING, "level: existing_guests")
    bare_door.tenant.patch("sharepoint.settings", "settings", sharingCapability="externalUserSharingOnly")
    bare_door.write(
        "third-parties.yaml",
        "playbook: raw\ntitle: Raw\nowner: IT\nclauses: [SYS-06]\nresources:\n"
        "  - microsoft365.sharing_setting: level\n    sharing_level: disabled\n",
    )
    raw = bare_door.toolkit("plan", "--json")

    assert LEVEL in _changed(wider)
    assert not _refused(wider)
    assert _refused(raw).keys() == {LEVEL}


@pytest.mark.parametrize("unit", ["/Pupils", "/Pupils/Year 6"])
def test_a_trusted_domain_is_refused_while_it_would_open_to_a_unit_of_pupils(google_door: Door, unit: str) -> None:
    units = google_door.tenant.objects("google.orgunits")
    asked = ("level: guests_who_sign_in", "partner_domains: [Partner.example]", "pupils: pupils")
    (key,) = [key for key, row in units.items() if row["orgUnitPath"] == unit]
    opened = {
        "name": "policies/opened",
        "policyQuery": {"orgUnit": f"orgUnits/{key}", "sortOrder": 900},
        "setting": {
            "type": "settings/drive_and_docs.external_sharing",
            "value": {"externalSharingMode": "ALLOWLISTED_DOMAINS"},
        },
        "type": "ADMIN",
    }
    google_door.tenant.put("google.policies", "opened", opened)

    refused = _run(google_door, "apply", SHARING, *asked)
    trusted = [row["domain"] for row in google_door.tenant.objects("google.allowlistedDomains").values()]
    google_door.tenant.delete("google.policies", "opened")
    done = _run(google_door, "apply", SHARING, *asked)
    after = {row["domain"] for row in google_door.tenant.objects("google.allowlistedDomains").values()}

    assert unit in _refused(refused)[ALLOWLIST]
    assert trusted == ["trust.example"]
    assert done.exit == 0, done.out + done.err
    assert after == {"trust.example", "partner.example"}
    assert google_door.toolkit("drift").exit == 0


def test_a_list_of_domains_needs_the_unit_of_pupils(google_door: Door) -> None:
    unnamed = _run(google_door, "plan", SHARING, "partner_domains: [partner.example]")
    by_group = _run(google_door, "plan", SHARING, "partner_domains: [partner.example]", "pupils: leadership")
    (part,) = [part for part in by_group.json["controls"][0]["parts"] if part["part"] == "partner domains"]

    assert unnamed.exit == 2
    assert "needs `pupils`" in unnamed.err
    assert part["level"] == "manual"
    assert not _changed(by_group)
