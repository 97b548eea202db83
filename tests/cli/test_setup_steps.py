"""The steps that `toolkit permissions` prints: typed one after the other, they end in an identity that signs in."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from connectors.google_workspace.api.calls import SCOPES
from connectors.google_workspace.setup_steps import APIS
from tests.cases import playbook, resource
from tests.docs.blocks import blocks
from tests.door import GOOGLE, MICROSOFT, SAMPLES, CommandResult, ask
from tests.emulated import FEW_PEOPLE, Emulator, Tenant
from tests.google_workspace.connected import google_details
from toolkit.sdk.connector import Identity

DOMAIN = "oak-primary.example"
CONTROL = "playbook: one\ntitle: One\nowner: Office\n\ncontrols:\n  - {}\n"
TWO = "[Chair of Governors, School Business Manager]"
PLAYBOOKS = {
    "a rule": playbook(resource("microsoft365.transport_rule", "Tag", {"prepend_subject": "[Tag] "})),
    "holds": CONTROL.format(f"data.hold: {{for: everyone, may_place: {TWO}, may_release: {TWO}}}"),
    "only searches": CONTROL.format(f"data.ediscovery: {{may_ask: {TWO}, may_export: {TWO}}}"),
    "only replies": CONTROL.format(
        f"mail.closure_reply: {{mailboxes: [office@{DOMAIN}], emergency: 01632 960001, safeguarding: 01632 960555}}"
    ),
}
CONNECTS = {"Connect-ExchangeOnline", "Connect-IPPSSession"}


def identities(directory: Path, case: str) -> Sequence[Mapping[str, Any]]:
    """Return what `toolkit permissions` answers for each cloud and identity."""
    if case == "samples":
        return list(ask("permissions", SAMPLES, "--json").json["identities"])
    (directory / "00-school.yaml").write_text((SAMPLES / "00-school.yaml").read_text())
    (directory / "10-one.yaml").write_text(PLAYBOOKS[case])
    answered = ask("permissions", directory, "--json")
    assert answered.exit == 0, answered.err
    return list(answered.json["identities"])


class PowerShell:
    """Keeps what the lines of a PowerShell window have made, and refuses a line that would fail."""

    def __init__(self) -> None:
        self.variables = set[str]()
        self.session = ""
        self.made = set[tuple[str, ...]]()  # by service: apps, role groups, scopes

    def run(self, line: str) -> None:
        assigned = re.match(r"\$(\w+) =", line)
        if line.startswith("if ((Get-OrganizationConfig).IsDehydrated)"):
            assert self.session == "Connect-ExchangeOnline", line
            self.made.add((self.session, "customised"))
            return
        used = set(re.findall(r"\$(\w+)", line)) - {"false"} - ({assigned[1]} if assigned else set())
        assert used <= self.variables, f"{line}: {used - self.variables} is not set"
        names = re.findall(r'"([^"]+)"', line)
        word = line.split(maxsplit=1)[0]
        if word in CONNECTS:
            assert not self.session, f"{line}: {self.session} is still connected"
            self.session = word
        elif word == "Disconnect-ExchangeOnline":
            self.session = ""
        elif assigned:
            self.variables.add(assigned[1])
        elif word.startswith("New-"):
            assert self.session, f"{line}: nothing is connected"
            scope = names[-1] if word == "New-ManagementRoleAssignment" else ""
            needs_customisation = word in {"New-RoleGroup", "New-ManagementScope", "New-ManagementRoleAssignment"}
            assert (
                not (needs_customisation and "Exchange" in self.session) or (self.session, "customised") in self.made
            ), line
            assert not scope or (self.session, "New-ManagementScope", scope) in self.made, line
            made = (self.session, word, *([names[-1]] if word == "New-ServicePrincipal" else names[:1]))
            assert made not in self.made, f"{line}: it is made twice"
            self.made.add(made)
        elif word.startswith("Add-"):
            assert any(
                self.session == service and what == "New-ServicePrincipal"
                for service, what in (made[:2] for made in self.made)
            )
            group = names[0] if names else line.split()[1]
            assert word != "Add-RoleGroupMember" or group == "eDiscoveryManager" or (
                self.session, "New-RoleGroup", group) in self.made  # fmt: skip
        else:
            assert word == "Install-Module", line


def powershell(steps: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield from (line for step in steps if step["in"] == "powershell" for line in step["paste"])


def place(steps: Sequence[Mapping[str, Any]], words: str) -> int:
    """Return the place of the only step that has some words."""
    (found,) = [n for n, step in enumerate(steps) if words in step["text"] or words in " ".join(step["paste"])]
    return found


@pytest.mark.parametrize("case", [*PLAYBOOKS, "samples"])
def test_the_steps_of_both_identities_can_be_typed_in_their_order(case: str, tmp_path: Path) -> None:
    found = identities(tmp_path, case)
    assert len(found) == 4
    window = PowerShell()
    for one in found:
        steps = one["steps"]
        texts = [step["text"] for step in steps] + [line for step in steps for line in step["paste"]]
        assert not [text for text in texts if "..." in text or "doctor` names" in text]
        pasted = [line for step in steps for line in step["paste"]]
        for permission in one["permissions"]:
            name = permission["name"]
            if permission["sort"] == "application permission":
                assert pasted.count(name) == 1, name
            elif permission["sort"] == "scope":
                assert sum(name in line.split(",") for line in pasted) == 1, name
        assert f"toolkit doctor --{one['identity']}" == pasted[-1]
        assert pasted[:2] == ["[ -e .env ] || cp .env.example .env", "chmod 600 .env"]
        assert pasted.count("TOOLKIT_TARGET=live") == 1
        assert {step["in"] for step in steps if step["paste"]} <= {"shell", "powershell", "env", "console"}
        assert {step["in"] for step in steps if not step["paste"]} == {None}
        assert [step["paste"] for step in steps if "Install-Module" in " ".join(step["paste"])] in (
            [],
            [["Install-Module ExchangeOnlineManagement -Scope CurrentUser"]],
        )
        if one["provider"] == MICROSOFT:
            lines = list(powershell(steps))
            for line in lines:
                window.run(line)
            window.run("Disconnect-ExchangeOnline -Confirm:$false")
            order = ["New registration", "openssl", "Upload certificate", "_CLIENT_ID=", "add:", "Grant admin", "Wait."]
            if lines:
                order.insert(5, "Install-Module")
            places = [place(steps, words) for words in order if words != "add:"]
            assert places == sorted(places)
        else:
            order = ["Create a project", "gcloud", "Create service account", "Create new key", "Delegation"]
            order += ["accept Google's terms", "Wait."]
            assert "Do not change any other entry" in steps[place(steps, "Delegation")]["text"]
            places = [place(steps, words) for words in order]
            assert places == sorted(places)


@pytest.mark.parametrize("case", ["a rule", "holds"])
def test_membership_that_can_write_is_asked_for_only_if_a_control_needs_it_and_is_named(
    case: str, tmp_path: Path
) -> None:
    read = next(one for one in identities(tmp_path, case) if one["identity"] == Identity.READ)
    needs = [one for one in read["permissions"] if one["membership"]]
    steps = [step for step in read["steps"] if "Add-eDiscoveryCaseAdmin -User $object" in step["paste"]]
    out = ask("permissions", tmp_path, "--read").out

    if case == "holds":
        assert [(one["name"], one["writes"]) for one in needs] == [("eDiscovery.Read.All", True)]
        assert len(steps) == 1
        assert "eDiscovery.Read.All can also write. Only the controls named below need it." in out
        assert "it reads only as a member of the role group eDiscoveryManager, which can also write" in out
    else:
        assert (needs, steps) == ([], [])
        assert out.count("None of these permissions can write.") == 2
        assert "eDiscoveryManager" not in out


def test_every_control_that_needs_a_permission_is_named() -> None:
    answer, shown = ask("permissions", SAMPLES, "--json").json, ask("permissions", SAMPLES).out
    blocks = re.split(r"\n    (?=\S)", shown)
    for one in answer["identities"]:
        for permission in one["permissions"]:
            reasons = {reason["what"] for reason in permission["reasons"]}
            named = {name for what in reasons if not what.startswith("who changed ") for name in what.split(", ")}
            described = [block for block in blocks if permission["name"] in block.split("\n")[0]]
            assert any(all(name in block for name in named) for block in described), (permission["name"], named)


def test_the_page_shows_the_lines_and_the_settings_that_the_command_prints() -> None:
    printed = {
        line
        for one in ask("permissions", SAMPLES, "--read", "--json").json["identities"]
        for step in one["steps"]
        for line in step["paste"]
    }
    shown = [
        block
        for block in blocks("docs/real-tenant.md")
        if block.language in {"sh", "ini"} and "purelib" not in block.text  # the smaller installation: `make lean`
    ]
    lines = [line for block in shown for line in block.text.splitlines()]

    assert len(lines) > 8
    assert [line for line in lines if line not in printed and not line.startswith("TOOLKIT_")] == []
    assert {line.partition("=")[0] for line in printed if line.startswith("TOOLKIT_")} == {
        line.partition("=")[0] for line in lines if line.startswith("TOOLKIT_")
    }


def test_every_method_that_is_called_has_an_api_to_enable() -> None:
    assert {method.partition(".")[0] for method in SCOPES} == {*APIS}


def test_the_printed_steps_lead_to_an_identity_that_signs_in(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Type every line of the shell, do what the consoles would, and write .env as it is printed."""
    assert emulator.proxy
    tenant = emulator.borrow_tenant(**FEW_PEOPLE, school={"domain": DOMAIN})
    ids = f"{tenant.tenant_id}, {tenant.customer_id}"
    monkeypatch.chdir(tmp_path)
    assert ask("init", ".", "--name", "Oak Primary School", "--domains", DOMAIN, "--tenants", ids).exit == 0
    downloads = tmp_path / "home/Downloads"
    downloads.mkdir(parents=True)
    account = google_details(tenant)["service_accounts"]["reader"]
    (downloads / "toolkit-1.json").write_text(account if isinstance(account, str) else json.dumps(account))
    env = [*_type_steps(tmp_path, tenant), f"TOOLKIT_CA_FILE={emulator.ca_file}"]
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("HTTPS_PROXY", emulator.proxy)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    half_done = _examine_without_google(tmp_path, env)
    _write_env(tmp_path, env)
    allowed = ask("settings", "allow", "--yes")
    examined = ask("doctor", "--read", "--json")
    tenant.close()

    assert half_done.exit == 4
    states = {(one["section"], one["subject"]): one for one in half_done.json["diagnoses"]}
    assert states["Microsoft 365, read identity", "tenant"]["state"] == "ok"
    unready = states["Google Workspace, read identity", "credentials"]
    assert unready["state"] == "missing"
    assert unready["found"] == (
        "not set up yet. These variables are not set: "
        "TOOLKIT_READ_GOOGLE_AUTH, TOOLKIT_READ_GOOGLE_KEY_FILE, TOOLKIT_READ_GOOGLE_ADMIN"
    )
    assert unready["advice"] == "toolkit permissions --read shows the steps"
    assert allowed.exit == 0, allowed.err
    assert examined.exit in {0, 4}, examined.out
    signed_in = [one["section"] for one in examined.json["diagnoses"] if one["subject"] == "tenant"]
    assert signed_in == ["Microsoft 365, read identity", "Google Workspace, read identity"]
    assert {one["state"] for one in examined.json["diagnoses"] if one["subject"] == "tenant"} == {"ok"}
    credential = next(one for one in examined.json["diagnoses"] if one["subject"].startswith("certificate in"))
    assert credential["state"] == "ok"
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    assert ask("validate", "--json").json["tracked_secrets"] == []


