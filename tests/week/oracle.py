"""Judges a night by the emulator's stored objects and request log, and by the bytes of the ledger and the output.

Nothing of the product is imported here. Each promise has its number in the design's list of promises.
"""

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.door import CommandResult, Door
from tests.week.school import CHROME, DOMAINS, INTUNE, MAILBOXES, MARKS, RULES, TAGS, marks_of

Stored = Mapping[str, Mapping[str, Mapping[str, Any]]]
READ_ONLY = {"drift", "plan", "check"}
_HOLDS = ("LitigationHoldEnabled", "InPlaceHolds", "RetentionHoldEnabled", "SingleItemRecoveryEnabled")
_FIRST = "0" * 64
_WATCHED = (RULES, TAGS, DOMAINS, CHROME, MAILBOXES, *INTUNE)


def read_tenant(door: Door) -> Stored:
    """Return the objects that the oracle watches, by collection and key."""
    return {collection: door.tenant.objects(collection) for collection in _WATCHED}


@dataclass(frozen=True)
class Run:
    """A run that ended: its command, its result, its requests, and the tenant before and after it."""

    command: str
    result: CommandResult
    requests: Sequence[Mapping[str, Any]]
    before: Stored
    after: Stored
    was_killed: bool = False
    begun_count: int = 0  # the steps that began in this run, by the ledger

    def operations(self) -> Iterator[Mapping[str, Any]]:
        for request in self.requests:
            yield from request["operations"]

    def writes(self) -> list[str]:
        return [operation["name"] for operation in self.operations() if operation["write"]]


def broken_promises(run: Run, door: Door) -> Iterator[str]:
    """Yield a sentence for each promise that a run broke, whatever happened in the night."""
    yield from _wrote_without_reading(run)
    yield from _made_twice(run)
    if run.command in READ_ONLY and run.writes():
        yield f"4: {run.command} sent {run.writes()}"
    if run.writes() and not run.begun_count:
        yield f"11: {run.writes()} were sent, and the ledger has no step that began"
    yield from _touched_unmanaged(run)
    yield from _weakened_holds(run)
    yield from _find_leaks(run, door)
    if not (run.was_killed or run.result.exit in {0, 1, 3, 4, 5}):
        yield f"19: {run.command} ended with {run.result.exit}"


def _wrote_without_reading(run: Run) -> Iterator[str]:
    """Find writes of mail rules after no list of mail rules was read."""
    names = [(operation["name"], operation["status"]) for operation in run.operations()]
    read = any(name == "Get-TransportRule" and status == 200 for name, status in names)
    written = [name for name in run.writes() if name.endswith("-TransportRule")]
    if written and not read:
        yield f"1: {written} without a list of rules"


def _made_twice(run: Run) -> Iterator[str]:
    names = Counter(str(rule["Name"]) for rule in run.after[RULES].values())
    yield from (f"3: {count} rules are called {name}" for name, count in names.items() if count > 1)
    for collection in INTUNE:
        named = Counter(str(body.get("displayName") or body.get("name")) for body in run.after[collection].values())
        before = Counter(str(body.get("displayName") or body.get("name")) for body in run.before[collection].values())
        yield from (
            f"3: {count} objects of {collection} are called {name}"
            for name, count in named.items()
            if count > max(1, before[name])
        )


def _touched_unmanaged(run: Run) -> Iterator[str]:
    for key, rule in run.before[RULES].items():
        ours = rule["Name"] in MARKS or str(rule["Name"]).endswith(" (old)")
        if not ours and _content(run.after[RULES].get(key)) != _content(rule):
            yield f"5: the unmanaged rule {rule['Name']} was changed"
    order = [
        [key for key, rule in state[RULES].items() if rule["Name"].startswith("Caretaker")]
        for state in (run.before, run.after)
    ]
    if order[0] != order[1]:
        yield "5: the unmanaged rules were moved among themselves"


def _content(rule: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    return rule and {name: value for name, value in rule.items() if name not in {"Priority", "WhenChanged"}}


def _weakened_holds(run: Run) -> Iterator[str]:
    for key, mailbox in run.before[MAILBOXES].items():
        after = run.after[MAILBOXES].get(key, {})
        yield from (f"6: {name} of a mailbox was changed" for name in _HOLDS if mailbox.get(name) != after.get(name))


def _find_leaks(run: Run, door: Door) -> Iterator[str]:
    text = run.result.out + run.result.err
    secrets = [application["client_secret"] for application in door.tenant.applications.values()]
    kept = [path.read_bytes() for path in (door.state / "emulator").glob("ledger*") if path.is_file()]
    if any(secret in text or any(secret.encode() in data for data in kept) for secret in secrets):
        yield "12: a client secret left the settings"
    if odd := sorted({character for character in text if not character.isprintable() and character != "\n"}):
        yield f"20: the output has {odd}"
    if run.result.out and not run.was_killed and "emulat" not in run.result.out:
        yield "13: an emulated run does not say that it is one"


def broken_ledger(ledger: Path, *, runs_were_killed: bool) -> Iterator[str]:
    """Yield a sentence for each promise about the ledger that its bytes break."""
    with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as database:
        rows = database.execute("select n, previous, text, hash from entry order by n").fetchall()
    previous, begun = _FIRST, dict[tuple[str, int], str]()
    for place, (number, before, text, digest) in enumerate(rows, start=1):
        computed = hashlib.sha256(previous.encode() + text.encode()).hexdigest()
        if (number, before, digest) != (place, previous, computed):
            yield f"11: entry {place} does not follow from the entry before it"
            return
        previous = digest
        begun |= dict(_steps(json.loads(text)))
    open_steps = [key for key, kind in begun.items() if kind == "step_began"]
    if open_steps and not runs_were_killed:
        yield f"11: {open_steps} have no end"


def _steps(entry: Mapping[str, Any]) -> Iterator[tuple[tuple[str, int], str]]:
    if "step" in entry:
        yield (str(entry["run"]), int(entry["step"])), str(entry["kind"])


def begun_steps(ledger: Path) -> int:
    """Return the number of steps that the ledger says began."""
    if not ledger.exists():
        return 0
    with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as database:
        texts = database.execute("select text from entry").fetchall()
    return sum(json.loads(text)["kind"] == "step_began" for (text,) in texts)


def unfinished_wishes(state: Stored, *, has_intune: bool) -> Iterator[str]:
    """Yield a sentence for each wish that the tenant does not fulfil after a night that ended without faults."""
    if marks_of(state[RULES]) != list(MARKS.items()):
        yield f"2, 14: the rules are {marks_of(state[RULES])}"
    disabled = [rule["Name"] for rule in state[RULES].values() if rule["Name"] in MARKS and rule["State"] != "Enabled"]
    if disabled:
        yield f"2: {disabled} are off"
    if not all(body["Enabled"] for body in state[TAGS].values()):
        yield "2: mail from outside is not marked"
    default = [body for body in state[DOMAINS].values() if body.get("Name", body.get("Identity")) == "Default"]
    if any(body["AutoForwardEnabled"] for body in default):
        yield "2: mail may be forwarded"
    if not any("UNAVAILABLE" in json.dumps(body) for body in state[CHROME].values()):
        yield "2: private windows are allowed"
    blocked = [body for body in state[INTUNE[0]].values() if "whatsapp" in json.dumps(body).casefold()]
    if has_intune and not any(body.get("assignments") for body in blocked):
        yield "2: trip leaders may chat"
