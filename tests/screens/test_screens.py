"""The screens of a school's first weeks are equal to the recorded ones.

After a change of words that is meant: `TOOLKIT_RECORD_SCREENS=1 pytest tests/screens`, and read the difference.
"""

import contextlib
import os
from collections.abc import Mapping

import pytest

from tests.schools import Schools
from tests.screens.scenes import GOLDEN, SCENES, record, screens


@pytest.fixture(scope="module")
def shown(module_schools: Schools) -> Mapping[str, str]:
    """Run every scene at a school of few people with the sample playbooks."""
    door = module_schools.build(samples=True)
    with contextlib.chdir(door.playbooks.parent):  # a .env in the folder of the tests is not part of a screen
        texts = dict(screens(door))
    if os.environ.get("TOOLKIT_RECORD_SCREENS"):
        record(texts)
    return texts


@pytest.mark.parametrize("number", range(1, len(SCENES) + 1), ids=[scene.name for scene in SCENES])
def test_a_screen_is_as_recorded(shown: Mapping[str, str], number: int) -> None:
    name = f"{number:02}-{SCENES[number - 1].name}.txt"

    assert shown[name].splitlines() == (GOLDEN / name).read_text(encoding="utf-8").splitlines()


def test_each_recorded_screen_has_a_scene() -> None:
    names = {f"{number:02}-{scene.name}.txt" for number, scene in enumerate(SCENES, 1)}

    assert {path.name for path in GOLDEN.glob("*.txt")} == names
