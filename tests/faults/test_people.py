"""What becomes of a run when what comes before every kind goes wrong: signing in, who the tenant is, who is in it."""

from collections.abc import Mapping, Sequence

import pytest

from tests.door import MICROSOFT
from tests.faults.scenes import Scene, ScenePlay, Stage, one_of_each_sort, played_at_once
from tests.faults.troubles import FOR_EVER, MORE_TROUBLES, TROUBLES, Trouble
from tests.schools import Schools

# How a run ends that cannot have an answer: 0 where nobody of the scene needs it, since a group counts itself.
SIGN_IN: Mapping[str, int] = {
    "GET /{tenant}/v2.0/.well-known/openid-configuration": 4,
    "POST /{tenant}/oauth2/v2.0/token": 4,
}
TENANT: Mapping[str, int] = {"GET /organization": 4}
REFUSED: Mapping[str, int] = {"GET /organization": 1}
"""A tenant that says no is a failure; one that says nothing is unknown."""
PEOPLE: Mapping[str, int] = {"GET /users": 0, "GET /groups": 4, "GET /groups/{id}/transitiveMembers": 4}
PASSING = [
    trouble
    for trouble in (*TROUBLES, *MORE_TROUBLES)
    if trouble.reads == 0 or trouble.fault.get("times") == FOR_EVER["times"]
]
READING = [trouble for trouble in TROUBLES if trouble.reads is not None]


def _by_turns(troubles: Sequence[Trouble], turn: int) -> Sequence[object]:
    """Take every third trouble into every test run, other ones for each test, and all of them into a soak."""
    chosen = troubles[turn::3]
    return [*chosen, *(pytest.param(one, marks=pytest.mark.soak) for one in troubles if one not in chosen)]


@pytest.fixture(scope="module")
def stage(module_schools: Schools) -> Stage:
    return Stage(module_schools.build(clouds=[MICROSOFT]))


@pytest.fixture(scope="module")
def scene(stage: Stage) -> Scene:
    return stage.directory_scene()


def _played(stage: Stage, scene: Scene, trouble: Trouble, operations: Mapping[str, int]) -> Mapping[str, ScenePlay]:
    picked = [(scene, moment) for scene, moment in one_of_each_sort([scene]) if moment.operation in operations]
    return {
        moment.operation: played
        for scene, together in played_at_once(picked, passing=trouble.passes)
        for played in [stage.play(scene, together, trouble.fault, **trouble.variables)]
        for moment in together
    }


def _check(played: Mapping[str, ScenePlay], trouble: Trouble, operations: Mapping[str, int]) -> None:
    ends = {operation: (code if trouble.reads else 0, 0, True, ()) for operation, code in operations.items()}
    assert {operation: one.end for operation, one in played.items()} == ends
    assert [operation for operation, one in played.items() if one.exit and (one.wrote or not one.is_explained)] == []


@pytest.mark.parametrize("trouble", _by_turns(PASSING, 0), ids=str)
def test_trouble_with_signing_in_passes_or_ends_the_run(trouble: Trouble, stage: Stage, scene: Scene) -> None:
    _check(_played(stage, scene, trouble, SIGN_IN), trouble, SIGN_IN)


@pytest.mark.parametrize("trouble", _by_turns(READING, 1), ids=str)
def test_a_tenant_that_cannot_be_told_is_not_written_to(trouble: Trouble, stage: Stage, scene: Scene) -> None:
    _check(_played(stage, scene, trouble, TENANT), trouble, REFUSED if trouble.name == "refused" else TENANT)


@pytest.mark.parametrize("trouble", _by_turns(READING, 2), ids=str)
def test_people_who_could_not_be_read_are_unknown_and_not_absent(trouble: Trouble, stage: Stage, scene: Scene) -> None:
    _check(_played(stage, scene, trouble, PEOPLE), trouble, PEOPLE)


def test_what_comes_before_every_kind_is_all_in_the_tables(scene: Scene) -> None:
    before = {moment.operation for _, moment in one_of_each_sort([scene]) if "/" in moment.operation}

    assert before == {*SIGN_IN, *TENANT, *PEOPLE}
