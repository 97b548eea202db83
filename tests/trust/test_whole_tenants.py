"""A school that is alone in a tenant, or in a cloud of a tenant, has everyone there and needs no group."""

from pathlib import Path

import pytest

from tests.door import open_door
from tests.emulated import Tenant
from tests.schools import few_people

pytestmark = few_people

ONE_SCHOOL = """\
trust: Harbour Learning Trust
tenants:
  main: {{microsoft365: {{tenant_id: {tenant_id}, domain: {domain}}}}}
base: base/
mode: enforce
schools:
  OAK: {{name: Oak Primary School, domains: [oak.example], microsoft365: {{tenant: main}}}}
"""
GOOGLE_ALONE = """\
trust: Harbour Learning Trust
tenants:
  main:
    microsoft365: {{tenant_id: {tenant_id}, domain: {domain}}}
    google_workspace: {{customer_id: {customer_id}, domain: {domain}}}
base: base/
mode: enforce
schools:
  OAK:
    name: Oak Primary School
    domains: [oak.example]
    microsoft365: {{everyone: leadership@{domain}}}
    google_workspace: {{}}
  HQ: {{name: Central team, central: true, microsoft365: {{everyone: trip-leaders@{domain}}}}}
"""
RULES = """\
playbook: rules
title: Rules
owner: Chief Executive
controls:
  - mail.disclaimer: {for: everyone, scope: all, text_file: text.html, phrase: from our trust}
"""


@pytest.mark.parametrize(
    ("trust", "audience"),
    [(ONE_SCHOOL, []), (GOOGLE_ALONE, ["leadership", "trip-leaders"])],
    ids=["alone in its tenant", "alone on one cloud of a shared tenant"],
)
def test_a_school_that_is_the_whole_tenant_reaches_everyone_there(
    tenant: Tenant, tmp_path: Path, trust: str, audience: list[str]
) -> None:
    door = open_door(tenant, tmp_path, samples=False)
    names = {"tenant_id": tenant.tenant_id, "customer_id": tenant.customer_id, "domain": tenant.domain}
    folder = _write(tmp_path / "trust", trust.format(**names), RULES)

    validated = door("validate", folder)
    planned = door("plan", folder, "--json")

    assert (validated.exit, planned.exit) == (0, 3), validated.err + planned.err + planned.out
    changes = {change["address"]: change for change in planned.json["changes"]}
    (rule,) = [change for address, change in changes.items() if "transport_rule" in address]
    fields = {field["path"]: field["after"] for field in rule["fields"]}
    assert fields.get("from_member_of", []) == [f"{name}@{tenant.domain}" for name in audience]
    signed = [address for address in changes if address.startswith("google_workspace.signature[")]
    people = [user for user in tenant.objects("google.users").values() if not user["suspended"]]
    assert (len(signed) > 0.8 * len(people)) == ("google_workspace" in trust)


def test_a_role_that_no_school_of_a_tenant_has_is_left_out(tenant: Tenant, tmp_path: Path) -> None:
    door = open_door(tenant, tmp_path, samples=False)
    other = "  other: {microsoft365: {tenant_id: 11111111-1111-1111-1111-111111111111, domain: other.example}}\n"
    elm = "  ELM: {name: Elm, domains: [elm.example], microsoft365: {tenant: other, staff: staff@other.example}}\n"
    text = ONE_SCHOOL.format(tenant_id=tenant.tenant_id, domain=tenant.domain)
    text = text.replace("base: base/", f"{other}base: base/") + elm
    folder = _write(tmp_path / "trust", text, RULES.replace("everyone", "staff"))

    planned = door("plan", folder, "--tenant", "main", "--json")

    assert (planned.exit, planned.json["changes"]) == (0, []), planned.err


def _write(folder: Path, trust: str, rules: str) -> Path:
    (folder / "base").mkdir(parents=True)
    (folder / "trust.yaml").write_text(trust)
    (folder / "base" / "10.yaml").write_text(rules)
    (folder / "base" / "text.html").write_text("<p>Sent from our trust.</p>")
    return folder
