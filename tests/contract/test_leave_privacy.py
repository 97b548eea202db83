"""Who is away is in no general output of any command: neither a name nor an id, nor the beginning of one."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from tests.contract.test_replies import AWAY
from tests.door import CommandResult, Door

LATER = "2026-11-16T09:00:00Z"
UPDATES = ("PATCH /users/{id}/mailboxSettings", "gmail.users.settings.updateVacation")
READS = ("GET /users/{id}/mailboxSettings", "gmail.users.settings.getVacation")


def _set(door: Door) -> None:
    assert door.toolkit("apply", "--yes").exit == 0


def _over(door: Door) -> None:
    _set(door)
    door.tenant.set_now(LATER)


def _edited(door: Door) -> None:
    """Let each person write something else over what we set."""
    _set(door)
    for key, row in door.tenant.objects("outlook.mailboxSettings").items():
        door.tenant.patch("outlook.mailboxSettings", key, **{**row, "automaticRepliesSetting": {"status": "disabled"}})


def _refused(door: Door) -> None:
    for operation in UPDATES:
        door.tenant.fault("rejected", operation, times=99, status=400, reason="SomethingElse")


def _unreadable(door: Door) -> None:
    _set(door)
    for operation in READS:
        door.tenant.fault("rejected", operation, times=2, nth=2, status=400, reason="SomethingElse")


def _given_up(door: Door) -> None:
    _set(door)
    (door.playbooks / "33-away.yaml").unlink()


SCENES: Mapping[str, Callable[[Door], None]] = {
    "before": lambda _door: None,
    "set": _set,
    "over": _over,
    "edited": _edited,
    "refused": _refused,
    "unreadable": _unreadable,
    "given up": _given_up,
}

_KEPT = ("unreadable", "given up")
"""Scenes of `make test`: each meets every second command, the other one the others; the soak meets all with all.

Every scene applies, and `given up` gives back. What was refused is told in the lines of what was done, and what was
edited in the lines of what is to be done.
"""


def _answers(door: Door, turn: int | None) -> Mapping[str, CommandResult]:
    """Run every command that reads who is away, and those that read the ledger, as text and as JSON.

    With a turn it runs every second of them.
    """
    log, trace = door.state / "log.txt", door.state / "trace.txt"
    written = ("--log-file", str(log), "--trace", str(trace))
    of_playbooks: tuple[tuple[str, ...], ...] = (
        ("plan",),
        ("plan", "-v"),
        ("plan", "--json"),
        ("drift",),
        ("drift", "--json"),
        ("check",),
        ("check", "-v"),
        ("check", "--json"),
        ("policy",),
        ("due", "--yes"),
        ("due", "--yes", "--json"),
        ("apply", "--yes", *written),
        ("apply", "--yes", "--json", *written),
        ("rollover",),
        ("rollover", "--json"),
    )
    of_ledger = (("audit", "log"), ("audit", "log", "--json"), ("audit", "log", "--last"), ("audit", "verify"))
    answers = {" ".join(words): door.toolkit(*words) for words in _of_turn(of_playbooks, turn)}
    answers |= {" ".join(words): door(*words) for words in of_ledger}
    answers["the files"] = CommandResult(0, log.read_text(), trace.read_text())
    last = answers["audit log --json"].json["runs"][0]["run"]
    return {**answers, "audit log RUN": door("audit", "log", last), "again": door.toolkit("drift", "--json")}


def _of_turn(commands: Sequence[tuple[str, ...]], turn: int | None) -> Sequence[tuple[str, ...]]:
    return commands if turn is None else commands[turn::2]


@pytest.mark.parametrize("tenant", [{"users": 24, "staff": 20}], indirect=True, ids=["small"])
@pytest.mark.parametrize(
    ("scene", "turn"),
    [
        *((scene, turn) for turn, scene in enumerate(_KEPT)),
        *(pytest.param(scene, None, marks=pytest.mark.soak) for scene in SCENES),
    ],
)
def test_nobody_learns_from_a_general_output_who_is_away(wide_door: Door, scene: str, turn: int | None) -> None:
    wide_door.write("33-away.yaml", AWAY.replace("ACT", "set").replace(", names: listed", ""))
    users = wide_door.tenant.objects("users"), wide_door.tenant.objects("google.users")
    ids = {str(row["id"]) for rows in users for row in rows.values()}
    named = {str(row["userPrincipalName"]) for row in users[0].values()} - {"office@example-primary.example"}
    SCENES[scene](wide_door)

    answers = _answers(wide_door, turn)

    for command, answer in answers.items():
        said = answer.out + answer.err
        assert not [one for one in ids if one in said or f"({one[:8]}" in said], f"{command}: {said}"
        assert not [one for one in named if one in said], f"{command}: {said}"
