"""Names: a class has a name of its own, and no module goes by a name that was given up."""

import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCOPES = ["toolkit", "connectors/microsoft365", "connectors/google_workspace", "connectors/emulator"]
GIVEN_UP = {
    "toolkit/engine": "reconcile survey planned expanded found doubted inside missed measures starting adopting verdict"
    " over_limits answering bracketing remembered recalled rebound piloted away dueness looking lending turned"
    " remembering remembrance past trailing desk fit fitting newcomer telling posting synced compared",
    "toolkit/planning": "own known seen imagined nameless sparing arrange order realise beginning piloting excepting"
    " deed contest difference dropped leftover way_back undo turn tried first on_file floors portrait tailoring",
    "toolkit/ledger": "told deeds acts sightings bound past derive derived envelope",
    "toolkit/board_report": "came moves looks nobody chosen needs fixed letter signs shortened since phrases wording"
    " written verified exported meanwhile sighted whose",
    "toolkit/drift": "remembering remembrance past trailing sighted deed contest difference",
    "toolkit/holds": "desk",
    "toolkit/replies": "away dueness looking lending turned",
    "toolkit/notices": "inert held_back noted noting",
    "toolkit/render": "left_alone left_to_people set_aside private",
    "toolkit/playbook": "alone complaint translate filling named same shape written wording departures",
    "toolkit/controls": "trying keeping leaving mail_use",
    "connectors/microsoft365": "trail diaries absent fixed zones granting granted holding",
    "connectors/google_workspace": "trail diaries granting granted holding marked lines asking",
    "connectors/emulator": "found answering boxes preserving showing asked front",
}
"""By folder, the names that its modules had, or those of the folder that it was."""
_CLASS = re.compile(r"^ *class (\w+)[(:\[]", re.MULTILINE)


@pytest.mark.parametrize("scope", SCOPES)
def test_every_class_has_a_name_of_its_own(scope: str) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / scope).rglob("*.py")):
        for name in _CLASS.findall(path.read_text()):
            places[name].append(str(path.relative_to(ROOT)))

    assert {name: found for name, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize("folder", GIVEN_UP)
def test_no_module_goes_by_a_name_that_was_given_up(folder: str) -> None:
    given_up = set(GIVEN_UP[folder].split())

    assert [str(path) for path in (ROOT / folder).rglob("*.py") if path.stem in given_up] == []
