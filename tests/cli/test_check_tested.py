"""`toolkit check`: who tested the school's filter and monitoring, on what, and when it is due again."""

from pathlib import Path

import pytest

from tests.door import Door, ask
from tests.playbook.conftest import SCHOOL
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

WANTED = """\
playbook: web
clauses: [NET-01]
controls:
  - web.harmful_filter:
      devices: [iPad, laptop]
      networks: [class, guest]
      probes_file: text/probes.txt
"""
TESTED = """\
attestations: filter
tested:
  - control: web.harmful_filter
    part: {part}
    by: Designated Safeguarding Lead
    on: 2026-10-13
    devices: [iPad, laptop]
    networks: [class, guest]
    result: passed
"""


def _write_playbooks(root: Path, *entries: str) -> Path:
    (root / "text").mkdir(parents=True, exist_ok=True)
    (root / "text/probes.txt").write_text("blocked https://test.example/\nopen https://other.example/\n")
    (root / "40-web.yaml").write_text(WANTED)
    whole = TESTED.format(part="filtering") + TESTED.format(part="monitoring").partition("tested:\n")[2]
    (root / "90-tests.yaml").write_text("".join(entries) or whole)
    return root / "90-tests.yaml"


def test_the_register_passes_until_the_tenants_clock_says_otherwise(bare_door: Door) -> None:
    place = _write_playbooks(bare_door.playbooks)

    before = bare_door.toolkit("check", "--json")
    bare_door.tenant.set_now("2027-10-13T08:00:00Z")
    after = bare_door.toolkit("check")

    assert before.exit == 0
    assert [(one["subject"], one["provider"], one["status"]) for one in before.json["findings"]] == [
        ("filtering", "school", "pass"),
        ("monitoring", "school", "pass"),
    ]
    assert (before.json["findings"][0]["clauses"], before.json["findings"][0]["evidence"]["probes"]) == (["NET-01"], 2)
    assert after.exit == 3
    assert "! filtering: overdue by 1 day on iPad, laptop, class and guest: last tested by Designated" in after.out
    assert f"-> repeat the test and add the result below {place}:3" in after.out
    assert after.out.endswith("Check: 2 failed or not tested in time.\n")


def test_a_cloud_that_does_not_answer_changes_nothing_of_the_register(wide_door: Door) -> None:
    _write_playbooks(wide_door.playbooks, TESTED.format(part="filtering"))
    wide_door.tenant.fault("refused", "GET /organization", times=1000)

    answered = wide_door.toolkit("check", "--json")

    assert [(one["subject"], one["status"]) for one in answered.json["findings"]] == [
        ("filtering", "pass"),
        ("monitoring", "fail"),  # no one has tested it yet
    ]


CONFIRMED = """\
confirmed:
  - {control: web.harmful_filter, provider: school, part: filtering, by: Head, on: 2026-10-01}
tested:"""
WRONG = {
    "another control": (("web.harmful_filter", "web.harmful_filtr"), 3, "unknown control `web.harmful_filtr`: did you"),
    "another part": (("part: filtering", "part: filter"), 4, "web.harmful_filter has no part `filter` to test. "),
    "another device": (("[iPad,", "[Ipad,"), 7, "`Ipad` is not among the devices of web.harmful_filter: did you mean"),
    "another network": (("[class,", "[hall,"), 8, "`hall` is not among the networks of web.harmful_filter"),
    "another result": (("passed", "fine"), 9, "`result` of entry 1 of `tested` must be `passed` or `failed`"),
    "due before": (("passed", "passed\n    next_due: 2026-10-12"), 10, "`next_due` of entry 1 of `tested`: 2026-10-12"),
    "no network": (("[class, guest]", "[]"), 8, "`networks` of entry 1 of `tested`"),
    "confirmed": (
        ("tested:", CONFIRMED),
        3,
        "`filtering` of web.harmful_filter on school needs a test. Write the tester, ",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("change", "line", "message"), WRONG.values(), ids=WRONG)
def test_an_entry_that_would_count_for_nothing_is_refused(
    tmp_path: Path, change: tuple[str, str], line: int, message: str
) -> None:
    place = _write_playbooks(tmp_path, TESTED.format(part="filtering").replace(*change))
    (tmp_path / "00-school.yaml").write_text(SCHOOL)

    answered = ask("validate", tmp_path)

    assert answered.exit == 2
    assert answered.err.startswith(f"{place}:{line}: {message}"), answered.err


def test_probes_that_nobody_could_follow_are_refused_with_the_line(tmp_path: Path) -> None:
    _write_playbooks(tmp_path)
    (tmp_path / "00-school.yaml").write_text(SCHOOL)
    (tmp_path / "text/probes.txt").write_text("shut https://test.example/\n")

    answered = ask("validate", tmp_path)

    assert (answered.exit, "line 1 of the file is not a test address" in answered.err) == (2, True)
    assert answered.err.startswith(f"{tmp_path}/40-web.yaml:7: ")
