"""What becomes of a run when a request that a kind sends goes wrong, and of the run after it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial

import pytest

from tests.cases import KINDS, protect_nobody
from tests.door import open_door
from tests.emulated import FEW_PEOPLE, Emulator
from tests.faults.scenes import (
    Moment,
    Scene,
    ScenePlay,
    Stage,
    every_moment,
    one_of_each_sort,
    played_at_once,
    troubled_cases,
)
from tests.faults.troubles import MORE_TROUBLES, TROUBLES, Trouble
from toolkit.sdk.endpoint import Bulk
from toolkit.sdk.providers import kinds, providers


def _endpoint(kind: str) -> object:
    provider, _, name = kind.partition(".")
    return kinds(provider)[name].endpoint


def _of_each_endpoint() -> list[str]:
    """Give one kind of each class of endpoint: kinds that share one send the same requests."""
    by_endpoint: dict[type, str] = {}
    for kind in KINDS:
        by_endpoint.setdefault(type(_endpoint(kind)), kind)
    return list(by_endpoint.values())


OF_EACH_ENDPOINT = _of_each_endpoint()


def _of_each_family() -> list[str]:
    """Give one kind of all whose endpoints inherit from the same class of a connector."""
    by_family: dict[type, str] = {}
    for kind in OF_EACH_ENDPOINT:
        ours = [base for base in type(_endpoint(kind)).__mro__ if base.__module__.startswith("connectors.")]
        by_family.setdefault(ours[-1], kind)
    return list(by_family.values())


FAMILIES = [*_of_each_family()[::2], "microsoft365.retention_policy"]
"""Every second family, and one of the service of compliance, so that every client is tried."""
IN_TURN = [(kind, TROUBLES[place % len(TROUBLES)]) for place, kind in enumerate(FAMILIES)]
"""Each of these meets one of the troubles, its neighbours the others; `make soak` plays all kinds with all."""

assert {trouble.name for _, trouble in IN_TURN} == {trouble.name for trouble in TROUBLES}

_BULK = [kind for kind in KINDS if isinstance(_endpoint(kind), Bulk)]
_LOST = [trouble for trouble in MORE_TROUBLES if trouble.name.endswith("after for ever")]
_LOST_IN_TURN = [(kind, _LOST[place % len(_LOST)]) for place, kind in enumerate(_BULK)]

FOR_LOOK_ALIKES = {
    "microsoft365.external_in_outlook": "Get-TransportRule",
    "microsoft365.transport_rule": "Get-ExternalInOutlook",
}
"""What is read of another kind to find an object with the same job: that it cannot be read is noted, no failure."""

FOR_HOW_SURE = "GET /deviceManagement/managedDevices"
"""What is asked to say how sure it is that an object works: it is written, and the run ends with 4."""

Play = tuple[Stage, Sequence[Scene]]
Moments = Callable[[Sequence[Scene]], Iterator[tuple[Scene, Moment]]]


@pytest.fixture(scope="module")
def play_of(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Play]]:
    """Give a kind's scenes, made once for the tests of it that follow each other, on a tenant of its own."""
    shared: dict[str, Collection[str]] = {}
    latest: dict[str, Play] = {}

    def made(kind: str) -> Play:
        if kind not in latest:
            end()  # the next kind gets the same tenant, put back
            latest[kind] = begun(kind)
        return latest[kind]

    def end() -> None:
        for stage, _ in latest.values():
            stage.door.tenant.close()
        latest.clear()

    def begun(kind: str) -> Play:
        tenant, clouds = emulator.borrow_tenant(**FEW_PEOPLE), [kind.partition(".")[0]]
        door = open_door(tenant, tmp_path_factory.mktemp("school"), samples=False, clouds=clouds)
        protect_nobody(door)
        stage = Stage(door, shared.get(clouds[0], ()))
        shared[clouds[0]] = stage.shared
        scenes = list(stage.scenes(kind, troubled_cases(kind)))
        assert scenes, f"no case of {kind} has `troubled: true`, so that nothing of it would be tried"
        return stage, scenes

    yield made
    end()


