"""A school for tests: a tenant of its own, its playbooks, and the `toolkit` command that runs over them."""

import json
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

from click.testing import CliRunner

from tests.emulated import Tenant
from toolkit.cli import main
from toolkit.cli.shared.trace import UNEXPECTED
from toolkit.errors import Unexpected

SAMPLES = Path(__file__).parent.parent / "playbooks"


@dataclass(frozen=True)
class CommandResult:
    """The exit code of a command, and its standard output and standard error."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def ask(*arguments: str | Path, says: str | None = None, **variables: str) -> CommandResult:
    """Run `toolkit ARGUMENTS` in this process with only these TOOLKIT_ variables; `says` is standard input."""
    others = {name: None for name in os.environ if name.startswith("TOOLKIT_")}
    words = [str(argument) for argument in arguments]
    result = CliRunner(catch_exceptions=False).invoke(_entry, words, input=says, env={**others, **variables})
    assert UNEXPECTED not in result.stderr, f"{result.stderr}\n{_traces(result.stderr)}"
    assert Unexpected.PHRASE not in result.output, f"a reader failed unexpectedly: {result.output}"
    return CommandResult(result.exit_code, result.stdout, result.stderr)


def _traces(stderr: str) -> str:
    """Return the traces that standard error names, for the message of a failed test."""
    paths = [Path(line.rpartition("with the trace in ")[2]) for line in stderr.splitlines() if UNEXPECTED in line]
    return "\n".join(path.read_text() for path in paths if path.is_file())


@dataclass(frozen=True)
class Door:
    """Runs commands for one school, with only the environment variables of that school."""

    tenant: Tenant
    playbooks: Path
    state: Path
    variables: Mapping[str, str]

    def __call__(self, *arguments: str | Path, says: str | None = None, **variables: str) -> CommandResult:
        """Run `toolkit ARGUMENTS` in this process, with the variables of the school and more TOOLKIT_ variables."""
        return ask(*arguments, says=says, **{**self.variables, **variables})

    def toolkit(self, command: str, *options: str, **variables: str) -> CommandResult:
        """Run a command over the school's playbooks."""
        return self(command, self.playbooks, *options, **variables)

    def write(self, name: str, text: str) -> Path:
        """Write one playbook of the school."""
        path = self.playbooks / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def forget(self) -> None:
        """Delete the ledger, so that the school runs as on a new machine."""
        for path in (self.state / "emulator").glob("ledger*"):
            path.unlink()

    @contextmanager
    def without_ledger(self) -> Iterator[None]:
        """Move the ledger away while the block lasts."""
        kept = [path.rename(self.state / path.name) for path in (self.state / "emulator").glob("ledger*")]
        yield
        self.forget()
        for path in kept:
            path.rename(self.state / "emulator" / path.name)


MICROSOFT, GOOGLE = "microsoft365", "google_workspace"
SCHOOL_ID = "k4v7m2qd"


def open_door(tenant: Tenant, directory: Path, *, samples: bool, clouds: Collection[str] = (MICROSOFT, GOOGLE)) -> Door:
    """Return a school for a tenant, with the sample playbooks or only a school file.

    Its state folder names the emulator.
    """
    playbooks, state = directory / "playbooks", directory / "state"
    if samples:
        copytree(SAMPLES, playbooks, ignore=lambda _, names: [name for name in names if name == "private"])
    else:
        playbooks.mkdir()
    school = _school_file(tenant, clouds)
    if not samples:  # tests that compare stored objects expect no mark of the school
        school = school.replace(f"id: {SCHOOL_ID}\n", "")
    (playbooks / "00-school.yaml").write_text(school)
    (state / "emulator").mkdir(parents=True)
    (state / "emulator" / "serve.json").write_text(json.dumps(dict(tenant.emulator.line)))
    return Door(tenant, playbooks, state, {"TOOLKIT_STATE": str(state), "TOOLKIT_PATIENCE": "5"})


@dataclass(frozen=True)
class Checkpoint:
    """A school at one moment: its tenant's snapshot, and a copy of the folder with playbooks and state."""

    door: Door
    copy: Path
    before: Mapping[tuple[str, str], Any]

    @classmethod
    def take(cls, door: Door, copy: Path, before: Mapping[tuple[str, str], Any] | None = None) -> "Checkpoint":
        """Store the present state of a school; `before` holds everything in its tenant at an earlier time, if given."""
        door.tenant.keep_snapshot()
        copytree(door.playbooks.parent, copy, dirs_exist_ok=True)
        return cls(door, copy, before or {})

    def restore(self) -> Door:
        """Restore the tenant, the playbooks and the state."""
        self.door.tenant.restore_snapshot()
        rmtree(self.door.playbooks.parent)
        copytree(self.copy, self.door.playbooks.parent)
        return self.door


def _school_file(tenant: Tenant, clouds: Collection[str]) -> str:
    """Return the sample's school file, bound to a tenant, with the lines of some clouds."""
    written = (SAMPLES / "00-school.yaml").read_text()
    bound = written.replace("id: example1", f"id: {SCHOOL_ID}")  # the sample's id is refused with a real tenant id
    bound = bound.replace("tenant_id: emulated", f"tenant_id: {tenant.tenant_id}")
    bound = bound.replace("customer_id: emulated", f"customer_id: {tenant.customer_id}")
    left_out = {MICROSOFT, GOOGLE} - set(clouds)
    lines = bound.splitlines(keepends=True)
    return "".join(line for line in lines if not line.strip().startswith(tuple(f"{name}:" for name in left_out)))


def empty(door: Door) -> None:
    """Remove every playbook except the school file."""
    for path in door.playbooks.iterdir():
        if path.name != "00-school.yaml":
            rmtree(path) if path.is_dir() else path.unlink()


def keep_mail(door: Door) -> None:
    """Remove the sample playbooks that are not about mail."""
    for path in door.playbooks.glob("*.yaml"):
        if not path.name.startswith(("0", "3")):
            path.unlink()


class _Entry:
    """Gives CliRunner the interface of a click command, so that it runs `main` with its errors and exit codes."""

    name = "toolkit"

    @staticmethod
    def main(*, args: list[str], prog_name: str, **_extra: object) -> None:
        del prog_name
        main(args)


_entry: Any = _Entry()
