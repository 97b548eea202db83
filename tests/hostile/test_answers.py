"""Hostile answers over the wire: each blinds what it is about, and nothing else."""

from collections.abc import Callable, Mapping
from functools import cache

import pytest

from tests.door import Door
from tests.extended_emulator.hostile import SORTS
from tests.hostile.blinded import BLINDS, OTHER_TENANT, harmless
from tests.hostile.operations import OPERATIONS, is_of_google
from tests.schools import Schools
from toolkit.errors import Exit

_LIMITS: Mapping[str, str] = {
    "TOOLKIT_PATIENCE": "0.1",
    "TOOLKIT_ANSWER_MEGABYTES": "1",
    "TOOLKIT_UNPACKED_MEGABYTES": "2",
}
_OTHER = {"microsoft365": "google_workspace", "google_workspace": "microsoft365"}
ALL = [(operation, sort) for operation in OPERATIONS for sort in SORTS]
FEW = [
    (operation, SORTS[place * 7 % len(SORTS)]) for place, operation in enumerate([*OPERATIONS[::3], *OPERATIONS[1:3]])
]
"""Every third operation once, with each sort of hostility in turn; `make soak` meets all with all."""

assert len(ALL) >= 500
assert {sort for _, sort in FEW} == set(SORTS)
assert len(OPERATIONS) <= 3 * len(FEW) < 100

Operation = tuple[str, str, str]
Doors = Callable[[str], Door]
Others = Callable[[Operation], frozenset[str]]


@pytest.fixture(scope="module")
def door_of(module_schools: Schools) -> Doors:
    """Give a school with the sample of one topic, made once for all its plays, which only read the one tenant."""

    @cache
    def made(topic: str) -> Door:
        door = module_schools.build({"users": 12}, samples=True)
        for path in door.playbooks.glob("*.yaml"):
            if not path.name.startswith("0") and path.name != topic:
                path.unlink()
        return door

    return made


def _play_id(play: object) -> str:
    return play[0] if isinstance(play, tuple) else str(play)


def _play(door: Door, operation: Operation, sort: str, others: frozenset[str]) -> None:
    name, command, _ = operation
    after = door.tenant.last_request()
    door.tenant.fault("hostile", name, reason=sort, times=10_000)
    try:
        answered = door.toolkit(command, "--json", **_LIMITS)
    finally:
        door.tenant.disarm()

    assert _met(door, after, name), f"{command} does not ask {name}"
    if (name, sort) in OTHER_TENANT:
        assert answered.exit == Exit.USAGE
        assert "wrong tenant" in answered.err
        return
    assert answered.exit in (Exit.AS_WANTED, Exit.PENDING, Exit.UNREAD), answered.err
    unknown = _unknown(answered.json)
    blinded = {str(row.get("kind") or f"{row['provider']}/{row['control']}") for row in unknown}
    attacked = "google_workspace" if is_of_google(name) else "microsoft365"
    assert not any(it.startswith(_OTHER[attacked]) for it in blinded), blinded
    assert BLINDS[name] in blinded or sort in harmless(name), (answered.exit, blinded)
    assert others <= _asked_of_the_other(door, after, name), "the other cloud was not read as it is without hostility"
    if answered.exit == Exit.UNREAD:
        assert blinded


def _met(door: Door, after: int, name: str) -> bool:
    """Say whether a hostile answer was given."""
    asked = [operation for request in door.tenant.requests(after) for operation in request["operations"]]
    return any(operation["name"] == name and operation["fault"] == "hostile" for operation in asked)


def _asked_of_the_other(door: Door, after: int, name: str) -> frozenset[str]:
    """List what was asked of the cloud that an operation does not belong to."""
    return frozenset(asked for asked in door.tenant.operations(after) if is_of_google(asked) != is_of_google(name))


def _unknown(answer: Mapping[str, object]) -> list[Mapping[str, object]]:
    listed = answer.get("unknown") or [row for row in _rows(answer.get("findings")) if row["status"] == "unknown"]
    return _rows(listed)


def _rows(value: object) -> list[Mapping[str, object]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


@pytest.fixture(scope="module")
def others(door_of: Doors) -> Callable[[Operation], frozenset[str]]:
    """Give what a command asks of the cloud that an operation does not belong to, where no answer is hostile."""

    @cache
    def asked(topic: str, command: str) -> frozenset[str]:
        door = door_of(topic)
        after = door.tenant.last_request()
        door.toolkit(command, "--json", **_LIMITS)
        return frozenset(door.tenant.operations(after))

    def of_the_other(operation: Operation) -> frozenset[str]:
        name, command, topic = operation
        return frozenset(it for it in asked(topic, command) if is_of_google(it) != is_of_google(name))

    return of_the_other


@pytest.mark.parametrize(("operation", "sort"), FEW, ids=_play_id)
def test_a_hostile_answer_blinds_only_what_it_is_about(
    door_of: Doors, others: Others, operation: Operation, sort: str
) -> None:
    _play(door_of(operation[2]), operation, sort, others(operation))


@pytest.mark.soak
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=_play_id)
def test_every_hostile_answer_of_every_operation(
    door_of: Doors, others: Others, operation: Operation, sort: str
) -> None:
    _play(door_of(operation[2]), operation, sort, others(operation))