def _is_for_look_alikes(scene: Scene, moment: Moment) -> bool:
    return any(moment.operation == read and f"- {kind}:" in scene.text for kind, read in FOR_LOOK_ALIKES.items())


def _played(play: Play, trouble: Trouble, moments: Moments, *, alone: bool = False) -> Mapping[Moment, ScenePlay]:
    stage, scenes = play
    picked = [
        (scene, moment)
        for scene, moment in moments(scenes)
        if trouble.code(moment) is not None and not _is_for_look_alikes(scene, moment)
    ]
    return {
        moment: played
        for scene, together in played_at_once(picked, passing=trouble.passes and not alone)
        for played in [stage.play(scene, together, trouble.fault, **trouble.variables_at(together[0]))]
        for moment in together
    }


def _may_write(moment: Moment) -> bool:
    """Return whether a run may write although this request went wrong."""
    return moment.write or moment.after or moment.reads_another or moment.operation == FOR_HOW_SURE


def _check(played: Mapping[Moment, ScenePlay], trouble: Trouble) -> None:
    assert {moment: one.end for moment, one in played.items()} == {moment: trouble.end(moment) for moment in played}
    assert [moment for moment, one in played.items() if one.exit and not one.is_explained] == []
    held_up = [m for m, one in played.items() if one.exit and one.wrote and not _may_write(m)]
    assert held_up == []


@pytest.mark.parametrize(("kind", "trouble"), IN_TURN, ids=str)
def test_trouble_with_a_request_passes_or_is_said_and_the_next_run_puts_it_right(
    kind: str, trouble: Trouble, play_of: Callable[[str], Play]
) -> None:
    _check(_played(play_of(kind), trouble, partial(_few, FAMILIES.index(kind))), trouble)


def _few(turn: int, scenes: Sequence[Scene]) -> Iterator[tuple[Scene, Moment]]:
    """Pick the first read, the first write, the first move, and the first look at what became of a write.

    The scenes of one kind begin with its creation, those of the next with its change.
    """
    picked, first = set(), turn % len(scenes)
    for scene, moment in one_of_each_sort([*scenes[first:], *scenes[:first]]):
        if (what := (moment.write and moment.scene == "move", moment.write, moment.after)) not in picked:
            picked.add(what)
            yield scene, moment


def _writes(scenes: Sequence[Scene]) -> Iterator[tuple[Scene, Moment]]:
    return ((scene, moment) for scene, moment in one_of_each_sort(scenes) if moment.write)


@pytest.mark.parametrize(("kind", "trouble"), _LOST_IN_TURN, ids=str)
def test_changes_sent_together_whose_answer_never_comes_are_found_or_unknown_and_the_next_run_puts_them_right(
    kind: str, trouble: Trouble, play_of: Callable[[str], Play]
) -> None:
    _check(_played(play_of(kind), trouble, _writes), trouble)


def test_all_endpoints_that_send_changes_together_are_tried() -> None:
    assert {kind.partition(".")[0] for kind in _BULK} == set(providers())
    tried = {trouble.fault["fault"] for _, trouble in _LOST_IN_TURN}
    assert tried == {"throttled_after", "unavailable_after", "dropped_after"}


@pytest.mark.soak
@pytest.mark.parametrize("trouble", [*TROUBLES, *MORE_TROUBLES], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_trouble_with_any_request_passes_or_is_said_and_the_next_run_puts_it_right(
    kind: str, trouble: Trouble, play_of: Callable[[str], Play]
) -> None:
    _check(_played(play_of(kind), trouble, every_moment, alone=True), trouble)


@pytest.mark.soak
@pytest.mark.parametrize("kind", OF_EACH_ENDPOINT)
def test_the_troubled_cases_of_a_kind_send_whatever_its_cases_send(kind: str, play_of: Callable[[str], Play]) -> None:
    stage, scenes = play_of(kind)

    others = {FOR_LOOK_ALIKES.get(kind), FOR_HOW_SURE}  # the second counts devices for a case that is for all of them
    assert stage.sent_for_all_cases(kind) - others == {moment.operation for _, moment in every_moment(scenes)} - others
