"""Each answer of each command that has --json is one object with `format` and `exit`, and its keys are documented."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.api.school import PLAYBOOK, POLICY
from tests.cases import playbook, resource
from tests.cli.test_custody import CUSTODY, DETAILS
from tests.cli.test_device import IPAD, REGISTER
from tests.cli.test_device import PLAYBOOK as LOST_DEVICES
from tests.cli.test_hold import CASE, DATA_HOLD, PERSON, Office, signed_by
from tests.cli.test_hold_search import EDISCOVERY, QUERY
from tests.cli.test_retention import DELETING, OLD
from tests.door import GOOGLE, CommandResult, ask
from tests.json_answers import EVERYWHERE, commands_with_json, documented_keys
from tests.schools import Schools
from toolkit.errors import Exit
from toolkit.holds.register import new_key

HANGING = "playbook: broken\nowner: Head Teacher\ncontrols:\n  - mail.disclamer: {}\n"
BY = ("--by", "School Business Manager")
MAIL = "{by: mail, from: office@example-primary.example, to: it@example-primary.example}"
CHANNELS = f"notifications:\n  channels:\n    office: {MAIL}\n"
TRUST = """\
trust: Harbour Learning Trust
tenants:
  oak:
    microsoft365: {{tenant_id: {tenant}, domain: {domain}}}
    google_workspace: {{customer_id: {customer}, domain: {domain}}}
  main:
    microsoft365: {{tenant_id: 11111111-1111-1111-1111-111111111111, domain: harbour.example}}
base: base
schools:
  OAK:
    name: Oak Primary School
    domains: [oak.example]
    microsoft365: {{tenant: oak}}
    google_workspace: {{tenant: oak}}
  ELM: {{name: Elm Primary School, domains: [elm.example], microsoft365: {{tenant: main}}}}
"""
SIGNERS = ("edwin.elmsworth", "beth.birchall")
SIGNED_IN = {"hold search", "hold export", "hold release", "custody hand-over", "custody destroy"}
Step = tuple[str, tuple[str, ...], str | None]


@pytest.fixture(scope="module")
def office(module_schools: Schools) -> Office:
    """Build a school with a playbook for each command."""
    door = module_schools.build({"users": 24, "staff": 10})
    office = Office(door, new_key())
    school = door.playbooks / "00-school.yaml"
    school.write_text(f"{school.read_text()}\n{CHANNELS}")
    playbooks = {
        "30-mail": PLAYBOOK,
        "20-lost": LOST_DEVICES,
        "61-search": EDISCOVERY,
        "62-custody": CUSTODY,
        "63-holds": DATA_HOLD,
    }
    door.write("10-policy.yaml", POLICY)
    for name, text in playbooks.items():
        door.write(f"{name}.yaml", re.sub(r"clauses: .*", "clauses: [EML-04]", text))
    door.write("40-retention.yaml", playbook(resource("microsoft365.retention_policy", OLD, DELETING)))
    door.write("devices.csv", REGISTER.format(holder=office.address(PERSON)))
    (door.playbooks.parent / "mail.pst").write_bytes(b"evidence")
    return office


def _steps_about_person(address: str, folder: str) -> Iterator[Step]:
    yield "message", (folder, "--from", "parent@parents.example", "--to", address, "--after-plan"), None
    yield "account", (address, folder, "--why", "support", "--after-plan"), None
    yield "audit person", (address,), None


def steps(office: Office) -> Iterator[Step]:
    """Yield each command with its words and its standard input, in an order that gives each an answer."""
    folder, own = str(office.door.playbooks), ("--playbooks", str(office.door.playbooks))
    file = str(office.door.playbooks.parent / "mail.pst")
    yield from (
        (name, (folder,), None) for name in ("validate", "permissions", "doctor", "rollover", "check", "policy status")
    )
    document = office.door.playbooks.parent / "document.txt"
    document.write_text("1. Passwords\nStaff must use a password of at least 12 characters.\n")
    (other := office.door.playbooks.parent / "other").mkdir()
    (other / "00-school.yaml").write_text((office.door.playbooks / "00-school.yaml").read_text())
    yield "policy draft", (str(document), "--playbooks", str(other)), None
    yield "doctor", (folder, "--first-run"), None
    yield from ((name, (), None) for name in ("settings", "kinds", "apps", "audit log"))
    yield from (("kinds", (name,), None) for name in ("mail.disclaimer", "microsoft365.transport_rule", "mail"))
    yield "apps", ("whatsapp",), None
    yield "import", (GOOGLE, "group_footer", "-o", str(office.door.playbooks.parent / "imported")), None
    yield from ((name, (folder, "--yes"), None) for name in ("apply", "due"))
    yield from (
        (name, words, None)
        for name, words in (("plan", (folder,)), ("drift", (folder,)), ("compare", (folder, folder)))
    )
    yield "why", ("Disclaimer", folder), None
    yield from _steps_about_person(office.address(PERSON), folder)
    yield "audit verify", (), None
    yield "audit signers", (folder,), None
    yield "audit at", ("2026-11-11",), None
    yield "audit verify", (str(office.door.playbooks / "devices.csv"),), None
    yield "notify test", (folder,), None
    yield "forget", (folder, "--before", "2020-01-01", *BY), None
    yield "checklist list", own, None
    yield "checklist start", ("september", *own), None
    yield "checklist status", own, None
    yield "checklist done", ("september-1/acknowledgements", *BY, *own), None
    yield "checklist stop", ("september-1", *BY, *own), None
    yield "device lost", (IPAD, "--yes", *own), None
    yield "hold list", own, None
    yield "hold place", (CASE, "--person", "-", *own), f"{office.address(PERSON)}\n"
    yield "hold search", (CASE, "--in", GOOGLE, *own), f"{QUERY}\n"
    yield "hold export", (CASE, *own), None
    yield from ((name, own, None) for name in ("device check", "hold list", "hold confirm"))
    yield "device found", (IPAD, *own), None
    yield "custody add", (CASE, file, *DETAILS, *own), None
    yield "custody verify", own, None
    yield "custody opened", (CASE, *own), None
    yield from (("custody hand-over", (CASE, "1", "--to", "-", *own), "PC 4127\n") for _ in SIGNERS)
    yield "custody return", (CASE, "1", *BY, *own), None
    yield "custody destroy", (CASE, "1", "--how", "shredded", *own), None
    yield "hold release", (CASE, *own), None
    yield "custody list", own, None
    yield from _trust_steps(office)
    yield "due", (folder, "--yes"), None
    yield "retention start", (OLD, folder, "--yes"), None
    yield "rollback", ("last", folder, "--yes"), None
    yield "withdraw", (folder, "--yes"), None


def _trust_steps(office: Office) -> Iterator[Step]:
    trust = str(_write_trust(office))
    yield from ((f"trust {name}", (trust,), None) for name in ("plan", "drift", "check", "status", "report"))
    yield "trust apply", (trust, "--yes"), None
    yield "trust leave-plan", ("OAK", "--trust", trust), None
    yield "trust take-back", ("main", *BY, "--trust", trust), None
    yield "trust freeze", ("OAK", "--until", "2026-12-01", "--reason", "inspection", *BY, "--trust", trust), None


def _write_trust(office: Office) -> Path:
    """Write a trust whose only school is the office's, and whose other tenant was set aside on an earlier night."""
    tenant, folder = office.door.tenant, office.door.playbooks.parent
    (folder / "base").mkdir()
    (folder / "trust.yaml").write_text(
        TRUST.format(tenant=tenant.tenant_id, customer=tenant.customer_id, domain=tenant.domain)
    )
    entry = {"tenant": "main", "on": "2026-11-02", "reason": "the secret has expired"}
    (office.door.state / "set-aside.jsonl").write_text(f"{json.dumps(entry)}\n")
    return folder


