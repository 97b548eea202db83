"""Schools of one tenant: equal values make one object, and a school's slice is its entry in the object's lists."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.door import CommandResult, Door, open_door
from tests.emulated import Tenant
from tests.schools import few_people

pytestmark = few_people

TRUST = """\
trust: Harbour Learning Trust
id: k4v7m2qd
tenants:
  main:
    microsoft365: {{tenant_id: {tenant_id}, domain: {domain}}}
base: base/
mode: enforce
decides:
  school: [mail.attachment_block]
  school_may_tighten: [device.compliance]
schools:
  OAK:
    name: Oak Primary School
    domains: [oak.example]
    microsoft365: {{everyone: leadership@{domain}, staff: leadership@{domain}}}
  ELM:
    name: Elm Primary School
    domains: [elm.example]
    microsoft365: {{everyone: all-pupils@{domain}, staff: all-pupils@{domain}}}
    folder: schools/elm
  HQ: {{name: Central team, central: true, microsoft365: {{everyone: trip-leaders@{domain}}}}}
"""
HEAD = "playbook: rules\ntitle: Rules\nowner: Chief Executive\ncontrols:\n"
DISCLAIMER = """\
  - mail.disclaimer: {for: everyone, scope: all, text_file: text.html, phrase: from our trust}
"""
ATTACHMENTS = "  - mail.attachment_block: {for: everyone}\n"
COMPLIANCE = "  - device.compliance: {for: staff, platforms: [windows], lock_minutes: 10}\n"
SOCIAL = "  - web.social_block: {for: everyone, block: [facebook]}\n"
EXCEPTION = """\
exceptions: oak
approved:
  - exception: longer
    control: device.compliance
    for: safeguarding
    change: {lock_minutes: 20}
    reason: Testing
    starts: 2026-11-02 07:00
    ends: 2026-12-20 18:00
    by: Head Teacher
    on: 2026-10-30
