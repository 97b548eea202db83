"""The first drift of a school names at most five differences, each with a command that records it as known."""

import shlex
from dataclasses import replace

import pytest

from tests.cases import playbook, resource
from tests.door import MICROSOFT, Door
from tests.schools import TWENTY_PEOPLE, Schools
from toolkit import api
from toolkit.drift.text import drift_lines

KIND = "microsoft365.transport_rule"
NAMES = [f"Rule {number}" for number in range(7)]


@pytest.fixture
def school(schools: Schools) -> Door:
    """Open a small school with seven rules that its tenant lacks, in mode check."""
    door = schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT])
    rules = [
        resource(KIND, name, {"sent_to": ["office@example-primary.example"], "prepend_subject": f"[{name}] "})
        for name in NAMES
    ]
    door.write("10-rules.yaml", playbook(*rules, slug="rules", mode="check"))
    return door


def test_each_of_at_most_five_differences_is_recorded_by_its_command(school: Door) -> None:
    first = school.toolkit("drift", "--json").json
    second = school.toolkit("drift", "--json").json

    looks = first["worth_a_look"]
    assert (len(first["findings"]), len(looks), second["worth_a_look"]) == (7, 5, [])
    for look in looks:
        program, *words = shlex.split(look["known"])
        assert program == "toolkit"
        assert school(*words, "--yes").exit == 0
    left = {found["address"] for found in school.toolkit("drift", "--json").json["findings"]}
    assert left == {f"{KIND}[{name}]" for name in NAMES} - {look["address"] for look in looks}


def test_the_first_look_is_shown_on_live_tenants(school: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in school.variables.items():
        monkeypatch.setenv(name, value)
    found = api.detect_drift(api.load(school.playbooks), settings=api.read_settings(school.playbooks))
    target = replace(found.run.context.target, name="live")
    live = replace(found, run=replace(found.run, context=replace(found.run.context, target=target)))

    emulated, shown = ([line.text for line in drift_lines(drift)] for drift in (found, live))

    assert "Look at these findings first:" not in emulated
    begins = shown.index("Look at these findings first:")
    assert "Rule 0" in shown[begins + 1]
    assert shown[begins + 2] == "    known? record it:"
    assert [line.startswith("    toolkit accept ") for line in shown].count(True) == 5


def test_a_first_drift_says_first_seen_and_counts_each_object_once(school: Door) -> None:
    control = "controls:\n  - mail.autoforward_block: {for: everyone}\n"
    school.write("20-look.yaml", f"playbook: look\ntitle: Look\nowner: Head Teacher\nmode: check\n{control}")

    first = school.toolkit("drift")
    second = school.toolkit("drift", "--json")

    told = [line for line in first.out.splitlines() if line.startswith("    ") and line.endswith("]")]
    assert any(line.startswith("    first seen [") for line in told)
    assert not [line for line in told if "cause unknown" in line]
    last = first.out.splitlines()[-1]
    assert "checked and different" not in last
    checked = second.json["summary"]["checked"]
    assert checked > len(NAMES)
    assert last.startswith(f"Drift: {checked} objects different; ")
