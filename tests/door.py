"""The door the user comes through: the command itself, on a tenant of its own, with playbooks of its own."""

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
class Answered:
    """How a command ended, and what it said on standard output and on standard error."""

    exit: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def ask(*arguments: str | Path, says: str | None = None, **variables: str) -> Answered:
    """Run `toolkit ARGUMENTS` in this process, with these TOOLKIT_ variables and no others; `says` is what is typed."""
    others = {name: None for name in os.environ if name.startswith("TOOLKIT_")}
    words = [str(argument) for argument in arguments]
    result = CliRunner(catch_exceptions=False).invoke(_entry, words, input=says, env={**others, **variables})
    assert UNEXPECTED not in result.stderr, f"{result.stderr}\n{_traces(result.stderr)}"
    assert Unexpected.PHRASE not in result.output, f"a reader failed unexpectedly: {result.output}"
    return Answered(result.exit_code, result.stdout, result.stderr)


def _traces(stderr: str) -> str:
    """Read the traces that a command names, so that the test that fails shows them."""
    paths = [Path(line.rpartition("with the trace in ")[2]) for line in stderr.splitlines() if UNEXPECTED in line]
    return "\n".join(path.read_text() for path in paths if path.is_file())


@dataclass(frozen=True)
class Door:
    """Runs commands for one school; what they would read of the environment is given, nothing else."""

    tenant: Tenant
    playbooks: Path
    state: Path
    variables: Mapping[str, str]

    def __call__(self, *arguments: str | Path, says: str | None = None, **variables: str) -> Answered:
        """Run `toolkit ARGUMENTS` in this process, with TOOLKIT_ variables beside those of the school."""
        return ask(*arguments, says=says, **{**self.variables, **variables})

    def toolkit(self, command: str, *options: str, **variables: str) -> Answered:
        """Run a command over the school's playbooks."""
        return self(command, self.playbooks, *options, **variables)

    def write(self, name: str, text: str) -> Path:
        """Write one playbook of the school."""
        path = self.playbooks / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def forget(self) -> None:
        """Lose the ledger, as a new machine would have none."""
        for path in (self.state / "emulator").glob("ledger*"):
            path.unlink()

    @contextmanager
    def without_ledger(self) -> Iterator[None]:
        """Lose the ledger while the block lasts; then it is as it was."""
        kept = [path.rename(self.state / path.name) for path in (self.state / "emulator").glob("ledger*")]
        yield
        self.forget()
        for path in kept:
            path.rename(self.state / "emulator" / path.name)


MICROSOFT, GOOGLE = "microsoft365", "google_workspace"
SCHOOL_ID = "k4v7m2qd"


def open_door(tenant: Tenant, directory: Path, *, samples: bool, clouds: Collection[str] = (MICROSOFT, GOOGLE)) -> Door:
    """Make playbooks bound to a tenant, the samples or just a school file, and a state that knows the emulator."""
    playbooks, state = directory / "playbooks", directory / "state"
    if samples:
        copytree(SAMPLES, playbooks, ignore=lambda _, names: [name for name in names if name == "private"])
    else:
        playbooks.mkdir()
    school = _school_file(tenant, clouds)
    if not samples:  # tests that look at what is stored of an object want it without the mark of a school
        school = school.replace(f"id: {SCHOOL_ID}\n", "")
    (playbooks / "00-school.yaml").write_text(school)
    (state / "emulator").mkdir(parents=True)
    (state / "emulator" / "serve.json").write_text(json.dumps(dict(tenant.emulator.line)))
    return Door(tenant, playbooks, state, {"TOOLKIT_STATE": str(state), "TOOLKIT_PATIENCE": "5"})


@dataclass(frozen=True)
class Checkpoint:
    """A school as it was at one moment: what its tenant stored, and a copy of the folder with playbooks and state."""

    door: Door
    copy: Path
    before: Mapping[tuple[str, str], Any]

    @classmethod
    def of(cls, door: Door, copy: Path, before: Mapping[tuple[str, str], Any] | None = None) -> "Checkpoint":
        """Keep a school as it is now, and everything in its tenant before that, where it is given."""
        door.tenant.keep_snapshot()
        copytree(door.playbooks.parent, copy, dirs_exist_ok=True)
        return cls(door, copy, before or {})

    def restore(self) -> Door:
        """Put the school back, whatever was done to it since."""
        self.door.tenant.restore_snapshot()
        rmtree(self.door.playbooks.parent)
        copytree(self.copy, self.door.playbooks.parent)
        return self.door


def _school_file(tenant: Tenant, clouds: Collection[str]) -> str:
    """Give the sample's school file, bound to a tenant, with what it says of some clouds."""
    written = (SAMPLES / "00-school.yaml").read_text()
    bound = written.replace("id: example1", f"id: {SCHOOL_ID}")  # the sample's is refused beside a tenant's own id
    bound = bound.replace("tenant_id: emulated", f"tenant_id: {tenant.tenant_id}")
    bound = bound.replace("customer_id: emulated", f"customer_id: {tenant.customer_id}")
    left_out = {MICROSOFT, GOOGLE} - set(clouds)
    lines = bound.splitlines(keepends=True)
    return "".join(line for line in lines if not line.strip().startswith(tuple(f"{name}:" for name in left_out)))


def empty(door: Door) -> None:
    """Remove every playbook but the school file."""
    for path in door.playbooks.iterdir():
        if path.name != "00-school.yaml":
            rmtree(path) if path.is_dir() else path.unlink()


def keep_mail(door: Door) -> None:
    """Remove the sample playbooks that are not about mail."""
    for path in door.playbooks.glob("*.yaml"):
        if not path.name.startswith(("0", "3")):
            path.unlink()


class _Entry:
    """What CliRunner needs of a click command to run `main` itself, with its handling of errors and exit codes."""

    name = "toolkit"

    @staticmethod
    def main(*, args: list[str], prog_name: str, **_extra: object) -> None:
        del prog_name
        main(args)


_entry: Any = _Entry()
