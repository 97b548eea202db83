"""What leaves the computer and what stays in its files: a run is observed, and compared with what the pages claim."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from stat import S_IMODE

import pytest

from tests.door import Checkpoint, Door, ask
from tests.dpo.recording_dns import recording_dns
from toolkit.dpo.recipients import cloud_hosts

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/for-the-dpo.md").read_text(encoding="utf-8")
THIS_COMPUTER = {"127.0.0.1", "localhost", "::1", ""}
WITHOUT_NAMES = {"ledger.head", "serve.json"}
"""Files that other users could read if the folder let them in. Here a test wrote serve.json, and not toolkit."""

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_OBSERVED = """
import runpy, sys
connected = open(sys.argv.pop(1), "a")
def observe(event, arguments):
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        print(arguments[1][0], file=connected, flush=True)
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        print(arguments[0] or "", file=connected, flush=True)
sys.addaudithook(observe)
runpy.run_module("toolkit", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True)
class Observed:
    """What a `toolkit check` did: the vendors' hosts that it asked, its questions to the DNS, and its connections."""

    hosts: set[str]
    questions: set[str]
    connections: set[str]


@contextmanager
def dns_recorded(door: Door) -> Iterator[set[str]]:
    """Record the questions to the emulator's DNS while the block lasts."""
    file = door.state / "emulator" / "serve.json"
    line = file.read_text()
    with recording_dns(json.loads(line)["dns"]) as (address, questions):
        file.write_text(json.dumps({**json.loads(line), "dns": address}))
        yield questions
    file.write_text(line)


@pytest.fixture(scope="module")
def school(applied_samples: Checkpoint) -> Door:
    """Return the sample school after an apply."""
    return applied_samples.restore()


@pytest.fixture(scope="module")
def observed(school: Door, tmp_path_factory: pytest.TempPathFactory) -> Observed:
    """Run `toolkit check` as a program of its own, and observe it."""
    folder = tmp_path_factory.mktemp("observed")
    words = ["check", str(school.playbooks), "--trace", str(folder / "trace")]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TOOLKIT_")}
    with dns_recorded(school) as questions:
        subprocess.run(
            [sys.executable, "-c", _OBSERVED, str(folder / "connections"), *words],
            cwd=ROOT,
            env={**environment, **school.variables},
            stdout=subprocess.DEVNULL,
            check=False,
        )
    requests = [line.split()[2] for line in (folder / "trace").read_text().splitlines()]
    hosts = {path.split("/")[1] for path in requests if "." in path.split("/")[1]}
    return Observed(hosts, questions, set((folder / "connections").read_text().splitlines()))


def test_a_run_contacts_the_listed_hosts_and_no_others(observed: Observed) -> None:
    listed = [host for hosts in cloud_hosts().values() for host in hosts]
    exact = {host["host"] for host in listed}
    above = tuple(f".{host['host']}" for host in listed if host.get("below"))

    assert [host for host in observed.hosts if host not in exact and not host.endswith(above)] == []
    unused = {host["host"] for host in listed if not host.get("by")} - observed.hosts
    assert unused <= {"api.securitycenter.microsoft.com", "login.microsoftonline.com"}, (
        "the emulated sign-in has no host of its own, and only kinds that write need Defender"
    )


def test_a_practice_run_connects_only_to_this_computer(observed: Observed) -> None:
    assert observed.connections
    assert observed.connections <= THIS_COMPUTER


def test_a_check_looks_up_only_the_listed_names_of_the_mail_domains(observed: Observed, school: Door) -> None:
    domain = school.tenant.domain
    of_the_domain = {question.replace(domain, "DOMAIN") for question in observed.questions if domain in question}
    included = {question for question in observed.questions if domain not in question}

    assert of_the_domain == {
        "TXT DOMAIN",
        "MX DOMAIN",
        "TXT _dmarc.DOMAIN",
        "TXT _mta-sts.DOMAIN",
        "TXT _smtp._tls.DOMAIN",
        "TXT google._domainkey.DOMAIN",
        "CNAME selector1._domainkey.DOMAIN",
        "CNAME selector2._domainkey.DOMAIN",
    }
    assert {question.partition(" ")[0] for question in included} == {"TXT"}, "only names that SPF includes"
    for name in ("`DOMAIN`", "`_dmarc.DOMAIN`", "`_mta-sts.DOMAIN`", "`_smtp._tls.DOMAIN`", "`mta-sts.DOMAIN`"):
        assert name in PAGE


@pytest.mark.parametrize("command", ["plan", "drift", "validate"])
def test_a_command_without_checks_of_mail_looks_nothing_up(school: Door, command: str) -> None:
    with dns_recorded(school) as questions:
        answer = school.toolkit(command)

    assert answer.exit in (0, 3, 4), answer.err
    assert questions == set()


def test_the_page_lists_every_host() -> None:
    hosts = [host["host"] for hosts in cloud_hosts().values() for host in hosts]

    assert [host for host in hosts if f"`{host}`" not in PAGE] == []


def test_files_of_the_state_folder_with_names_are_their_owners(school: Door) -> None:
    files = [path for path in school.state.rglob("*") if path.is_file()]

    shared = {path.name for path in files if S_IMODE(path.stat().st_mode) & 0o077}
    assert shared <= WITHOUT_NAMES
    assert set(json.loads((school.state / "emulator/ledger.head").read_text())) == {"format", "count", "hash"}


def test_the_ledger_has_addresses_only_in_settings_names_and_accounts(school: Door) -> None:
    with closing(sqlite3.connect(school.state / "emulator/ledger.db")) as ledger:
        entries = [json.loads(text) for (text,) in ledger.execute("select text from entry")]
        people = ledger.execute("select count(*) from person").fetchone()

    keys = {key for entry in entries for key, value in entry.items() if _ADDRESS.search(json.dumps(value))}
    assert keys <= {
        "accounts",
        "address",
        "was_named",
        "name",
        "remote_id",
        "before",
        "sent",
        "returned",
        "groups",
        "unmanaged",
    }
    assert people == (2,), "the operator and the computer"


def test_the_pack_names_channels_and_a_watching_service(tmp_path: Path) -> None:
    school = (ROOT / "playbooks/00-school.yaml").read_text()
    channels = """
notifications:
  channels:
    it: {by: mail, from: office@example-primary.example, to: it@example-primary.example}
    teams: {by: url}
  alive: {by: url}
"""
    (tmp_path / "playbooks").mkdir()
    written = re.sub(r"(?m)^notifications:.*\n(?:[ \n#].*\n|\n)*", "", school)
    (tmp_path / "playbooks/00-school.yaml").write_text(written + channels)

    answer = ask("dpo-pack", tmp_path / "playbooks", "-o", tmp_path / "dpo")

    assert answer.exit == 0, answer.err
    page = (tmp_path / "dpo/our-data.md").read_text().replace("\\", "")
    for recipient in (
        "it@example-primary.example, by mail from office@example-primary.example through Microsoft 365",
        "the service at the URL in TOOLKIT_NOTIFY_TEAMS",
        "the service at the URL in TOOLKIT_NOTIFY_ALIVE",
        "outlook.office365.com and hosts below it",
    ):
        assert recipient in page
    assert "the DNS servers of this computer" not in page, "no control looks anything up"
    assert "Watching service" in (tmp_path / "dpo/data-flow.svg").read_text()
