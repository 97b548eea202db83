"""Each file that toolkit reads may be damaged: the command then ends with a code of its own and a line or two."""

import json
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from shutil import copytree, rmtree
from typing import Any

import pyrage  # type: ignore[import-untyped]
import pytest

from tests.cases import playbook, resource
from tests.door import SAMPLES, CommandResult, Door, ask, open_door
from tests.emulated import Emulator
from toolkit.errors import Exit, UsageError
from toolkit.holds.register import new_key
from toolkit.settings.verified_file import NAME as VERIFIED
from toolkit.settings.verified_file import read_verified
from toolkit.values import digest_of

RULE = ("microsoft365.transport_rule", "Mark mail", {"prepend_subject": "[office] "})
HOLDS_KEY = new_key()
DEEP = 100_000
_ENDS = frozenset(Exit) - {Exit.INTERRUPTED, Exit.TERMINATED}
Damage = Callable[[bytes], bytes]


@dataclass(frozen=True)
class School:
    """A school with a file of each sort that toolkit writes."""

    door: Door
    folder: Path
    words: Mapping[str, str]

    def run(self, *arguments: str) -> CommandResult:
        given = [self.words.get(word, word) for word in arguments]
        return ask(*given, **{**self.door.variables, "TOOLKIT_HOLDS_KEY": HOLDS_KEY, "TOOLKIT_PATIENCE": "0.1"})


