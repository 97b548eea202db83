"""A plan on one screen: what needs attention first and counted last, then a line for each control, or few objects."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.engine.context import RunContext
from toolkit.engine.run_report import Report, Waiting
from toolkit.errors import Exit
from toolkit.features import extensions
from toolkit.planning.change import Change, Create, Delete, Field, Update
from toolkit.planning.plan import Plan, to_rows
from toolkit.planning.plan_details import (
    LookAlike,
    OrphanSetting,
    RealisedControl,
    Refusal,
    Remark,
    RollbackConflict,
    Unknown,
)
from toolkit.planning.plan_states import (
    CHANGED,
    CHECKED,
    CONFLICT,
    CONTESTED,
    LOOK_ALIKE,
    MATCHING,
    NOT_PROTECTED,
    ORPHANED,
    ORPHANED_SETTING,
    OVERRIDDEN,
    PLAN_STATES,
    REFUSED,
    UNDECIDED,
    UNKNOWN,
    UNMANAGED,
    UNVERIFIED,
    PlanState,
)
from toolkit.playbook.entries import OpenChoice, Playbooks, WaitingControl
from toolkit.playbook.load import load
from toolkit.render.line import wrap_command, wrap_line
from toolkit.render.plan_text import PHRASES, outcome_lines, plan_lines
from toolkit.render.skipped_answer import LISTS
from toolkit.render.skipped_text import SHOWN
from toolkit.school.schedule import Wait
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.part import SCHOOL, Level, Part, Realisation
from toolkit.sdk.reason import AS_RECORDED
from toolkit.sdk.resource import Absent, Address, Desired, Mode, Observed, Origin, Reach, Remote

SCHOOL_FILE = Path(__file__).parents[2] / "playbooks" / "00-school.yaml"
ORIGIN = Origin("playbooks/10-mail.yaml", 7)
RULE = "transport_rule"


def _address(name: str, kind: str = RULE) -> Address:
    return Address("microsoft365", kind, name)


def _desired(name: str, made_by: tuple[str, ...] = ("mail.disclaimer",), people: int = 3) -> Desired:
    return Desired(_address(name), {}, {}, ORIGIN, made_by=made_by, reach=Reach(people))


def _observed(name: str) -> Observed:
    return Observed(_address(name), {}, Remote(name, name, {}))


def _update(desired: Desired, value: str = "new") -> Update:
    return Update(desired, _observed(desired.address.name), (Field("text", "old", value),))


MANY: Sequence[Change] = [_update(_desired(f"Rule {number}"), f"text {number}") for number in range(20)]
DELETE = Delete(Absent(_address("Old"), "the exception has ended", ORIGIN), _observed("Old"))


@pytest.fixture(scope="module")
def playbooks() -> Playbooks:
    return load(SCHOOL_FILE)


def _report(playbooks: Playbooks, plan: Plan, command: str = "plan") -> Report:
    context = RunContext(
        target=Target(name="emulator", variables={}),
        run="r",
        now=datetime(2026, 11, 12, tzinfo=UTC),
        command=command,
        identity=Identity.READ,
        read_only=True,
        extensions=extensions,
    )
    return Report(context, playbooks, {}, plan, Exit.PENDING)


def _shown(report: Report, *, verbose: bool = False) -> list[str]:
    return [line.text for line in plan_lines(report, verbose=verbose)]


NEEDS_ATTENTION: dict[str, Callable[[Report], Report]] = {
    "! 1 object to delete: the exception has ended": lambda r: _with(r, CHANGED, DELETE),
    "! microsoft365.transport_rule[A]: refused: it keeps less": lambda r: _with(
        r, REFUSED, Refusal(_address("A"), "it keeps less", ORIGIN)
    ),
    "! limit: too many": lambda r: replace(r, limits=["too many"]),
    "! windows and freezes are overridden: the head": lambda r: replace(
        r, context=replace(r.context, override="the head")
    ),
    "* 1 change would wait: until six": lambda r: replace(r, waiting=_waiting("until six")),
    "! reaches head@a.example, which the school file protects": lambda r: _with(
        r, CHANGED, _update(replace(_desired("P"), protected=("head@a.example",)))
    ),
    "! it is not known whether this reaches a protected account: no list": lambda r: _with(
        r, CHECKED, _update(replace(_desired("P"), protected_unknown="no list"))
    ),
    "! the service keeps the name": lambda r: _with(
        r, CHANGED, replace(_update(_desired("N")), remark="the service keeps the name")
    ),
    "? microsoft365.detector: could not be read, so toolkit does not change it: no": lambda r: _with(
        r, UNKNOWN, Unknown("microsoft365.detector", AS_RECORDED(text="no"))
    ),
    "? 2 kinds could not be read, so toolkit does not change them, for example: Get-A: no role": lambda r: _with(
        r,
        UNKNOWN,
        Unknown("microsoft365.detector", AS_RECORDED(text="Get-A: no role"), missing="a role"),
        Unknown("microsoft365.dkim_signing", AS_RECORDED(text="Get-B: no role"), missing="a role"),
    ),
    "! microsoft365.transport_rule[A]: 'B' does the same job and is unmanaged": lambda r: _with(
        r, LOOK_ALIKE, LookAlike(_desired("A"), _observed("B"), "append_disclaimer")
    ),
    "! microsoft365.transport_rule[A]: conflict: text is c now, not b, so it was changed since": lambda r: _with(
        r, CONFLICT, RollbackConflict(_address("A"), "text", "c", "b", "a")
    ),
    "! unmanaged microsoft365.transport_rule[Stop] runs first and overrides 1 managed object: it ends": lambda r: _with(
        r, OVERRIDDEN, Remark(_address("A"), "Stop", "it ends")
    ),
    "! unmanaged microsoft365.transport_rule[Stop] runs first and overrides 2 managed objects:": lambda r: _with(
        r, OVERRIDDEN, Remark(_address("A"), "Stop", "it ends"), Remark(_address("B"), "Stop", "it redirects")
    ),
    "! 1 orphaned object, which no playbook asks for any more: --prune would delete it": lambda r: _with(
        r, ORPHANED, _observed("Left")
    ),
    "! 1 orphaned setting, which no playbook asks for any more": lambda r: _with(
        r, ORPHANED_SETTING, OrphanSetting(_address("A"), "text", "a")
    ),
    "* mail.hold waits for C1, so none of it is applied": lambda r: _with(
        r,
        UNDECIDED,
        OpenChoice(
            name="C1",
            question="Who?",
            clauses=(),
            waiting=(WaitingControl(name="mail.hold", decisions=("C1",), clauses=(), origin=ORIGIN),),
        ),
    ),
    "! groups and units of the playbooks: 1 gone or empty": lambda r: replace(r, lost_groups=["all-staff"]),
}


def _with(report: Report, state: PlanState[Any], *details: object) -> Report:
    return replace(report, plan=report.plan.add(state, details))


def _waiting(until: str) -> Waiting:
    return {_address("Rule 1"): Wait(until, None)}


@pytest.mark.parametrize("changes", [MANY, MANY[:1]], ids=["many", "few"])
@pytest.mark.parametrize("said", NEEDS_ATTENTION)
def test_what_needs_attention_comes_first_and_the_last_line_counts_it(
    playbooks: Playbooks, said: str, changes: Sequence[Change]
) -> None:
    report = NEEDS_ATTENTION[said](_report(playbooks, Plan(rows=to_rows(CHANGED, tuple(changes)))))

    lines = _shown(report)

    first = lines[lines.index("Needs attention:") + 1]
    assert first.startswith(said)
    assert lines.index(first) <= 4
    assert lines[-1].endswith(" 1 point at the top needs attention.")
    assert [line.text for line in outcome_lines(_as_apply(report))][-1].endswith("1 point at the top needs attention.")


def _as_apply(report: Report) -> Report:
    return replace(report, context=replace(report.context, command="apply"))


def test_nothing_needs_attention_where_nothing_does(playbooks: Playbooks) -> None:
    lines = _shown(_report(playbooks, Plan(rows=to_rows(CHANGED, tuple(MANY)))))

    assert "Needs attention:" not in lines
    assert lines[-1] == "Plan: 20 to change; 0 unchanged."


def test_everything_that_is_deleted_is_named_however_much_it_is(playbooks: Playbooks) -> None:
    deletes = [Delete(Absent(_address(f"Old {n}"), "", ORIGIN), _observed(f"Old {n}")) for n in range(40)]

    lines = _shown(_report(playbooks, Plan(rows=to_rows(CHANGED, tuple(deletes)))))

    named = [line for line in lines if line.startswith("    microsoft365.transport_rule[Old ")]
    assert len(named) == 40


def test_a_protected_account_is_named_though_like_changes_are_shown_as_one(playbooks: Playbooks) -> None:
    alike = [_update(_desired(f"Rule {number}")) for number in range(5)]
    alike[4] = replace(alike[4], desired=replace(alike[4].desired, protected=("head@a.example",)))

    lines = _shown(_report(playbooks, Plan(rows=to_rows(CHANGED, tuple(alike)))))

    assert lines[3:5] == [
        "! reaches head@a.example, which the school file protects",
        "    microsoft365.transport_rule[Rule 4]",
    ]
    assert "    ! microsoft365.transport_rule[Rule 4]: reaches head@a.example, which the school file protects" in lines


def test_few_objects_are_shown_with_their_settings_and_many_by_control(playbooks: Playbooks) -> None:
    few, many = (_report(playbooks, Plan(rows=to_rows(CHANGED, tuple(changes)))) for changes in (MANY[:15], MANY[:16]))

    assert "    text: old -> text 3" in _shown(few)
    assert "    text: old -> text 3" not in _shown(many)
    assert "  Disclaimer on every e-mail: 16 changed; 3 people" in _shown(many)
    whole = [line.replace(" (mail.disclaimer): 16", ": 16") for line in _shown(many, verbose=True)]
    heading = "Changes by control (-v names each, and lists its objects):"
    assert {"    text: old -> text 3", *_shown(many)[3:]} - {heading} <= {*whole}
    assert "  Disclaimer on every e-mail (mail.disclaimer): 16 changed; 3 people" in _shown(many, verbose=True)


def test_like_changes_of_many_objects_are_few(playbooks: Playbooks) -> None:
    lines = _shown(
        _report(playbooks, Plan(rows=to_rows(CHANGED, tuple(_update(_desired(f"Rule {n}")) for n in range(300)))))
    )

    assert "~ 300 mail rules   (mail.disclaimer, playbooks/10-mail.yaml:7, 3 people)" in lines


def test_the_summary_counts_for_each_control_what_it_asks_for(playbooks: Playbooks) -> None:
    parts = (
        Part(name="footer", level=Level.MANUAL, covers="mail"),
        Part(name="rule", level=Level.ENFORCED, covers="mail"),
    )
    tag = "mail.external_tag"
    changes = (
        *MANY,
        _update(_desired("Shared", ("mail.disclaimer", tag), 5), "x"),
        Create(_desired("New", (), 1), ()),
        replace(DELETE, absent=replace(DELETE.absent, made_by=(tag,))),
    )
    controls = (
        RealisedControl("mail.disclaimer", "microsoft365", (), Realisation(parts)),
        RealisedControl("mail.disclaimer", "google_workspace", (), Realisation(parts)),
        RealisedControl(tag, SCHOOL, (), Realisation((Part(name="poster", level=Level.MANUAL, covers="walls"),))),
    )

    lines = _shown(_report(playbooks, Plan(rows=to_rows(CHANGED, changes), controls=controls)))

    begin = lines.index("Changes by control (-v names each, and lists its objects):") + 1
    assert lines[begin : begin + 3] == [
        "  Disclaimer on every e-mail: 21 changed; up to 5 people; 2 manual",
        "  Mark on e-mail from outside the school: 1 changed, 1 deleted; 5 people; 1 manual",
        "  Objects in playbooks/10-mail.yaml: 1 new (1 mail rule); 1 person",
    ]


def test_controls_of_one_area_that_reach_the_same_people_and_leave_as_much_to_do_are_on_one_line(
    playbooks: Playbooks,
) -> None:
    manual = RealisedControl(
        "mail.pupil_scope", SCHOOL, (), Realisation((Part(name="scope", level=Level.MANUAL, covers="mail"),))
    )
    asked = {"mail.disclaimer": 3, "mail.external_tag": 3, "mail.antimalware": 5, "data.dlp": 3, manual.control: 3}
    changes = [
        _update(_desired(f"{name} {n}", (name,), people), f"{name} {n}")
        for name, people in asked.items()
        for n in range(4)
    ]
    changes += [_update(_desired("Shared", ("mail.disclaimer", "mail.external_tag")))]
    for number in (1, 2):
        written = replace(_desired(f"Plain {number}", ()), origin=Origin(f"playbooks/{number}.yaml", 1))
        changes.append(_update(written))
    report = _report(playbooks, Plan(rows=to_rows(CHANGED, tuple(changes)), controls=(manual,)))

    brief, whole = _shown(report), _shown(report, verbose=True)

    begin = brief.index("Changes by control (-v names each, and lists its objects):") + 1
    assert brief[begin : brief.index("", begin)] == [
        "  Disclaimer on every e-mail; Mark on e-mail from outside the school: 9 changed; 3 people",
        "  Scanning of all e-mail for malware: 4 changed; 5 people",
        "  Confidential records in mail and files: 4 changed; 3 people",
        "  With whom pupils exchange e-mail: 4 changed; 3 people; 1 manual",
        "  Objects in 1.yaml, 2.yaml: 2 changed; 3 people",
    ]
    begin = whole.index("Changes by control:") + 1
    assert len(whole[begin : whole.index("", begin)]) == 7
    assert "  Objects in playbooks/2.yaml: 1 changed (1 mail rule); 3 people" in whole


def test_what_is_only_checked_is_summed_up_too(playbooks: Playbooks) -> None:
    lines = _shown(_report(playbooks, Plan(rows=to_rows(CHECKED, tuple(MANY)))))

    assert "Different, but only checked, by control:" in lines
    assert "  Disclaimer on every e-mail: 20 changed; 3 people" in lines


@pytest.mark.parametrize("number", [1, 20])
def test_what_a_mode_keeps_from_being_written_names_it(playbooks: Playbooks, number: int) -> None:
    in_check = [replace(one, desired=replace(one.desired, mode=Mode.CHECK)) for one in MANY if isinstance(one, Update)]

    lines = _shown(_report(playbooks, Plan(rows=to_rows(CHECKED, tuple(in_check[:number])))))

    assert {"Only checked, not written (mode: check):", "Different, but only checked (mode: check), by control:"} & {
        *lines
    }


WORDS = st.lists(st.text("abcdefg.", min_size=1, max_size=12), min_size=1, max_size=40).map(" ".join)


@given(WORDS, st.integers(0, 6), st.sampled_from([0, 14]), st.integers(20, 120))
def test_a_wrapped_line_keeps_every_word_within_the_width(text: str, indent: int, hang: int, width: int) -> None:
    whole = " " * indent + text

    first, *rest = wrap_line(whole, hang, width).split("\n")

    assert " ".join([first, *rest]).split() == whole.split()
    below = hang or indent + 4
    if below <= width // 2:
        assert all(len(line) <= max(width, below + 12) for line in (first, *rest))
        assert all(line.startswith(" " * below) and line[below] != " " for line in rest)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_command_that_is_copied_from_a_narrow_terminal_is_read_as_one(width: int) -> None:
    words = [
        "toolkit",
        "accept",
        "3f2a9c1b",
        "/home/it/Oak Primary/playbooks",
        "--reason",
        'It\'s "known"',
        "--by",
        "Head",
    ]
    line = f"    {shlex.join([*words, '--until', '2027-02-25'])}"

    shown = wrap_command(line, width)
    read = run(
        ["sh", "-c", f"set -- {shown.strip()}; printf '%s\\n' \"$@\""], capture_output=True, text=True, check=True
    )

    assert max(map(len, shown.splitlines())) <= width
    assert read.stdout.splitlines() == [*words, "--until", "2027-02-25"]


def test_every_state_of_a_plan_has_its_line_its_list_and_its_phrase() -> None:
    shown: set[PlanState[Any]] = {state for states in SHOWN for state in states}
    of_its_own: set[PlanState[Any]] = {
        CHANGED,
        CHECKED,
        MATCHING,
        UNMANAGED,
        ORPHANED,
        ORPHANED_SETTING,
        CONTESTED,
        UNVERIFIED,
        NOT_PROTECTED,
    }
    listed = {*LISTS, CHANGED.key, CHECKED.key, MATCHING.key, UNVERIFIED.key}

    assert shown.isdisjoint(of_its_own)
    assert {state.name for state in PLAN_STATES} == {state.name for state in shown | of_its_own}
    assert {state.key for state in PLAN_STATES} - {""} == listed
    assert {state.summary_key for state in PLAN_STATES} - {""} == PHRASES.keys()
