"""Hostile answers over the wire: each blinds what it is about, and nothing else."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import pytest

from connectors.emulator.hostile import SORTS
from tests.door import Door, open_door
from tests.emulated import Emulator
from tests.hostile.operations import OPERATIONS
from toolkit.errors import Exit

_LIMITS: Mapping[str, str] = {
    "TOOLKIT_PATIENCE": "0.1",
    "TOOLKIT_ANSWER_MEGABYTES": "1",
    "TOOLKIT_UNPACKED_MEGABYTES": "2",
}
_OTHER = {"microsoft365": "google_workspace", "google_workspace": "microsoft365"}
ALL = [(operation, sort) for operation in OPERATIONS for sort in SORTS]
FEW = [(operation, SORTS[place * 7 % len(SORTS)]) for place, operation in enumerate((*OPERATIONS, *OPERATIONS[::19]))]
"""Each operation once, with each sort of hostility in turn."""

assert len(ALL) >= 500
assert {sort for _, sort in FEW} == set(SORTS)
assert len(FEW) == 60

Operation = tuple[str, str, str]
Doors = Callable[[str], Door]


@pytest.fixture(scope="module")
def door_of(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    """Give a school with the sample of one topic, made once for all its plays."""
    tenants = []

    @cache
    def made(topic: str) -> Door:
        tenants.append(emulator.open_tenant(users=12))
        door = open_door(tenants[-1], tmp_path_factory.mktemp("school"), samples=True)
        for path in door.playbooks.glob("*.yaml"):
            if not path.name.startswith("0") and path.name != topic:
                path.unlink()
        return door

    yield made
    for tenant in tenants:
        tenant.close()


def _named(play: object) -> str:
    return play[0] if isinstance(play, tuple) else str(play)


def _play(door: Door, operation: Operation, sort: str) -> None:
    name, command, _ = operation
    attacked = "google_workspace" if _is_of_google(name) else "microsoft365"
    after = door.tenant.last_request()
    door.tenant.fault("hostile", name.replace("[", "[[]"), reason=sort, times=10_000)
    try:
        answered = door.toolkit(command, "--json", **_LIMITS)
    finally:
        door.tenant.disarm()

    met = [one for request in door.tenant.requests(after) for one in request["operations"] if one["name"] == name]
    assert met, f"{command} does not ask {name}"
    # Odd values that are still values may make a plan that is refused: also an end, with nothing written.
    assert answered.exit in (Exit.AS_WANTED, Exit.PENDING, Exit.UNREAD, Exit.REFUSED), answered.err
    blinded = {str(one.get("kind") or one.get("provider")).partition(".")[0] for one in _unknown(answered.json)}
    assert _OTHER[attacked] not in blinded
    if not blinded and answered.exit == Exit.UNREAD:
        raise AssertionError("it ends with 4 and names nothing that is unknown")


def _unknown(told: Mapping[str, object]) -> list[Mapping[str, object]]:
    listed = told.get("unknown") or [one for one in _rows(told.get("findings")) if one["status"] == "unknown"]
    return _rows(listed)


def _rows(value: object) -> list[Mapping[str, object]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _is_of_google(name: str) -> bool:
    return name == "POST /token" or "." in name.partition(" ")[0]


@pytest.mark.parametrize(("operation", "sort"), FEW, ids=_named)
def test_a_hostile_answer_blinds_only_what_it_is_about(door_of: Doors, operation: Operation, sort: str) -> None:
    _play(door_of(operation[2]), operation, sort)


@pytest.mark.soak
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=_named)
def test_every_hostile_answer_of_every_operation(door_of: Doors, operation: Operation, sort: str) -> None:
    _play(door_of(operation[2]), operation, sort)