@pytest.fixture(scope="module")
def original(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    tenant = emulator.borrow_tenant(users=12)
    folder = tmp_path_factory.mktemp("school")
    door = open_door(tenant, folder, samples=False)
    door.write("10-rules.yaml", playbook(resource(*RULE), slug="rules"))
    copytree(SAMPLES / "policy", door.playbooks / "policy")
    reports = folder / "reports"
    assert door.toolkit("apply", "--yes").exit == 0
    assert door.toolkit("plan", "-o", str(folder / "plan.json")).exit == 0
    assert door("audit", "export", door.playbooks, "-o", reports, "--format", "json").exit in (0, 4)
    assert door("state", "backup", folder / "ledger.zip", "--with-names").exit == 0
    register = door.playbooks / "private" / "holds.yaml.age"
    register.parent.mkdir()
    register.write_bytes(_encrypted(b"format: 1\nmatters: []\n"))
    (report,) = reports.glob("*governors*.json")
    words = {"PLAYBOOKS": str(door.playbooks), "BACKUP": str(folder / "ledger.zip"), "REPORT": str(report)}
    words |= {"DRAFT": str(report), "PLAN": str(folder / "plan.json"), "OUT": str(folder / "out")}
    yield School(door, folder, words)
    tenant.close()


def _encrypted(content: bytes) -> bytes:
    sealed: bytes = pyrage.encrypt(content, [pyrage.x25519.Identity.from_str(HOLDS_KEY).to_public()])
    return sealed


COMMANDS: Mapping[str, tuple[str, ...]] = {
    "ledger.zip": ("state", "restore", "BACKUP"),
    "state/emulator/ledger.head": ("audit", "verify"),
    "state/emulator/ledger.db": ("audit", "log"),
    "state/emulator/people.key": ("audit", "log"),
    "state/emulator/serve.json": ("validate", "PLAYBOOKS"),
    "playbooks/private/holds.yaml.age": ("hold", "list", "--playbooks", "PLAYBOOKS"),
    "playbooks/10-rules.yaml": ("validate", "PLAYBOOKS"),
    "playbooks/00-school.yaml": ("validate", "PLAYBOOKS"),
    "reports": ("audit", "verify", "REPORT"),
    "compare": ("audit", "export", "PLAYBOOKS", "-o", "OUT", "--format", "json", "--compare", "REPORT"),
    "draft": ("report", "release", "DRAFT", "PLAYBOOKS", "--by", "Head Teacher", "-o", "OUT", "--format", "json"),
    "respond": (
        *("report", "respond", "DRAFT", "identity.mfa", "PLAYBOOKS", "--response", "All register.", "--lead", "Head"),
        "--accept-risk",
    ),
    "plan.json": ("apply", "PLAN", "--yes"),
}
"""A command that reads each file."""


def _file(school: School, name: str) -> Path:
    word = {"reports": "REPORT", "compare": "REPORT", "draft": "DRAFT", "respond": "DRAFT"}.get(name)
    return Path(school.words[word]) if word else school.folder / name


def _flipped(seed: int) -> Damage:
    def damage(content: bytes) -> bytes:
        chosen, changed = random.Random(seed), bytearray(content)
        for _ in range(3):
            changed[chosen.randrange(len(changed))] ^= 1 << chosen.randrange(8)
        return bytes(changed)

    return damage


def _leaves(value: Any) -> Damage:
    """Return the damage that every value of a JSON file is another one."""

    def damage(content: bytes) -> bytes:
        try:
            return json.dumps(_with_leaf(json.loads(content), value)).replace('"1e999"', "1e999").encode()
        except ValueError:
            return json.dumps({"count": value, "hash": value, "format": value}).replace('"1e999"', "1e999").encode()

    return damage


def _with_leaf(found: Any, value: Any) -> Any:
    match found:
        case dict():
            return {name: _with_leaf(inner, value) for name, inner in found.items()}
        case list():
            return [_with_leaf(inner, value) for inner in found]
        case _:
            return value


DAMAGES: Mapping[str, Damage] = {
    "empty": lambda _: b"",
    "half": lambda content: content[: len(content) // 2],
    "zeros": lambda content: bytes(len(content)),
    "twice": lambda content: content * 2,
    "no text": lambda _: b"\xff\xfe\x00\xd8",
    "deep lists": lambda _: b"[" * DEEP + b"]" * DEEP,
    "deep objects": lambda _: b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "a list": lambda _: b"[1, 2]",
    "a number": lambda _: b"1e999",
    "a long number": lambda _: b"9" * 5000,
    "null": _leaves(None),
    "endless": _leaves("1e999"),
    "huge": _leaves(10**400),
    "objects": _leaves({"odd": ["odd"]}),
    **{f"flipped {seed}": _flipped(seed) for seed in range(4)},
}


@pytest.fixture
def school(original: School, tmp_path: Path) -> School:
    """Copy the school: the files of it are damaged one at a time."""
    rmtree(tmp_path)
    copytree(original.folder, tmp_path)
    before, after = str(original.folder), str(tmp_path)
    words = {name: path.replace(before, after) for name, path in original.words.items()}
    variables = {name: value.replace(before, after) for name, value in original.door.variables.items()}
    door = Door(original.door.tenant, tmp_path / "playbooks", tmp_path / "state", variables)
    return School(door, tmp_path, words)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_damaged_file_ends_its_command_with_a_line(school: School, name: str) -> None:
    file = _file(school, name)
    content = file.read_bytes() if file.exists() else b"x" * 32
    if name.startswith("state/"):
        file.parent.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    for what, damage in DAMAGES.items():
        file.write_bytes(damage(content))
        try:
            _judge(school.run(*COMMANDS[name]))
        except AssertionError as failed:
            wrong.append(f"{what}: {str(failed)[:600]}")
        except BaseException as failed:  # noqa: BLE001 - a defect, whatever its type
            wrong.append(f"{what}: {failed!r:.300}")
    assert wrong == []


def _judge(answered: CommandResult) -> None:
    assert answered.exit in _ENDS
    if answered.exit in (Exit.FAILED, Exit.USAGE):
        assert answered.err or answered.out
        assert max(map(len, answered.err.split("\n"))) < 2_000, "a line of the error is too long"
        assert answered.err.count("\n") < 20
    assert "Traceback" not in answered.err


def _archive(**options: Any) -> BytesIO:
    written = BytesIO()
    with zipfile.ZipFile(written, "w", **options) as archive:
        for name in ("ledger.db", "ledger.head"):
            archive.writestr(name, b"x" * 5000)
    return written


def _archives() -> Iterator[tuple[str, bytes]]:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        content = _archive(compression=method).getvalue()
        yield f"method {method}", content
        for seed in range(6):
            yield f"method {method}, flipped {seed}", _flipped(seed)(content)
        start = content.index(b"ledger.db") + len("ledger.db")
        yield f"method {method}, spoilt", content[:start] + b"\xff" * 9 + content[start + 9 :]
    stored = _archive(compression=zipfile.ZIP_STORED).getvalue()
    local, central = stored.index(b"PK\x03\x04"), stored.index(b"PK\x01\x02")
    for what, offset, value in (("encrypted", 6, 1), ("unknown method", 8, 97), ("unknown version", 4, 200)):
        changed = bytearray(stored)
        changed[local + offset] = value
        changed[central + offset + 2] = value
        yield what, bytes(changed)


@pytest.mark.parametrize(("what", "content"), [pytest.param(*it, id=it[0]) for it in _archives()])
def test_an_archive_that_is_no_backup_is_refused_with_a_line(school: School, what: str, content: bytes) -> None:
    Path(school.words["BACKUP"]).write_bytes(content)

    answered = school.run("state", "restore", "BACKUP")

    assert answered.exit == Exit.FAILED, what
    assert answered.err.count("\n") == 1
    assert len(answered.err) < 1_000


@pytest.mark.parametrize(
    "text",
    [
        *("[" * 5000 + "]" * 5000, "{a: " * 5000 + "1" + "}" * 5000, "- " * 5000, "format: .inf"),
        *("&a [*a, *a]", "\0", "1"),
    ],
    ids=["lists", "mappings", "dashes", "endless", "itself", "zero", "number"],
)
def test_a_register_of_holds_that_is_none_is_refused_with_a_line(school: School, text: str) -> None:
    (school.folder / "playbooks/private/holds.yaml.age").write_bytes(_encrypted(text.encode()))

    answered = school.run("hold", "list", "--playbooks", "PLAYBOOKS")

    assert answered.exit == Exit.FAILED
    assert answered.err.count("\n") == 1
    assert len(answered.err) < 1_000


@pytest.mark.parametrize(
    "tenants",
    [None, [], "x", 7, {"live t": 1}, {"live t": {"f": {}}}, {"live t": {"f": {"on": "x", "by": "read", "run": "r"}}}],
    ids=str,
)
def test_a_file_of_what_was_verified_with_a_seal_made_again_is_refused_with_a_line(
    tmp_path: Path, tenants: Any
) -> None:
    text = f"verified: 1\nseal: {digest_of(tenants)}\ntenants: {json.dumps(tenants)}\n"
    (tmp_path / VERIFIED).write_text(text)

    with pytest.raises(UsageError, match=rf"{VERIFIED}.*: delete the file and run") as refused:
        read_verified(tmp_path)

    assert "\n" not in str(refused.value)
