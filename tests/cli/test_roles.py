"""The role that an operator claims is one of the school file, and the trend counts what was released."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_report import MATTER, TAG, UNTAGGED, _export, _read
from tests.door import Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)


@pytest.fixture
def school(bare_door: Door) -> Door:
    bare_door.write("10-policy.yaml", UNTAGGED)
    bare_door.write("20-tag.yaml", TAG)
    return bare_door


def _commands(door: Door, draft: Path, role: str) -> dict[str, tuple[Any, ...]]:
    folder = ("--playbooks", door.playbooks)
    return {
        "release": ("report", "release", draft, door.playbooks, "--by", role, "-o", draft.parent / "final"),
        "respond": (
            *("report", "respond", draft, MATTER, door.playbooks, "--response", "The board meets."),
            *("--lead", role, "--accept-risk"),
        ),
        "forget": ("forget", door.playbooks, "--before", "2026-01-01", "--by", role),
        "done": ("checklist", "done", "term-1/filter-check", "--by", role, *folder),
        "stop": ("checklist", "stop", "term-1", "--by", role, *folder),
    }


@pytest.mark.parametrize("command", ["release", "respond", "forget", "done", "stop"])
def test_a_role_that_the_school_file_does_not_have_is_refused(school: Door, tmp_path: Path, command: str) -> None:
    draft = _export(school, tmp_path / "draft")
    started = school("checklist", "start", "term", "--playbooks", school.playbooks, "--json").json["checklists"][0]
    step = f"{started['id']}/{next(one['step'] for one in started['steps'])}"

    def run(role: str) -> Any:
        words = _commands(school, draft, role)[command]
        return school(*(step if word == "term-1/filter-check" else word for word in words))

    odd, near = run("Wizard of Oz"), run("Head Techer")
    fits = run("head_teacher")

    assert (odd.exit, near.exit, fits.exit) == (2, 2, 0), fits.err
    assert "`Wizard of Oz` is not a role of" in odd.err
    assert "00-school.yaml" in odd.err
    assert "Other roles can be added under `offices:`" in odd.err
    assert "did you mean `Head Teacher`?" in near.err


def test_a_school_names_its_own_offices(school: Door, tmp_path: Path) -> None:
    path = school.playbooks / "00-school.yaml"
    path.write_text(path.read_text() + "\noffices: [Wizard of Oz]\n")
    draft = _export(school, tmp_path / "draft")
    out = tmp_path / "final"

    released = school("report", "release", draft, school.playbooks, "--by", "wizard of oz", "-o", out)

    assert released.exit == 0, released.err
    final = _read(next(out.glob("*_final.json")))
    assert final["release"]["told"].startswith("Final: released by the Wizard of Oz, as claimed by the operator, on ")


def test_the_trend_counts_reports_that_were_released_and_no_drafts(school: Door, tmp_path: Path) -> None:
    moments = []
    for number in range(3):
        draft = _export(school, tmp_path / str(number))
        moments.append(_read(draft)["run"]["at"])
        if number == 1:
            words = ("--by", "Head Teacher", "-o", tmp_path / "final")
            assert school("report", "release", draft, school.playbooks, *words).exit == 0
        school.tenant.set_now(f"2026-11-{20 + number}T09:00:00+00:00")

    trend = _read(draft)["trend"]["reports"]

    assert [one["at"] for one in trend] == moments[1:]
