"""Twenty-eight schools in one tenant: equal values make one rule and one policy, counted on the wire."""

from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

import pytest

from tests.cases import newest, writes
from tests.door import open_door
from tests.emulated import FEW_PEOPLE, Emulator, Tenant

NUMBER = 28
PEOPLE_OF_EACH = 3
HEAD = """\
trust: Harbour Learning Trust
id: k4v7m2qd
tenants:
  main: {{microsoft365: {{tenant_id: {tenant_id}, domain: {domain}}}}}
base: base/
mode: enforce
schools:
"""
SCHOOL = """\
  S{number}: {{name: School {number}, domains: [s{number}.example], microsoft365: {{everyone: s{number}@{domain}}}}}
"""
RULES = """\
playbook: rules
title: Rules
owner: Chief Executive
controls:
  - mail.disclaimer: {for: everyone, scope: all, text_file: text.html, phrase: from our trust}
  - mail.attachment_block: {for: everyone}
  - device.compliance: {for: everyone, platforms: [windows], lock_minutes: 10}
"""


@pytest.fixture
def tenant(emulator: Emulator) -> Iterator[Tenant]:
    opened = emulator.open_tenant(users=NUMBER * PEOPLE_OF_EACH + 10, staff=FEW_PEOPLE["staff"])
    yield opened
    opened.close()


@pytest.fixture
def trust(tenant: Tenant, tmp_path: Path) -> Path:
    _add_groups(tenant)
    folder = tmp_path / "trust"
    (folder / "base").mkdir(parents=True)
    names = {"tenant_id": tenant.tenant_id, "domain": tenant.domain}
    schools = "".join(SCHOOL.format(number=number, **names) for number in range(NUMBER))
    (folder / "trust.yaml").write_text(HEAD.format(**names) + schools)
    (folder / "base" / "10.yaml").write_text(RULES)
    (folder / "base" / "text.html").write_text("<p>Sent from our trust.</p>")
    return folder


def _add_groups(tenant: Tenant) -> None:
    """Add a group with three people for each school, as Graph and Exchange know it."""
    (group,) = [row for row in tenant.objects("groups").values() if row["mail"] == f"leadership@{tenant.domain}"]
    recipients = tenant.objects("exchange.recipients")
    recipient_key = next(key for key, row in recipients.items() if row["PrimarySmtpAddress"] == group["mail"])
    lists = tenant.objects("exchange.lists")
    people = sorted(key for key, user in tenant.objects("users").items() if user["accountEnabled"])
    for number in range(NUMBER):
        name, own = f"s{number}", str(uuid5(NAMESPACE_DNS, f"s{number}.{tenant.tenant_id}"))
        mail = f"{name}@{tenant.domain}"
        tenant.put("groups", own, {**group, "id": own, "displayName": f"School {number}", "mail": mail,
                                   "mailNickname": name, "proxyAddresses": [f"SMTP:{mail}"]})  # fmt: skip
        members = people[number * PEOPLE_OF_EACH : (number + 1) * PEOPLE_OF_EACH]
        tenant.put("members", own, {"members": members})
        guid = str(uuid5(NAMESPACE_DNS, f"exchange.{name}.{tenant.tenant_id}"))
        changed = {"Name": name, "DisplayName": f"School {number}", "Alias": name, "PrimarySmtpAddress": mail,
                   "EmailAddresses": [f"SMTP:{mail}"], "Guid": guid, "ExternalDirectoryObjectId": own,
                   "Identity": name}  # fmt: skip
        tenant.put("exchange.recipients", guid, {**recipients[recipient_key], **changed})
        if recipient_key in lists:
            tenant.put("exchange.lists", guid, {**lists[recipient_key], **changed})


def test_28_schools_with_equal_values_have_one_rule_and_one_policy(tenant: Tenant, trust: Path, tmp_path: Path) -> None:
    door = open_door(tenant, tmp_path, samples=False)

    applied = door("apply", trust, "--yes")
    made = writes(door, 0)
    before = newest(door)
    again = door("apply", trust, "--yes")

    assert (applied.exit, again.exit) == (0, 0), applied.out + applied.err
    assert writes(door, before) == []
    assert made.count("New-TransportRule") == len(_rules(tenant))
    for rule in _rules(tenant).values():
        groups = rule.get("FromMemberOf") or rule["SentToMemberOf"]
        assert isinstance(groups, list)
        assert sorted(groups) == sorted(f"s{number}@{tenant.domain}" for number in range(NUMBER))
    policies = tenant.objects("intune.compliancePolicies").values()
    (policy,) = [row for row in policies if str(row["displayName"]).startswith("School, everyone")]
    assert len(policy["assignments"]) == NUMBER


def _rules(tenant: Tenant) -> dict[str, dict[str, object]]:
    """Return the mail rules of the trust by name."""
    rows = tenant.objects("exchange.transportRules").values()
    return {str(row["Name"]): row for row in rows if "k4v7m2qd" in str(row["Comments"])}


def test_a_text_with_the_name_of_each_school_makes_28_rules_within_the_limits(
    tenant: Tenant, trust: Path, tmp_path: Path
) -> None:
    door = open_door(tenant, tmp_path, samples=False)
    (trust / "base" / "text.html").write_text("<p>{{school.name}}. Sent from our trust.</p>")

    applied = door("apply", trust, "--yes", "--only", "mail.disclaimer")
    before = newest(door)
    again = door("apply", trust, "--yes", "--only", "mail.disclaimer")

    assert (applied.exit, again.exit) == (0, 0), applied.out + applied.err
    assert _rules(tenant).keys() == {f"School disclaimer (S{number})" for number in range(NUMBER)}
    assert writes(door, before) == []