@pytest.fixture(scope="module")
def answers(office: Office) -> Mapping[str, list[CommandResult]]:
    """Run each command with --json."""
    results: dict[str, list[CommandResult]] = {}
    for name, words, says in steps(office):
        of_command = results.setdefault(name, [])
        of_command.append(_run(office, name, *words, says=says, signer=SIGNERS[len(of_command) % len(SIGNERS)]))
    return results


def _run(office: Office, name: str, *words: str, says: str | None, signer: str) -> CommandResult:
    if name in SIGNED_IN:
        group, command = name.split()
        return signed_by(office, signer, command, *words[:-2], "--json", says=says, group=group)
    return office.door(*name.split(), *words, "--json", says=says, TOOLKIT_HOLDS_KEY=office.key)


def test_every_command_with_json_is_tried_and_documented(answers: Mapping[str, list[CommandResult]]) -> None:
    assert sorted(answers) == list(commands_with_json())
    assert sorted({*documented_keys()} - {EVERYWHERE}) == list(commands_with_json())


@pytest.mark.parametrize("name", commands_with_json())
def test_an_answer_has_its_format_its_exit_code_and_documented_keys(
    name: str, answers: Mapping[str, list[CommandResult]]
) -> None:
    objects: list[dict[str, Any]] = [result.json for result in answers[name]]
    documented = documented_keys()
    keys = {key for answer in objects for key in answer} - {*documented[EVERYWHERE]}

    assert [answer["format"] for answer in objects] == [1] * len(objects)
    assert [answer["exit"] for answer in objects] == [result.exit for result in answers[name]]
    assert sorted(keys) == sorted({*documented[name]} - {*documented[EVERYWHERE]})


@pytest.mark.parametrize("name", commands_with_json())
def test_a_refused_command_says_why_in_its_json_and_on_standard_error(name: str, tmp_path: Path) -> None:
    refused = ask(*name.split(), "--json", "--no-such-option", TOOLKIT_STATE=str(tmp_path))

    assert refused.json == {"format": 1, "exit": Exit.USAGE, "error": "No such option '--no-such-option'."}
    assert "Error: No such option '--no-such-option'." in refused.err


def test_mistakes_in_playbooks_are_a_list_in_the_json(office: Office) -> None:
    path = office.door.write("90-broken.yaml", HANGING)
    refused = office.door.toolkit("plan", "--json")
    path.unlink()

    (problem,) = refused.json["problems"]
    assert (refused.exit, refused.json["exit"], problem["line"]) == (2, 2, 4)
    assert refused.err == f"{refused.json['error']}\n"
    assert f"{problem['path']}:4: {problem['message']}" == refused.json["error"]
