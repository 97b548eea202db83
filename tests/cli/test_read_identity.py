"""The second day: a school that has only the identity that reads, on a target that is live as far as toolkit knows.

The emulator's proxy leads the vendors' own host names to the emulator.
"""

import json
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click
import pytest

from tests.door import CommandResult, ask
from tests.emulated import FEW_PEOPLE, Emulator, Tenant
from tests.google_workspace.connected import google_details
from toolkit.cli import program

DOMAIN = "oak-primary.example"
OBJECT = "microsoft365.transport_rule[Tag]"
ARGUMENTS: Mapping[str, Sequence[str]] = {
    "accept": [OBJECT, "--until", "2099-01-01", "--reason", "agreed", "--by", "head"],
    "account": ["breakglass@oak-primary.example", "--why", "support", "--provider", "microsoft365"],
    "approve": ["monday.plan"],
    "audit at": ["2099-01-01"],
    "audit export": ["-o", "report"],
    "audit person": ["breakglass@oak-primary.example"],
    "checklist done": ["leaver/1", "--by", "head"],
    "checklist start": ["september"],
    "checklist stop": ["september", "--by", "head"],
    "compare": ["playbooks", "playbooks"],
    "custody add": ["CASE", "verified.yaml", "--media", "disk"],
    "custody bag": ["CASE", "bag"],
    "custody destroy": ["CASE", "1"],
    "custody hand-over": ["CASE", "1"],
    "custody opened": ["CASE"],
    "custody return": ["CASE", "1"],
    "device found": ["5CG1234XYZ"],
    "device lost": ["5CG1234XYZ"],
    "device wipe-form": ["5CG1234XYZ"],
    "dpo-pack": ["-o", "dpo"],
    "drift": ["--provider", "microsoft365"],  # live, Google's settings are asked for slowly; `plan` does that
    "forget": ["--before", "2020-01-01", "--by", "head"],
    "hold export": ["CASE"],
    "hold place": ["CASE", "--person", "-"],
    "hold release": ["CASE"],
    "hold search": ["CASE"],
    "import": ["microsoft365", "transport_rule", "-o", "playbooks"],
    "init": ["new", "--name", "Oak", "--domains", DOMAIN, "--tenants", "C0123456"],
    "policy draft": ["policy.md"],
    "report release": ["draft", "--by", "head", "-o", "final"],
    "report respond": ["draft", "1", "--response", "agreed", "--lead", "head"],
    "retention start": ["x" * 10],
    "rollback": ["last"],
    "state backup": ["backup"],
    "state restore": ["backup"],
    "why": [OBJECT],
    "withdraw": ["-o", "leaving.plan"],  # which only shows what it would remove
}
"""The arguments of the commands that need some; the school of the working directory is meant."""
NOT_RUN = {"emulator serve", "emulator reset"}  # they are about emulated tenants only
OF_A_PERSON = {"look"}  # a person signs in, so it needs no identity
WRITERS = {
    "apply",
    "device lost",
    "device found",
    "hold confirm",
    "hold export",
    "hold place",
    "hold release",
    "hold search",
    "retention start",
    "rollback",
}
"""The commands that write to a tenant: without the identity that writes, they end with 2 and name its variables."""
READERS = {
    "plan",
    "drift",
    "due",
    "check",
    "compare",
    "policy status",
    "audit export",
    "import",
    "doctor",
    "rollover",
    "withdraw",
}
"""The commands that must have read the tenants."""