def _write_env(folder: Path, lines: Sequence[str]) -> None:
    (folder / ".env").write_text("\n".join(lines))
    (folder / ".env").chmod(0o600)


def _examine_without_google(folder: Path, env: Sequence[str]) -> CommandResult:
    """Examine the tenants when only the steps of Microsoft 365 are done; the other commands name what is missing."""
    _write_env(folder, [line for line in env if "GOOGLE" not in line])
    ask("settings", "allow", "--yes")
    refused = {command: ask(*command) for command in [("plan",), ("apply",), ("withdraw",), ("doctor", "--write")]}
    assert {answered.exit for answered in refused.values()} == {2}
    assert "not set: TOOLKIT_READ_GOOGLE_AUTH, TOOLKIT_READ_GOOGLE_KEY_FILE" in refused["plan",].err
    assert "`toolkit permissions --read`" in refused["plan",].err
    for command in list(refused)[1:]:
        text = refused[command].out + refused[command].err
        assert "TOOLKIT_WRITE_MICROSOFT365_CERTIFICATE, TOOLKIT_WRITE_GOOGLE_AUTH" in text, command
        assert "`toolkit permissions --write`" in text, command
    return ask("doctor", "--read", "--json")


def _type_steps(folder: Path, tenant: Tenant) -> list[str]:
    """Return the lines of .env, after the lines of the shell were run in the school's folder."""
    env: list[str] = []
    filled = {"<Application (client) ID>": tenant.applications["reader"]["client_id"],
              "<downloaded file>": "toolkit-1",
              "<address of toolkit's account>": google_details(tenant)["administrator"]}  # fmt: skip
    for one in ask("permissions", "--read", "--json").json["identities"]:
        for step in one["steps"]:
            for line in step["paste"]:
                text = re.sub("|".join(map(re.escape, filled)), lambda found: filled[found[0]], line)
                if step["in"] == "env":
                    env.append(text)
                elif step["in"] == "shell" and not text.startswith("toolkit doctor"):
                    home = {**os.environ, "HOME": str(folder / "home")}
                    subprocess.run(["bash", "-euc", text], cwd=folder, check=True, capture_output=True, env=home)
            if "upload secrets/read.crt" in step["text"]:
                uploaded = (folder / "secrets/read.crt").read_text()
                tenant.control("PUT", "/applications/reader", {"certificate": uploaded})
        assert one["provider"] in {MICROSOFT, GOOGLE}
    return env
