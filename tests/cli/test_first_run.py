"""The first run on a live tenant: what it has to show before it is written to, over the vendors' own host names.

The emulator's proxy leads those names to the emulator, as a school's web filter would.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.door import GOOGLE, MICROSOFT, CommandResult, Door, open_door
from tests.emulated import Emulator
from tests.schools import with_people
from toolkit.sdk.first_run import DependentChanges
from toolkit.sdk.providers import facts, kinds, providers

pytestmark = with_people(users=24, staff=10)

REGION = "302"
"""The status of the look-up of Exchange's region, which is a redirect."""

RULE = "microsoft365.transport_rule"
PLAYBOOK = """\
playbook: mail
resources:
  - microsoft365.transport_rule: Copies for the office
    sent_to: [office@oak-primary.example]
    prepend_subject: "[Office] "
"""
DISCLAIMER = """\
playbook: mail
resources:
  - microsoft365.transport_rule: School disclaimer
    beside: true
    from_scope: InOrganization
    sent_to_scope: NotInOrganization
    apply_html_disclaimer_text: "<p>Oak Primary School</p>"
    apply_html_disclaimer_fallback_action: Ignore
"""


@pytest.fixture(autouse=True)
def _where_no_school_is_set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the root of the repository, which `make apply` sets up as a school."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def live_door(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """Open the door of a school of its own that is live as far as toolkit knows."""
    assert emulator.proxy
    monkeypatch.setenv("HTTPS_PROXY", emulator.proxy)
    tenant = emulator.borrow_tenant(users=20, school={"domain": "oak-primary.example"})
    door = open_door(tenant, tmp_path, samples=False, clouds=[MICROSOFT])
    school = door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("example-primary.example", "oak-primary.example"))
    writer = tenant.applications["writer"]
    live = {
        "TOOLKIT_TARGET": "live",
        "TOOLKIT_CA_FILE": emulator.ca_file,
        "TOOLKIT_MICROSOFT365_AUTH": "secret",
        "TOOLKIT_MICROSOFT365_CLIENT_ID": writer["client_id"],
        "TOOLKIT_MICROSOFT365_CLIENT_SECRET": writer["client_secret"],
    }
    yield Door(tenant, door.playbooks, door.state, {**door.variables, **live})
    tenant.close()


def _writes(door: Door) -> list[str]:
    return [one["name"] for request in door.tenant.requests() for one in request["operations"] if one["write"]]


def _unverified_facts(answered: CommandResult) -> list[str]:
    return [one["fact"] for one in answered.json["unverified"]]


def _states(answered: CommandResult) -> dict[str, str]:
    return {one["fact"]: one["state"] for one in answered.json["facts"]}


def _verified(door: Door) -> Path:
    return door.playbooks.parent / "verified.yaml"


@pytest.mark.parametrize("provider", sorted(providers()))
def test_a_fact_names_kinds_and_settings_that_there_are(provider: str) -> None:
    names = [fact.name for fact in facts(provider)]
    assert len(names) == len(set(names))
    for rests in (rests for fact in facts(provider) for rests in fact.rests):
        assert isinstance(rests, DependentChanges)
        assert set(rests.settings) <= set(kinds(provider)[rests.kind].spec.table())


def test_on_the_emulator_every_fact_that_a_read_settles_is_settled_by_reading(door: Door) -> None:
    answered = door.toolkit("doctor", "--first-run", "--json")

    assert answered.exit == 0
    read = {fact.name for name in (MICROSOFT, GOOGLE) for fact in facts(name) if fact.settle}
    read.remove("outside_addresses")  # no rule of the tenant has one
    assert {name for name, state in _states(answered).items() if state == "verified"} == read
    assert {one["status"] for row in answered.json["facts"] for one in row["requests"]} == {"200", REGION}
    assert not _writes(door)


def test_the_file_names_no_person_and_no_tenant(door: Door) -> None:
    door.toolkit("doctor", "--first-run")

    text = (door.playbooks.parent / "first-run.json").read_text()
    assert json.loads(text)["target"] == "emulator"
    assert "@" not in text.replace("Example Primary", "")
    assert door.tenant.tenant_id not in text
    assert door.tenant.domain not in text


def test_what_rests_on_an_unproven_fact_is_never_written_live(live_door: Door) -> None:
    live_door.write("30-mail.yaml", PLAYBOOK)

    planned = live_door.toolkit("plan", "--json")
    applied = live_door.toolkit("apply", "--yes")

    assert (planned.exit, applied.exit) == (0, 0)  # as with `mode: check`
    assert (_unverified_facts(planned), planned.json["changes"]) == (["rule_recipients"], [])
    assert [one["address"] for one in planned.json["checked"]] == [f"{RULE}[Copies for the office]"]
    assert not _writes(live_door)
    said = " ".join(applied.out.split())
    assert f"! 1 change of {RULE} only compared: not verified on this tenant that people in a mail rule" in said
    assert "run `toolkit doctor --first-run`" in said


def test_reading_proves_a_fact_and_then_it_is_written(live_door: Door) -> None:
    live_door.write("30-mail.yaml", PLAYBOOK)

    first = live_door.toolkit("doctor", "--first-run", "--json")
    applied = live_door.toolkit("apply", "--yes", "--json")

    assert (first.exit, _states(first)["rule_recipients"]) == (0, "verified")
    assert (applied.exit, _unverified_facts(applied)) == (0, [])
    assert [one["result"] for one in applied.json["outcomes"]] == ["done"]


def test_a_write_proves_a_fact_once_it_is_read_back(live_door: Door) -> None:
    live_door.write("30-mail.yaml", DISCLAIMER)
    live_door.toolkit("doctor", "--first-run")
    assert _unverified_facts(live_door.toolkit("plan", "--json")) == ["disclaimer_text"]

    written = live_door.toolkit("apply", "--yes", "--unverified", RULE)

    assert written.exit == 0
    assert "disclaimer_text" in _verified(live_door).read_text()
    assert "by: write" in _verified(live_door).read_text()
    live_door.write("30-mail.yaml", DISCLAIMER.replace("Oak Primary", "The Oak Primary"))
    again = live_door.toolkit("plan", "--json")
    assert (_unverified_facts(again), len(again.json["changes"])) == ([], 1)


def test_where_a_read_shows_nothing_the_first_write_does(live_door: Door) -> None:
    for key in live_door.tenant.objects("exchange.transportRules"):
        live_door.tenant.delete("exchange.transportRules", key)
    live_door.write("30-mail.yaml", PLAYBOOK)
    assert _states(live_door.toolkit("doctor", "--first-run", "--json"))["rule_recipients"] == "not_shown"

    written = live_door.toolkit("apply", "--yes", "--json", "--unverified", RULE)

    assert [one["result"] for one in written.json["outcomes"]] == ["done"]
    assert _states(live_door.toolkit("doctor", "--first-run", "--json"))["rule_recipients"] == "verified"


def test_what_is_known_of_exchange_from_other_programs_is_settled_by_reading(live_door: Door) -> None:
    (key, *_) = live_door.tenant.objects("exchange.transportRules")
    live_door.tenant.patch("exchange.transportRules", key, From=["bursar@another.example"])
    names = ("long_lists", "list_keys", "region", "outside_addresses", "compliance_read")

    seen = _states(live_door.toolkit("doctor", "--first-run", "--json"))

    assert {name: seen[name] for name in names} == dict.fromkeys(names, "verified")
    assert not _writes(live_door)


def test_a_second_page_that_is_refused_contradicts_the_fact(live_door: Door) -> None:
    ((key, organization),) = live_door.tenant.objects("organization").items()
    domains = [{**domain, "isInitial": False} for domain in organization["verifiedDomains"]]
    live_door.tenant.patch("organization", key, verifiedDomains=domains)  # the anchor then has the tenant's id

    answered = live_door.toolkit("doctor", "--first-run", "--json")

    assert (answered.exit, _states(answered)["long_lists"]) == (4, "contradicted")
    assert _states(answered)["list_keys"] == "verified"  # recipients are read all the same


def test_a_fact_that_could_not_be_read_stays_unproven(live_door: Door) -> None:
    live_door.write("30-mail.yaml", PLAYBOOK)
    live_door.tenant.fault("refused", "Get-TransportRule", times=50)

    answered = live_door.toolkit("doctor", "--first-run", "--json")

    assert answered.exit == 4
    assert _states(answered)["rule_recipients"] == "unread"
    live_door.tenant.disarm()
    assert _unverified_facts(live_door.toolkit("plan", "--json")) == ["rule_recipients"]


def test_a_copy_for_another_tenant_counts_for_nothing(live_door: Door) -> None:
    live_door.write("30-mail.yaml", PLAYBOOK)
    live_door.toolkit("doctor", "--first-run")
    file = _verified(live_door)
    another = live_door.tenant.emulator.open_tenant(users=60, school={"domain": "oak-primary.example"})
    school = live_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace(live_door.tenant.tenant_id, another.tenant_id))
    writer = another.applications["writer"]
    variables = {
        "TOOLKIT_MICROSOFT365_CLIENT_ID": writer["client_id"],
        "TOOLKIT_MICROSOFT365_CLIENT_SECRET": writer["client_secret"],
    }

    planned = live_door.toolkit("plan", "--json", **variables)
    another.close()

    assert file.is_file()
    assert _unverified_facts(planned) == ["rule_recipients"]


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("2026", "2025", "the file was edited after toolkit wrote it"),
        ("rule_recipients:", "disclaimer_text:", "the file was edited after toolkit wrote it"),
        ("verified: 1", "verified: 2", "its format is 2, and this toolkit reads 1"),
        ("seal: ", "seal: [", "verified.yaml:"),
    ],
)
def test_a_file_that_was_edited_is_refused_with_its_place(live_door: Door, was: str, becomes: str, said: str) -> None:
    live_door.toolkit("doctor", "--first-run")
    file = _verified(live_door)
    text = file.read_text()
    assert was in text
    file.write_text(text.replace(was, becomes, 1))

    answered = live_door.toolkit("plan")

    assert answered.exit == 2
    assert f"{file}:" in answered.err
    assert said in answered.err
    assert "delete the file and run `toolkit doctor --first-run` again" in answered.err


def test_an_unknown_kind_gets_a_suggestion(live_door: Door) -> None:
    answered: Any = live_door.toolkit("plan", "--unverified", "microsoft365.transport_rules")

    assert answered.exit == 2
    assert "--unverified: unknown kind `microsoft365.transport_rules`" in answered.err.replace('"', "`")
    assert RULE in answered.err


def test_a_control_that_enforces_live_before_the_school_was_asked_is_refused_with_the_lines_to_add(
    live_door: Door,
) -> None:
    logs = "playbook: logs\nmode: enforce\ncontrols:\n  - data.audit_log:\n      left_out: []\n"
    asked = (
        "      asked:\n        by: Head Teacher\n        on: 2020-11-20\n        answers:\n"
        "          audit_bypasses: The backup service, for as long as it runs\n"
    )
    live_door.write("62-logs.yaml", logs)
    refused = [live_door.toolkit(command) for command in ("validate", "plan", "drift")]
    practice = live_door.toolkit("validate", TOOLKIT_TARGET="emulator")

    live_door.write("62-logs.yaml", logs + asked)
    allowed = [live_door.toolkit(command).exit for command in ("validate", "plan")]

    assert [one.exit for one in refused] == [2, 2, 2]
    for one in refused:
        assert "62-logs.yaml:4: data.audit_log cannot be enforced on a live tenant" in one.err
        assert "audit_bypasses: # Which accounts are excluded" in one.err
    assert (practice.exit, practice.err) == (0, "")
    assert allowed == [0, 0]