def leaves(command: click.Command, name: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, by its words."""
    if not isinstance(command, click.Group):
        yield name, command
        return
    context = click.Context(command)
    for word in command.list_commands(context):
        below = command.get_command(context, word)
        assert below
        yield from leaves(below, f"{name} {word}".strip())


SLOW = {"hold list"}  # live, each question about a case waits
NOT_RUN |= {name for name, _ in leaves(program) if name.startswith(("trust ", "worker "))}  # this school is in no trust
NOT_RUN.add("audit extract")
COMMANDS = [name for name, _ in leaves(program) if name not in NOT_RUN | OF_A_PERSON]


class School:
    """A school with both clouds that has the credentials of one identity."""

    def __init__(self, tenant: Tenant, folder: Path, emulator: Emulator) -> None:
        self.tenant = tenant
        key = folder / "secrets" / "read.json"
        key.parent.mkdir(parents=True)
        key.touch(mode=0o600)
        account = google_details(tenant)["service_accounts"]["reader"]
        key.write_text(account if isinstance(account, str) else json.dumps(account))
        reader = tenant.applications["reader"]
        holds = ask("hold", "key").out.strip().partition("=")[2]
        self.live = {"TOOLKIT_TARGET": "live", "TOOLKIT_CA_FILE": emulator.ca_file, "TOOLKIT_PATIENCE": "5",
                     "TOOLKIT_HOLDS_KEY": holds}  # fmt: skip
        self.read = {
            "TOOLKIT_READ_MICROSOFT365_AUTH": "secret",
            "TOOLKIT_READ_MICROSOFT365_CLIENT_ID": reader["client_id"],
            "TOOLKIT_READ_MICROSOFT365_CLIENT_SECRET": reader["client_secret"],
            "TOOLKIT_READ_GOOGLE_AUTH": "key",
            "TOOLKIT_READ_GOOGLE_KEY_FILE": str(key),
            "TOOLKIT_READ_GOOGLE_ADMIN": google_details(tenant)["administrator"],
        }

    def __call__(self, *words: str, **variables: str) -> CommandResult:
        return ask(*words, says=f"breakglass@{DOMAIN}\n", **{**self.live, **self.read, **variables})


@pytest.fixture(scope="module")
def live_school(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """Write the first playbooks of a school, as `toolkit init` does, once for all of these tests."""
    assert emulator.proxy
    tenant = emulator.open_tenant(**FEW_PEOPLE, school={"domain": DOMAIN})
    folder = tmp_path_factory.mktemp("live")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("HTTPS_PROXY", emulator.proxy)
        ids = f"{tenant.tenant_id}, {tenant.customer_id}"
        groups = f"staff=all-staff@{DOMAIN}, staff=/Staff"
        names = ["--name", "Oak Primary School", "--domains", DOMAIN, "--tenants", ids, "--groups", groups]
        assert ask("init", ".", *names, "--template", "staff-policy").exit == 0
        yield School(tenant, folder, emulator)
    tenant.close()


def test_due_needs_the_identity_that_writes_as_soon_as_something_is_enforced(live_school: School) -> None:
    look = Path("playbooks/look.yaml")
    before = look.read_text()

    looking = live_school("due", "--yes")
    look.write_text(before.replace("mode: check", "mode: enforce"))
    enforcing = live_school("due", "--yes")
    look.write_text(before)

    assert (looking.exit, "nothing to do" in looking.out.casefold()) == (0, True), looking.out + looking.err
    assert (enforcing.exit, "these are not set: TOOLKIT_WRITE_" in enforcing.err) == (2, True)


def test_each_command_that_needs_arguments_has_them_here() -> None:
    needing = {
        name
        for name, command in leaves(program)
        if any(parameter.required and parameter.type != click.Path for parameter in command.params)
    }

    assert needing - {*ARGUMENTS} - NOT_RUN == set()
    assert {*WRITERS, *READERS} <= {*COMMANDS}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.soak) if name in SLOW else name for name in COMMANDS]
)
def test_only_a_command_that_writes_asks_for_the_identity_that_writes(name: str, live_school: School) -> None:
    answered = live_school(*name.split(), *ARGUMENTS.get(name, ()))

    said = answered.out + answered.err
    assert ("these are not set: " in said) is (name in WRITERS), said
    if name in WRITERS:
        assert (answered.exit, "TOOLKIT_WRITE_MICROSOFT365_AUTH" in said) == (2, True), said
    if name in READERS:
        assert answered.exit in {0, 3, 4}, said


def test_doctor_examines_the_identity_that_reads_and_names_the_other_only_if_it_is_asked_for(
    live_school: School,
) -> None:
    every, read, write = (live_school("doctor", "-v", *words) for words in ([], ["--read"], ["--write"]))

    for answered in (every, read):
        assert answered.exit in {0, 4}, answered.out
        assert "Microsoft 365, read identity" in answered.out
        assert "Google Workspace, read identity" in answered.out
        assert "write identity\n" not in answered.out
    assert "it has no credentials. `toolkit apply` and `toolkit due` need them" in every.out
    assert write.exit == 2
    assert "TOOLKIT_TARGET is live, and these are not set: TOOLKIT_WRITE_MICROSOFT365_AUTH" in write.out


def test_a_wrong_value_of_one_cloud_is_named_while_the_other_is_not_set_up(live_school: School) -> None:
    unset = dict.fromkeys((name for name in live_school.read if "GOOGLE" in name), "")

    answered = live_school("doctor", "--read", TOOLKIT_READ_MICROSOFT365_CLIENT_ID="toolkit read", **unset)

    assert answered.exit == 2
    assert "is 'toolkit read', but must be the Application (client) ID" in answered.out
    assert "these are not set: TOOLKIT_READ_GOOGLE_AUTH" in answered.out


def test_half_of_the_credentials_that_write_are_an_error(live_school: School) -> None:
    answered = live_school("doctor", TOOLKIT_WRITE_GOOGLE_ADMIN="toolkit-write@oak-primary.example")

    assert answered.exit == 2
    assert "these are not set: TOOLKIT_WRITE_MICROSOFT365_AUTH" in answered.out
    assert "TOOLKIT_WRITE_GOOGLE_KEY_FILE" in answered.out


MISTAKES = {
    "TOOLKIT_READ_MICROSOFT365_CLIENT_ID": {
        "<Application (client) ID>": "is still <Application (client) ID>. Replace it with the value",
        "toolkit read": "is 'toolkit read', but must be the Application (client) ID from the app's Overview",
    },
    "TOOLKIT_READ_GOOGLE_KEY_FILE": {"secrets/gone.json": "is secrets/gone.json, but this file does not exist"},
    "TOOLKIT_READ_GOOGLE_ADMIN": {"toolkit-read": "is 'toolkit-read', but must be an e-mail address"},
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_in_a_variable_is_named_before_anything_is_asked(name: str, live_school: School) -> None:
    for value, mistake in MISTAKES[name].items():
        sent = len(live_school.tenant.requests())
        planned = live_school("plan", **{name: value})
        assert (planned.exit, len(live_school.tenant.requests())) == (2, sent)
        assert f"toolkit: {name} {mistake}" in planned.err
    examined = live_school("doctor", "--read", "--json", **{name: value})
    section, other = "Microsoft 365, read identity", "Google Workspace, read identity"
    wrong, right = (other, section) if "GOOGLE" in name else (section, other)
    found = {(one["section"], one["subject"]): one for one in examined.json["diagnoses"]}
    assert examined.exit == 4
    assert found[wrong, "credentials"]["state"] == "wrong"
    assert mistake in found[wrong, "credentials"]["found"]
    assert found[right, "tenant"]["state"] == "ok"


NO_NETWORK = (
    "Check the internet connection, DNS, and whether the web filter or a proxy (HTTPS_PROXY, TOOLKIT_CA_FILE) lets it"
)


@pytest.mark.parametrize("command", ["doctor --read", "plan", "drift", "check"])
def test_without_a_network_each_host_is_named_with_what_to_check(
    command: str, live_school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_nothing(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setattr(socket, "getaddrinfo", find_nothing)

    answered = live_school(*command.split(), TOOLKIT_PATIENCE="1")

    said = " ".join((answered.out + answered.err).split())
    assert answered.exit == 4
    for host in ("login.microsoftonline.com", "oauth2.googleapis.com"):
        assert f"This computer cannot find {host}. {NO_NETWORK}" in said
    assert "HTTPSConnectionPool" not in said
    assert "`toolkit doctor` again" not in said


def test_nothing_was_written_to_the_tenants(live_school: School) -> None:
    operations = [operation for request in live_school.tenant.requests() for operation in request["operations"]]

    assert operations
    assert [operation["name"] for operation in operations if operation["write"]] == []