"""
RULES = "exchange.transportRules"


@dataclass(frozen=True)
class TrustDoor:
    """A trust of three schools in a tenant of the emulator."""

    door: Door
    folder: Path

    def __call__(self, command: str, *options: str) -> CommandResult:
        return self.door(command, self.folder, *options)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def rules(self) -> dict[str, Any]:
        """Return the mail rules that were made by toolkit, by name."""
        rows = self.door.tenant.objects(RULES).values()
        return {str(row["Name"]): row for row in rows if "k4v7m2qd" in str(row["Comments"])}


@pytest.fixture
def trust(tenant: Tenant, tmp_path: Path) -> TrustDoor:
    door = open_door(tenant, tmp_path, samples=False)
    folder = tmp_path / "trust"
    (folder / "base").mkdir(parents=True)
    (folder / "schools" / "elm").mkdir(parents=True)
    (folder / "trust.yaml").write_text(TRUST.format(tenant_id=tenant.tenant_id, domain=tenant.domain))
    (folder / "base" / "text.html").write_text("<p>Sent from our trust.</p>")
    return TrustDoor(door, folder)


def _group(trust: TrustDoor, *names: str) -> list[str]:
    return [f"{name}@{trust.door.tenant.domain}" for name in names]


def test_equal_values_make_one_rule_for_the_groups_of_all_schools(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + DISCLAIMER)

    first = trust("apply", "--yes")
    second = trust("apply", "--yes")

    assert (first.exit, second.exit) == (0, 0), first.out + first.err
    assert trust.rules().keys() == {"School disclaimer"}
    assert sorted(trust.rules()["School disclaimer"]["FromMemberOf"]) == sorted(
        _group(trust, "leadership", "all-pupils", "trip-leaders")
    )
    assert "nothing to do" in second.out


def test_a_text_with_the_name_of_the_school_makes_a_rule_for_each_school(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + DISCLAIMER)
    trust.write("base/text.html", "<p>{{school.name}}. Sent from our trust.</p>")

    assert trust("apply", "--yes").exit == 0

    texts = {name: row["ApplyHtmlDisclaimerText"] for name, row in trust.rules().items()}
    assert texts.keys() == {"School disclaimer (OAK)", "School disclaimer (ELM)", "School disclaimer (HQ)"}
    assert "Elm Primary School" in texts["School disclaimer (ELM)"]
    assert trust("plan").exit == 0


def test_a_run_for_one_school_touches_only_its_entry_in_a_shared_list(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + DISCLAIMER)

    created = trust("apply", "--yes", "--school", "OAK")
    members = trust.rules()["School disclaimer"]["FromMemberOf"]
    extended = trust("apply", "--yes", "--school", "HQ", "--reach", "1000")

    assert (created.exit, extended.exit) == (0, 0), created.out + extended.out
    assert members == _group(trust, "leadership")
    assert sorted(trust.rules()["School disclaimer"]["FromMemberOf"]) == sorted(
        _group(trust, "leadership", "trip-leaders")
    )
    assert trust("plan", "--school", "OAK,HQ").exit == 0
    assert trust("plan", "--school", "ELM").exit == 3


def test_a_run_for_one_school_changes_no_value_that_others_share(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + DISCLAIMER)
    assert trust("apply", "--yes").exit == 0
    before = newest(trust.door)
    trust.write("base/text.html", "<p>Another text, sent from our trust.</p>")

    one = trust("apply", "--yes", "--school", "OAK")
    written = writes(trust.door, before)
    every = trust("apply", "--yes")

    assert "these values wait for a run for all of them: apply_html_disclaimer_text" in " ".join(one.out.split())
    assert (one.exit, written, every.exit) == (0, [], 0)
    assert "Another text" in trust.rules()["School disclaimer"]["ApplyHtmlDisclaimerText"]


def test_a_setting_of_the_whole_tenant_is_in_no_slice(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + "  - mail.external_tag: {for: everyone}\n")

    school = trust("plan", "--school", "OAK", "--json")
    whole = trust("plan", "--json")

    assert school.json["changes"] == []
    shown = " ".join(trust("plan", "--school", "OAK").out.split())
    assert "external_in_outlook[organisation]: the trust sets this for the whole tenant" in shown
    assert [change["address"] for change in whole.json["changes"]] == ["microsoft365.external_in_outlook[organisation]"]


def test_a_stricter_value_of_a_school_splits_only_its_own_policy(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + COMPLIANCE)
    trust.write("schools/elm/10.yaml", HEAD + COMPLIANCE.replace("10", "5"))

    plan = trust("plan", "--json")

    addresses = {change["address"] for change in plan.json["changes"]}
    assert {
        "microsoft365.windows_compliance_policy[School, staff: Windows]",
        "microsoft365.windows_compliance_policy[School, staff: Windows (ELM)]",
    } <= addresses, plan.out + plan.err


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        (COMPLIANCE.replace("10", "15"), "`lock_minutes` differs from the trust's (trust/base/10.yaml:6)"),
        (DISCLAIMER, "ELM asks for mail.disclaimer, which the trust decides (trust/base/10.yaml:5)"),
        (ATTACHMENTS.replace("everyone", "staff, extensions: [zip]"), "toolkit changes only the existing"),
    ],
)
def test_a_value_that_the_trust_decides_is_refused_with_both_lines(
    trust: TrustDoor, monkeypatch: pytest.MonkeyPatch, own: str, problem: str
) -> None:
    monkeypatch.chdir(trust.folder.parent)
    trust.write("base/10.yaml", HEAD + DISCLAIMER + COMPLIANCE + ATTACHMENTS)
    trust.write("schools/elm/10.yaml", HEAD + own)
    trust.write("schools/elm/text.html", "<p>Sent from our trust.</p>")

    refused = trust.door("plan", Path("trust"))

    assert refused.exit == 2
    assert "trust/schools/elm/10.yaml:5:" in refused.err
    assert problem in refused.err


def test_a_school_that_leaves_is_taken_out_of_the_lists(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + DISCLAIMER)
    assert trust("apply", "--yes").exit == 0
    text = (trust.folder / "trust.yaml").read_text()
    trust.write("trust.yaml", "\n".join(line for line in text.splitlines() if not line.startswith("  HQ:")))

    left = trust("apply", "--yes", "--lose", "100")

    assert left.exit == 0, left.out + left.err
    assert sorted(trust.rules()["School disclaimer"]["FromMemberOf"]) == sorted(
        _group(trust, "leadership", "all-pupils")
    )


@pytest.mark.parametrize("words", [("rollback", "last"), ("withdraw",)])
def test_a_rollback_of_a_part_of_a_tenant_is_refused(trust: TrustDoor, words: tuple[str, ...]) -> None:
    trust.write("base/10.yaml", HEAD + DISCLAIMER)

    refused = trust.door(*words, trust.folder, "--school", "OAK,ELM")

    assert refused.exit == 2
    assert "--school OAK,ELM: the tenant is also HQ's, and this command is for a whole tenant" in refused.err


def test_a_group_that_is_gone_stops_only_its_own_school(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + DISCLAIMER)
    assert trust("apply", "--yes").exit == 0
    text = (trust.folder / "trust.yaml").read_text()
    trust.write("trust.yaml", text.replace("everyone: trip-leaders@", "everyone: no-one@"))
    trust.write("base/text.html", "<p>Another text, sent from our trust.</p>")

    unknown = trust("apply", "--yes")

    assert unknown.exit == 4
    rule = trust.rules()["School disclaimer"]
    assert "Another text" in rule["ApplyHtmlDisclaimerText"]
    assert sorted(rule["FromMemberOf"]) == sorted(_group(trust, "leadership", "all-pupils", "trip-leaders"))


def test_a_person_in_two_schools_needs_a_home_and_gets_one_disclaimer(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + DISCLAIMER)
    trust.write("base/text.html", "<p>{{school.name}}. Sent from our trust.</p>")
    text = (trust.folder / "trust.yaml").read_text().replace("everyone: trip-leaders@", "everyone: all-staff@")
    trust.write("trust.yaml", text)

    without = trust("plan")
    people = re.findall(r"(\S+@\S+) is in leadership@\S+ \(OAK\) and all-staff@\S+ \(HQ\)", without.err)
    trust.write("trust.yaml", f"{text}people: home.csv\n")
    trust.write("home.csv", "\n".join(["address,school", *(f"{person},OAK" for person in people)]) + "\n")
    applied = trust("apply", "--yes")

    assert (without.exit, applied.exit) == (2, 0), without.out + applied.out + applied.err
    assert people
    rules = trust.rules()
    assert sorted(rules["School disclaimer (HQ)"]["ExceptIfFrom"]) == sorted(people)
    assert not rules["School disclaimer (OAK)"]["ExceptIfFrom"]


def test_accounts_that_are_in_no_school_are_a_finding_of_the_whole_tenant(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + DISCLAIMER + COMPLIANCE)

    whole = trust("check", "--json")
    one = trust("check", "--json", "--school", "OAK")

    (finding,) = [row for row in whole.json["findings"] if row["control"] == "accounts of no school"]
    assert finding["status"] == "fail"
    assert "accounts are in no school's group" in finding["reason"]
    subjects = {row["subject"] for row in one.json["findings"]}
    assert subjects
    assert not any("ELM" in subject or "no school" in subject for subject in subjects)


def test_an_exception_of_a_school_leaves_its_group_out_of_the_shared_policy(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", HEAD + COMPLIANCE.replace("staff", "everyone"))
    (dsl,) = _group(trust, "dsl")
    text = (trust.folder / "trust.yaml").read_text()
    text = text.replace("staff: leadership@", f"roles: {{safeguarding: {dsl}}}, staff: leadership@")
    trust.write("trust.yaml", text.replace("  ELM:", "    folder: schools/oak\n  ELM:"))
    (trust.folder / "schools" / "oak").mkdir()
    trust.write("schools/oak/90.yaml", EXCEPTION)

    plan = trust("plan", "--json")

    changes = {change["address"]: change for change in plan.json["changes"]}
    shared = changes["microsoft365.windows_compliance_policy[School, everyone: Windows]"]
    fields = {field["path"]: field["after"] for field in shared["fields"]}
    assert fields["excluded"] == [dsl]
    assert sorted(fields["assigned_to"]) == sorted(_group(trust, "leadership", "all-pupils", "trip-leaders"))


def test_a_control_for_everyone_is_assigned_to_the_groups_of_schools_and_never_to_all_users(trust: TrustDoor) -> None:
    trust.write("base/10.yaml", f"{HEAD}{COMPLIANCE.replace('staff', 'everyone')}{SOCIAL}")

    plan = trust("plan", "--json")

    assert plan.json["summary"]["create"] > 1, plan.out + plan.err
    assert "all users" not in str([change["fields"] for change in plan.json["changes"]])
    addresses = [change["address"] for change in plan.json["changes"]]
    assert len(addresses) == len(set(addresses))
    assert any(address.startswith("microsoft365.defender_indicator") for address in addresses)
