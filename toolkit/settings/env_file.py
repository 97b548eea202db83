"""Read a school's `.env`, and allow a risky `.env` for live runs.

The permission is stored in the configuration of the user who gives it.
"""

import hashlib
import json
import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, field
from fnmatch import fnmatchcase
from io import StringIO
from pathlib import Path
from stat import S_IMODE

from toolkit.errors import UsageError
from toolkit.private_files import OTHERS, make_private_folder
from toolkit.records import dataclass

PREFIX = "TOOLKIT_"
READABLE = "other users can read it"
FOREIGN = "another user owns it"
_REDIRECTING: Mapping[str, str] = {
    "TOOLKIT_LEDGER": "the database that evidence goes to",
    "TOOLKIT_CA_FILE": "the authority that every encrypted connection trusts",
    "TOOLKIT_NOTIFY_*": "an address that digests are sent to",
}
"""Variables that direct requests or records to other computers."""
_WRITABLE_BY_OTHERS = 0o022
_SUPERUSER = 0


@dataclass(frozen=True, slots=True)
class EnvFile:
    """The content of a `.env` file. `digest` is the SHA-256 of the bytes from which the values were read."""

    path: Path
    owner: int
    mode: int
    digest: str
    values: Mapping[str, str] = field(repr=False)

    @property
    def risks(self) -> tuple[str, ...]:
        """Return the risks of the file that a user must allow before a live run uses it."""
        return tuple(self._find_risks())

    def _find_risks(self) -> Iterator[str]:
        if sys.platform != "win32":  # there a file has neither such a mode nor such an owner
            if self.mode & OTHERS:
                yield READABLE
            if self.owner not in {_SUPERUSER, _user_id()}:
                yield FOREIGN
        yield from (name for name in self.values if redirected_data(name))


def read_env_file(path: Path) -> EnvFile | None:
    """Read a `.env`. Return None if there is no file, and raise UsageError if it cannot be read."""
    if not path.exists():
        return None
    if not path.is_file():
        raise UsageError(f"{path} cannot be read: it is not a file")
    try:
        with path.open("rb") as file:
            content, status = file.read(), os.fstat(file.fileno())
        values = dict(parse_settings(path, content.decode()))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    return EnvFile(path, status.st_uid, S_IMODE(status.st_mode), hashlib.sha256(content).hexdigest(), values)


def parse_settings(path: Path, content: str) -> Iterator[tuple[str, str]]:
    """Yield the settings with toolkit's prefix. `path` is the place that errors name.

    Raise UsageError with the line for a malformed or unknown setting.
    """
    from importlib.resources import files

    from dotenv.parser import parse_stream

    from toolkit.messages import did_you_mean

    example = (files("toolkit.starter") / "env.example.txt").read_text(encoding="utf-8")
    known_names = set(re.findall(rf"^#({PREFIX}\w+)=", example, re.MULTILINE))
    for line in parse_stream(StringIO(content)):
        name, text = line.key or "", line.original.string
        place = f"{path}:{line.original.line + text[: len(text) - len(text.lstrip())].count(chr(10))}"
        if PREFIX in text.partition("#")[0] and (line.error or line.value is None):
            raise UsageError(f"{place}: a setting is written as {PREFIX}NAME=value")
        if not name.startswith(PREFIX) or not line.value:
            continue
        meant = "" if name in known_names or name.startswith(f"{PREFIX}NOTIFY_") else did_you_mean(name, known_names)
        if meant:
            raise UsageError(f"{place}: unknown setting {name}{meant}")
        yield name, line.value


@dataclass(frozen=True, slots=True)
class Allowance:
    """The permission for one `.env`: the digest of its bytes, its owner and its risks."""

    owner: int
    sha256: str
    risks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnvFileRefusal:
    """The reason why a live run must not use a `.env` yet, and the commands that allow it."""

    reason: str
    advice: str


def refuse_unallowed(env_file: EnvFile | None) -> None:
    """Raise UsageError if a live run must not use a `.env` yet. The message has the command that allows it."""
    if refusal := find_refusal(env_file):
        raise UsageError(f"{refusal.reason}. {refusal.advice}")


