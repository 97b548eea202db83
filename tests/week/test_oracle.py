"""The oracle of a week finds each broken promise, so that a week that passes says something."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.door import CommandResult, Door
from tests.schools import twenty_people
from tests.week.oracle import Run, broken_ledger, broken_promises, unfinished_wishes
from tests.week.school import CHROME, DOMAINS, INTUNE, MAILBOXES, MARKS, RULES, TAGS

pytestmark = twenty_people

Objects = dict[str, dict[str, dict[str, Any]]]
SAYS = "Example Primary School on emulated tenants\n"


def _tenant() -> Objects:
    rules = {name: {"Name": name, "PrependSubject": mark, "State": "Enabled"} for name, mark in MARKS.items()}
    return {
        RULES: {**rules, "1": {"Name": "Caretaker 1"}, "2": {"Name": "Caretaker 2"}},
        TAGS: {"1": {"Enabled": True}},
        DOMAINS: {"Default": {"Name": "Default", "AutoForwardEnabled": False}},
        CHROME: {"1": {"value": "UNAVAILABLE"}},
        MAILBOXES: {"1": {"LitigationHoldEnabled": True}},
        INTUNE[0]: {"1": {"displayName": "School apps", "apps": ["WhatsApp"], "assignments": [{}]}},
        INTUNE[1]: {},
        INTUNE[2]: {},
    }


def _run(command: str = "apply", *written: str, read: int = 200, begun: int = 1, exit_code: int = 0) -> Run:
    operations = [{"name": "Get-TransportRule", "write": False, "status": read}]
    operations += [{"name": name, "write": True, "status": 200} for name in written]
    result = CommandResult(exit_code, SAYS, "")
    return Run(command, result, [{"operations": operations}], _tenant(), _tenant(), begun_count=begun)


def _changed(change: Callable[[Objects], object]) -> Run:
    after = deepcopy(_tenant())
    change(after)
    return replace(_run("apply", "Set-TransportRule"), after=after)


def _leaking(door: Door) -> Run:
    secret = door.tenant.applications["writer"]["client_secret"]
    return replace(_run(), result=CommandResult(0, SAYS + secret, ""))


BROKEN: dict[str, Callable[[Door], Run]] = {
    "1: ": lambda _: _run("apply", "New-TransportRule", read=503),
    "3: 2 rules": lambda _: _changed(lambda after: after[RULES].update({"new": {"Name": "Mark office"}})),
    "3: 2 objects": lambda _: _changed(lambda after: after[INTUNE[0]].update({"2": {"displayName": "School apps"}})),
    "4: drift": lambda _: _run("drift", "Set-TransportRule"),
    "5: the unmanaged rule": lambda _: _changed(lambda after: after[RULES]["1"].update(State="Disabled")),
    "5: the unmanaged rules": lambda _: _changed(lambda after: after[RULES].update({"1": after[RULES].pop("1")})),
    "6: ": lambda _: _changed(lambda after: after[MAILBOXES]["1"].update(LitigationHoldEnabled=False)),
    "11: ": lambda _: _run("apply", "Set-TransportRule", begun=0),
    "12: ": _leaking,
    "13: ": lambda _: replace(_run(), result=CommandResult(0, "Example Primary School\n", "")),
    "19: ": lambda _: _run(exit_code=130),
    "20: ": lambda _: replace(_run(), result=CommandResult(0, SAYS + "\x1b[2J", "")),
}


@pytest.mark.parametrize("begins", BROKEN)
def test_a_run_that_breaks_a_promise_is_found(bare_door: Door, begins: str) -> None:
    found = list(broken_promises(BROKEN[begins](bare_door), bare_door))

    assert len(found) == 1, found
    assert found[0].startswith(begins)


def test_a_run_that_keeps_the_promises_is_not_accused(bare_door: Door) -> None:
    assert list(broken_promises(_run("apply", "Set-TransportRule"), bare_door)) == []
    assert list(broken_promises(_run("drift", begun=0), bare_door)) == []
    assert list(unfinished_wishes(_tenant(), has_intune=True)) == []


@pytest.mark.parametrize(
    ("collection", "key", "changes"),
    [
        (RULES, "Mark office", {"PrependSubject": "[by hand] "}),
        (RULES, "Mark office", {"State": "Disabled"}),
        (TAGS, "1", {"Enabled": False}),
        (DOMAINS, "Default", {"AutoForwardEnabled": True}),
        (CHROME, "1", {"value": "AVAILABLE"}),
        (INTUNE[0], "1", {"assignments": []}),
    ],
)
def test_a_wish_that_is_not_fulfilled_is_found(collection: str, key: str, changes: dict[str, Any]) -> None:
    tenant = _tenant()
    tenant[collection][key] |= changes

    assert len(list(unfinished_wishes(tenant, has_intune=True))) == 1


def test_a_rule_in_another_place_is_found() -> None:
    tenant = _tenant()
    tenant[RULES]["Mark office"] = tenant[RULES].pop("Mark office")

    assert len(list(unfinished_wishes(tenant, has_intune=True))) == 1


def _write_ledger(path: Path, *entries: Mapping[str, object]) -> None:
    previous = "0" * 64
    with closing(sqlite3.connect(path)) as database:
        database.execute("create table entry (n, previous, text, hash)")
        for number, entry in enumerate(entries, start=1):
            text = json.dumps(entry)
            digest = hashlib.sha256((previous + text).encode()).hexdigest()
            database.execute("insert into entry values (?, ?, ?, ?)", (number, previous, text, digest))
            previous = digest
        database.commit()


def test_a_ledger_with_an_edited_entry_or_an_unfinished_step_is_found(tmp_path: Path) -> None:
    began, ended = ({"kind": kind, "run": "a", "step": 1} for kind in ("step_began", "step_ended"))
    _write_ledger(tmp_path / "sound.db", began, ended)
    _write_ledger(tmp_path / "open.db", began)
    _write_ledger(tmp_path / "edited.db", began, ended)
    with closing(sqlite3.connect(tmp_path / "edited.db")) as database:
        database.execute("update entry set text = '{}' where n = 1")
        database.commit()

    def found(name: str, *, killed: bool = False) -> list[str]:
        return list(broken_ledger(tmp_path / f"{name}.db", runs_were_killed=killed))

    assert found("sound") == found("open", killed=True) == []
    assert found("open") == ["11: [('a', 1)] have no end"]
    assert found("edited") == ["11: entry 1 does not follow from the entry before it"]
