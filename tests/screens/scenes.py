"""The commands of a school's first weeks, and their screens as text that is equal in every run."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.contract.rules import STORED
from tests.door import Door

GOLDEN = Path(__file__).parent / "golden"
_VARYING = (
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<id>"),
    (re.compile(r"\bC0[0-9a-z]{7}\b"), "<customer>"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<hash>"),
    (re.compile(r"\b(?=[0-9a-f]*[0-9])([0-9a-f]{8}|[0-9a-f]{12}|[0-9a-f]{16})\b"), "<short id>"),
    (re.compile(r"https://127\.0\.0\.1:\d+"), "<emulator>"),
    (re.compile(r"(?m)^Doctor: \d+ ok"), "Doctor: <count> ok"),
    (re.compile(r"(?m)^this computer: .*"), "this computer: <checks>"),
    (re.compile(r"\bby \S+ \(person-"), "by <account> (person-"),
)


@dataclass(frozen=True)
class Scene:
    """A screen: its file, the command, and the event in the tenant or the playbooks before it."""

    name: str
    command: Sequence[str]
    prepare: Callable[[Door], object] = lambda _: None
    any_order: bool = False  # the objects come in the order of the service, by ids that differ in every run


def _edit_rule(door: Door) -> None:
    """Let another program change the words that the school puts before outside mail."""
    rules = door.tenant.objects(STORED)
    key = next(key for key, rule in rules.items() if rule["PrependSubject"])
    door.tenant.patch_by("Other Tool", STORED, key, PrependSubject="[outside] ")


def _misspell(door: Door) -> None:
    heading = "playbook: mistakes\nowner: Head Teacher\nclauses: [EML-18]\n"
    door.write("90-mistakes.yaml", f"{heading}controls:\n  - mail.disclamer:\n      txt: Hello\n")


def _correct(door: Door) -> None:
    (door.playbooks / "90-mistakes.yaml").unlink()


def _lose_permissions(door: Door) -> None:
    door.tenant.grant("reader", directory_roles=[])


def _return_permissions(door: Door) -> None:
    door.tenant.grant("reader", directory_roles=["Global Reader", "View-Only Audit Logs"])


def _day(day: int, clock: str = "09:00") -> Callable[[Door], object]:
    return lambda door: door.tenant.set_now(f"2026-11-{day:02}T{clock}:00Z")


SCENES = (
    Scene("validate", ["validate", "playbooks/"], _day(10)),
    Scene("doctor", ["doctor", "playbooks/"]),
    Scene("permissions", ["permissions", "playbooks/"]),
    Scene("first-plan", ["plan", "playbooks/"]),
    Scene("first-plan-in-full", ["plan", "playbooks/", "-v"]),
    Scene("first-apply", ["apply", "playbooks/", "--yes"]),
    Scene("nothing-to-do", ["plan", "playbooks/"]),
    Scene("check", ["check", "playbooks/"]),
    Scene("policy", ["policy", "playbooks/"]),
    Scene("clause", ["policy", "playbooks/", "EML-18"]),
    Scene("due", ["due", "playbooks/", "--yes"]),
    Scene("drift", ["drift", "playbooks/"], _edit_rule),
    Scene("repair", ["plan", "playbooks/"]),
    Scene("log", ["audit", "log"]),
    Scene("verify", ["audit", "verify"]),
    Scene("rollover", ["rollover", "playbooks/"]),
    Scene("holds", ["hold", "list"]),
    Scene("devices", ["device", "check"]),
    Scene("checklists", ["checklist", "list"]),
    Scene("kinds", ["kinds"]),
    Scene("kind", ["kinds", "google_workspace.group_footer"]),
    Scene("control", ["kinds", "mail.disclaimer"]),
    Scene("apps", ["apps", "whatsapp"]),
    Scene("cron", ["schedule", "cron", "playbooks/"]),
    Scene("settings", ["settings"]),
    Scene("misspelt", ["validate", "playbooks/"], _misspell),
    Scene("unknown-option", ["plan", "playbooks/", "--onyl", "mail"], _correct),
    Scene("unread", ["drift", "playbooks/"], _lose_permissions),
    Scene("unread-plan", ["plan", "playbooks/"]),
    Scene("withdrawal", ["withdraw", "playbooks/"], _return_permissions, any_order=True),
)


def screens(door: Door) -> Iterator[tuple[str, str]]:
    """Run every scene in order, and yield the name of its file and its text."""
    for number, scene in enumerate(SCENES, 1):
        scene.prepare(door)
        words = [str(door.playbooks) if word == "playbooks/" else word for word in scene.command]
        result = door(*words)
        out = _in_order(result.out) if scene.any_order else result.out
        yield f"{number:02}-{scene.name}.txt", _text(door, scene.command, result.exit, out, result.err)


def _in_order(text: str) -> str:
    """Sort the neighbouring lines that begin with the same sign or indent."""
    blocks = groupby(text.splitlines(), key=lambda line: line[:2])
    return "\n".join(line for _, lines in blocks for line in sorted(lines))


def _text(door: Door, command: Sequence[str], code: int, out: str, err: str) -> str:
    lines = [f"$ toolkit {' '.join(command)}", *out.splitlines()]
    if err:
        lines += ["--- standard error", *err.splitlines()]
    text = "\n".join([*lines, f"--- exit {code}", ""])
    folders = {door.playbooks: "playbooks", door.state: "state", door.state.parent: "folder", Path.cwd(): "here"}
    for path, shown in folders.items():
        text = text.replace(str(path), shown)
    text = text.replace(str(Path(sys.executable).parent), "bin")
    for pattern, shown in _VARYING:
        text = pattern.sub(shown, text)
    return text


def record(texts: Mapping[str, str]) -> None:
    """Write every screen, and remove the files of removed scenes."""
    for path in GOLDEN.glob("*.txt"):
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