def find_refusal(env_file: EnvFile | None) -> EnvFileRefusal | None:
    """Return the reason why a live run must not use a `.env` yet, or None if it may or if there is no file."""
    if env_file is None or not (risks := risks_to_allow(env_file)):
        return None
    path = shlex.quote(str(env_file.path))
    changed = ", and its content has changed since it was allowed" if _path_key(env_file) in _read_allowances() else ""
    first = [f"`chmod 600 {path}`"] if READABLE in risks else []
    first += [f"`chown {_user_id()} {path}`"] if FOREIGN in risks else []
    allow = f"`toolkit settings allow {path}`"
    advice = f"Type {' and '.join(first)}" if first else f"Read it, then allow it once as this user: {allow}"
    if first and set(risks) - {READABLE, FOREIGN}:
        advice += f", then {allow}"
    elif first:
        advice += f". If that is not possible, {allow} allows this content once"
    reason = f"{env_file.path} is not used on live tenants yet: {'; '.join(describe_risks(risks))}{changed}"
    return EnvFileRefusal(reason, advice)


def risks_to_allow(env_file: EnvFile) -> Sequence[str]:
    """Return the risks of a `.env` that are not allowed yet for its present owner and content."""
    if not env_file.risks:
        return ()
    kept = _read_allowances().get(_path_key(env_file))
    if kept is None or (kept.owner, kept.sha256) != (env_file.owner, env_file.digest):
        return env_file.risks
    return [risk for risk in env_file.risks if risk not in kept.risks]


def describe_risks(risks: Sequence[str]) -> Iterator[str]:
    """Yield a description of each risk."""
    yield from (f"it sets {risk}, {what}" if (what := redirected_data(risk)) else risk for risk in risks)


def redirected_data(variable: str) -> str:
    """Return a description of the data that a variable sends to another computer, or "" if it sends none."""
    return next((what for name, what in _REDIRECTING.items() if fnmatchcase(variable, name)), "")


def record_allowance(env_file: EnvFile) -> Path:
    """Record that live runs may use a `.env` with this content and owner, and return the path of the record."""
    file = _allowances_path()
    kept = Allowance(env_file.owner, env_file.digest, env_file.risks)
    allowances = {**_read_allowances(), _path_key(env_file): kept}
    text = json.dumps({name: asdict(allowance) for name, allowance in allowances.items()}, indent=2) + "\n"
    fresh = file.with_name(f".{file.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        make_private_folder(file.parent)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
            opened.write(text)
        fresh.replace(file)
    except OSError as error:
        raise UsageError(
            f"{file} cannot be written ({error.strerror}): set XDG_CONFIG_HOME to your own folder"
        ) from error
    return file


def _path_key(env_file: EnvFile) -> str:
    return str(env_file.path.parent.resolve() / env_file.path.name)


def _allowances_path() -> Path:
    given = Path(os.environ.get("XDG_CONFIG_HOME", ""))
    try:
        folder = given if given.is_absolute() else Path.home() / ".config"
    except RuntimeError as error:
        raise UsageError(
            "this account has no home folder: set XDG_CONFIG_HOME to a folder that only this account can use"
        ) from error
    return folder / "toolkit" / "allowed.json"


def _others_may_write(status: os.stat_result) -> bool:
    if sys.platform == "win32":  # whose files have neither such an owner nor such a mode
        return False
    return status.st_uid not in {_SUPERUSER, _user_id()} or bool(S_IMODE(status.st_mode) & _WRITABLE_BY_OTHERS)


def _user_id() -> int:
    return _SUPERUSER if sys.platform == "win32" else os.getuid()


def _read_allowances() -> Mapping[str, Allowance]:
    """Return the recorded permissions by the path of the `.env`.

    Raise UsageError if another user can write the record.
    """
    from pydantic import TypeAdapter, ValidationError

    file = _allowances_path()
    try:
        with file.open("rb") as opened:
            status, content = os.fstat(opened.fileno()), opened.read()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from error
    if _others_may_write(status):
        raise UsageError(f"another user can write to {file}: delete it, and type `toolkit settings allow` again")
    try:
        return TypeAdapter(dict[str, Allowance]).validate_json(content)
    except ValidationError as error:
        raise UsageError(f"{file} cannot be read: delete it, and type `toolkit settings allow` again") from error
