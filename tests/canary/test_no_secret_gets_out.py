"""A secret in .env is used, and shows in no output, log, plan file or ledger, whatever goes wrong."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.door import CommandResult, Door
from tests.schools import twenty_people

pytestmark = twenty_people

CORE = "canary7Tq2vXw9"
"""No way of writing the secret down changes this part of it."""

SECRET = f"{CORE}/~+ %&é=="

_EMULATORS_OWN = ("store.db", "serve.json")


@dataclass(frozen=True)
class Caged:
    """A school whose application signs in with the canary, which is in the .env beside its playbooks."""

    door: Door
    directory: Path
    log: pytest.LogCaptureFixture

    def __call__(self, *arguments: str | Path) -> CommandResult:
        return self.door(*arguments)

    def playbooks(self, command: str, *options: str | Path) -> CommandResult:
        return self.door(command, self.door.playbooks, *options)

    def leaks(self, answers: Sequence[CommandResult]) -> list[str]:
        """Name every place where the canary shows."""
        said = {f"{place} of command {n}": text for n, one in enumerate(answers, 1) for place, text in _streams(one)}
        told = {**said, "the log": self.log.text, **{str(path): text for path, text in self._files()}}
        return [place for place, text in told.items() if any(secret in text for secret in (CORE, *self._keys()))]

    def _keys(self) -> list[str]:
        """Give a line out of each private key with which toolkit signs in to Google."""
        accounts = self.door.tenant.description["google_workspace"]["service_accounts"].values()
        return [str(account["private_key"]).splitlines()[5] for account in accounts]

    def _files(self) -> Iterator[tuple[Path, str]]:
        for directory in (self.door.state, self.directory):
            for path in directory.rglob("*"):
                if path.is_file() and path.name != ".env" and not path.name.startswith(_EMULATORS_OWN):
                    yield path, path.read_bytes().decode("latin-1")


def _streams(answered: CommandResult) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("output", answered.out), ("errors", answered.err)


@pytest.fixture
def caged(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Caged:
    """Put the canary into the school's .env, make it the secret that the service expects, and go to a sub-folder."""
    directory = tmp_path / "here"
    directory.mkdir()
    env = tmp_path / ".env"
    env.write_text(f"TOOLKIT_TARGET=emulator\nTOOLKIT_MICROSOFT365_CLIENT_SECRET='{SECRET}'\n")
    env.chmod(0o600)
    monkeypatch.chdir(directory)
    for application in ("writer", "reader"):
        door.tenant.grant(application, client_secret=SECRET)
    caplog.set_level(logging.DEBUG)
    return Caged(door, directory, caplog)


def _every_command(caged: Caged) -> list[CommandResult]:
    return [
        caged.playbooks("validate"),
        caged.playbooks("doctor", "-v"),
        caged.playbooks("plan", "-o", "monday.plan"),
        caged.playbooks("plan", "--json"),
        caged("apply", "monday.plan", "--yes"),
        caged.playbooks("apply", "--yes", "--json"),
        caged.playbooks("drift"),
        caged.playbooks("drift", "--json"),
        caged("audit", "log"),
        caged("audit", "verify"),
    ]


def _on_both_clouds(caged: Caged) -> list[CommandResult]:
    """Sign in to each service that the disclaimer and the mail rules need; the soak does it for all samples."""
    _keep(caged, "30", "39")
    return [caged.playbooks("doctor", "-v"), caged.playbooks("apply", "--yes")]


def _keep_rules(caged: Caged) -> None:
    """Remove the sample playbooks but the one of rules: what is done with the secret costs time for each object."""
    _keep(caged, "39")


def _keep(caged: Caged, *numbers: str) -> None:
    for path in caged.door.playbooks.glob("[1-9]*.yaml"):
        if not path.name.startswith(numbers):
            path.unlink()


def _wrong_sign_in(caged: Caged) -> list[CommandResult]:
    _keep(caged, "30", "39")
    for application in ("writer", "reader"):
        caged.door.tenant.grant(application, secret_expires="2020-01-01T00:00:00Z")
    return [caged.playbooks(command) for command in ("plan", "drift", "doctor")] + [caged.playbooks("apply", "--yes")]


def _refused(caged: Caged) -> list[CommandResult]:
    """The service repeats the value that it does not take."""
    _keep_rules(caged)
    heading = _playbook("microsoft365.remote_domain: Default")
    caged.door.write("90.yaml", f"{heading}    character_set: {SECRET!r}\n")
    return [caged.playbooks("apply", "--yes"), caged.playbooks("apply", "--yes", "--json"), caged("audit", "log")]


def _refused_by_ourselves(caged: Caged) -> list[CommandResult]:
    """Our own refusal repeats the name of a rule, in which the secret stands as in an address of the web."""
    _keep_rules(caged)
    caged.door.write("90.yaml", _rule(f"Rule {quote(SECRET)}", to="no-such-address@example-primary.example"))
    return [caged.playbooks("apply", "--yes"), caged.playbooks("apply", "--yes", "--json")]


def _everywhere(caged: Caged) -> list[CommandResult]:
    """The secret is in a playbook, is what a rule of others is called, and was put into a setting of ours."""
    _keep_rules(caged)
    tenant, place = caged.door.tenant, "exchange.transportRules"
    theirs, rule = next(iter(tenant.objects(place).items()))
    first = [caged.playbooks("apply", "--yes"), caged.playbooks("drift")]
    ours = next(key for key, rule in tenant.objects(place).items() if rule["Name"] == "Mark mail to the office")
    tenant.put(place, f"{theirs}0", {**rule, "Name": SECRET, "Guid": f"{theirs[:-1]}0"})
    tenant.patch(place, ours, PrependSubject=f"{SECRET} ")
    caged.door.write("90.yaml", _rule("Pasted", prepend=f"{SECRET} "))
    return [*first, *_every_command(caged)]


def _rule(name: str, *, to: str = "office@example-primary.example", prepend: str = "[x] ") -> str:
    heading = _playbook(f"microsoft365.transport_rule: {name!r}")
    return f"{heading}    sent_to: [{to}]\n    prepend_subject: {prepend!r}\n"


def _playbook(resource: str) -> str:
    return f"playbook: pasted\ntitle: Pasted\nowner: Office\nclauses: [EML-02]\n\nresources:\n  - {resource}\n"


@pytest.mark.parametrize(
    ("happens", "exits"),
    [
        (_on_both_clouds, [0, 0]),
        pytest.param(_every_command, [0, 0, 3, 3, 0, 0, 0, 0, 0, 0], marks=pytest.mark.soak),
        (_wrong_sign_in, [3, 3, 4, 4]),  # what is known to differ on the other cloud outranks what is not known
        (_refused, [1, 1, 0]),
        (_refused_by_ourselves, [5, 5]),
        (_everywhere, [0, 0, 0, 0, 3, 3, *[0] * 6]),
    ],
)
def test_the_canary_never_sings(
    caged: Caged, happens: Callable[[Caged], list[CommandResult]], exits: list[int]
) -> None:
    answers = happens(caged)

    assert caged.leaks(answers) == []
    assert [answered.exit for answered in answers] == exits


def test_the_cage_sees_a_canary(caged: Caged) -> None:
    (caged.door.state / "log").write_text(f"signing in with {SECRET}")

    (key, _) = caged._keys()

    assert caged.leaks([CommandResult(0, SECRET, key)]) == [
        "output of command 1", "errors of command 1", str(caged.door.state / "log"),
    ]  # fmt: skip
