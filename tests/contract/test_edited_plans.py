"""A saved plan in which anything was edited is never applied."""

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.contract.rules import apply, rule, write_rules
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

DRAWN = 15
"""Edits that `make test` plays; `make soak` plays one of every value."""

SEALED = 8
"""Of those with a digest that fits, each of which reads the tenant."""

COMPARED = ("school", "tenants", "changes", "objects")
"""What an apply compares with the plan made now; the rest of a plan file is bound by its digest alone."""

PARTS = 6
"""Parts of the soak, which plays every value of the samples' plan once: changed, or removed, by turns."""

Place = tuple[str | int, ...]
Edit = tuple[Place, str]


@pytest.fixture(autouse=True)
def _in_no_school(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder: a plan looks for its playbooks in the school of the working directory first."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))


def _leaves(value: Any, place: Place = ()) -> Iterator[Place]:
    """Yield where every value is that holds no other, an empty list included."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in below:
        yield from _leaves(item, (*place, key))
    if not (isinstance(value, dict | list) and value):
        yield place


def _other(value: Any) -> Any:
    """Return another value than this one."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return f"{value}x"
        case []:
            return ["x"]
        case {}:
            return {"x": 1}
        case _:
            return "x"


def _edited(plan: dict[str, Any], edit: Edit) -> dict[str, Any]:
    (*above, last), way = edit
    edited = deepcopy(plan)
    holder: Any = edited
    for step in above:
        holder = holder[step]
    if way == "removed":
        del holder[last]
    else:
        holder[last] = _other(holder[last])
    return edited


def _edits(plan: dict[str, Any]) -> list[Edit]:
    places = [place for place in _leaves(plan) if place]
    return [(place, way) for place in places for way in ("changed", "removed")]


def _sealed(plan: dict[str, Any]) -> str:
    rest = {name: value for name, value in plan.items() if name != "content_digest"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return json.dumps({**rest, "content_digest": hashlib.sha256(text.encode()).hexdigest()})


def _applied(door: Door, saved: Path, edits: Sequence[Edit], write: Callable[[dict[str, Any]], str]) -> list[Any]:
    """Return every edit that did not end in a refusal, or wrote."""
    plan = json.loads(saved.read_text())
    before, wrong = newest(door), []
    for edit in edits:
        edited = saved.with_name("edited.plan")
        edited.write_text(write(_edited(plan, edit)))
        answer = door("apply", edited, "--yes")
        if answer.exit not in {2, 5} or answer.err.count("\n") != 1:
            wrong.append((edit, answer.exit, answer.err))
    assert writes(door, before) == []
    return wrong


@pytest.fixture
def samples(small_door: Door, tmp_path: Path) -> tuple[Door, Path]:
    """Save the first plan of the samples."""
    saved = tmp_path / "samples.plan"
    assert small_door.toolkit("plan", "-o", str(saved)).exit == 3
    return small_door, saved


@pytest.fixture
def rules(bare_door: Door, tmp_path: Path) -> tuple[Door, Path]:
    """Save a plan that updates a rule and creates another."""
    write_rules(bare_door, rule("B"))
    apply(bare_door)
    write_rules(bare_door, rule("B", prepend_subject="[changed] "), rule("C"))
    saved = tmp_path / "rules.plan"
    assert bare_door.toolkit("plan", "-o", str(saved)).exit == 3
    return bare_door, saved


def _plan_of(saved: Path) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(saved.read_text())
    return plan


def test_a_drawn_edit_of_the_samples_plan_is_never_applied(samples: tuple[Door, Path]) -> None:
    door, saved = samples
    edits = random.Random(8).sample(_edits(_plan_of(saved)), DRAWN)

    assert _applied(door, saved, edits, json.dumps) == []


def test_a_drawn_edit_with_a_digest_that_fits_is_never_applied(rules: tuple[Door, Path]) -> None:
    door, saved = rules
    edits = [edit for edit in _edits(_plan_of(saved)) if edit[0][0] in COMPARED]

    assert _applied(door, saved, random.Random(8).sample(edits, SEALED), _sealed) == []


@pytest.mark.soak
@pytest.mark.parametrize("part", range(PARTS))
def test_no_edit_of_the_samples_plan_is_applied(samples: tuple[Door, Path], part: int) -> None:
    door, saved = samples
    changed, removed = (_edits(_plan_of(saved))[turn::2] for turn in (0, 1))
    edits = [changed[at] if at % 2 else removed[at] for at in range(part, len(changed), PARTS)]

    assert _applied(door, saved, edits, json.dumps) == []


def test_an_unedited_plan_is_applied(rules: tuple[Door, Path]) -> None:
    door, saved = rules

    assert door("apply", saved, "--yes").exit == 0
    assert door.toolkit("plan").exit == 0


@pytest.mark.soak
def test_no_edit_with_a_digest_that_fits_is_applied(rules: tuple[Door, Path]) -> None:
    door, saved = rules
    edits = [edit for edit in _edits(_plan_of(saved)) if edit[0][0] in COMPARED]

    assert _applied(door, saved, edits, _sealed) == []


@pytest.mark.soak
def test_no_drawn_edit_of_the_samples_plan_with_a_digest_that_fits_is_applied(samples: tuple[Door, Path]) -> None:
    door, saved = samples
    edits = [edit for edit in _edits(_plan_of(saved)) if edit[0][0] in COMPARED]

    assert _applied(door, saved, random.Random(8).sample(edits, DRAWN), _sealed) == []


@pytest.mark.soak
def test_an_unedited_plan_of_the_samples_is_applied(samples: tuple[Door, Path]) -> None:
    door, saved = samples

    assert door("apply", saved, "--yes").exit == 0
    assert door.toolkit("plan").exit == 0
