"""A plan file is bound by its maker's signature, and changes that the school file names need a second person."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copy, copytree
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.cli.test_signatures import KEY_SETTING, OFFICE, allow, make_key
from tests.contract.rules import apply, rule, stored_rule, write_rules
from tests.contract.test_edited_plans import _sealed
from tests.door import CommandResult, Door
from tests.schools import few_people

pytestmark = few_people

HEAD = "Head Teacher"
SAFE = "safeguarding@example-primary.example"


@pytest.fixture
def keys(bare_door: Door, tmp_path: Path) -> Path:
    """List a key that signs plans and a key that approves them, and return their folder."""
    make_key(tmp_path / "office")
    make_key(tmp_path / "head")
    allow(bare_door, (OFFICE, tmp_path / "office", "plans, approvals"), (HEAD, tmp_path / "head", "approvals"))
    return tmp_path


@pytest.fixture
def plan(bare_door: Door, keys: Path) -> Path:
    """Save a signed plan that creates a rule, and return its path."""
    write_rules(bare_door, rule("B"))
    return _save_plan(bare_door, keys)


def _save_plan(door: Door, keys: Path, name: str = "monday.plan") -> Path:
    path = keys / name
    saved = door.toolkit("plan", "-o", str(path), **{KEY_SETTING: str(keys / "office")})
    assert saved.exit == 3, saved.err
    return path


def _ask_for_approval(door: Door, *classes: str) -> None:
    school = door.playbooks / "00-school.yaml"
    school.write_text(f"{school.read_text()}approval: [{', '.join(classes)}]\n")


def _approve(door: Door, plan: Path, key: Path) -> CommandResult:
    return door("approve", plan, "--playbooks", door.playbooks, "--yes", **{KEY_SETTING: str(key)})


def _apply(door: Door, plan: Path) -> CommandResult:
    return door("apply", plan, "--playbooks", door.playbooks, "--yes")


def _change(plan: dict[str, Any], name: str) -> None:
    match plan[name]:
        case dict() as table:
            table["create"] = 99
        case list() as rows:
            rows.append({"words": "nothing"})
        case str() as text:
            plan[name] = f"{text}x"


@pytest.mark.parametrize("name", ["summary", "coverage", "stops", "now", "limits", "approvals"])
def test_a_text_that_the_reviewer_read_is_bound_by_the_signature(
    name: str, bare_door: Door, plan: Path, keys: Path
) -> None:
    content = json.loads(plan.read_text())
    _change(content, name)
    plan.write_text(_sealed(content))
    before = newest(bare_door)

    signed = _apply(bare_door, plan)
    refused_writes = writes(bare_door, before)
    approved = _approve(bare_door, plan, keys / "head")

    assert (signed.exit, approved.exit, refused_writes) == (5, 5, [])
    assert "changed since it was signed, or not signed as one of the plans" in signed.err
    assert not plan.with_name("monday.plan.approval").exists()


def test_a_plan_made_in_one_folder_is_applied_in_another_only_with_its_signature(
    bare_door: Door, plan: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    copytree(bare_door.playbooks, elsewhere / "playbooks")
    moved = Path(copy(plan, elsewhere / "reviewed.plan"))
    before = newest(bare_door)

    without = bare_door("apply", moved, "--playbooks", elsewhere / "playbooks", "--yes")
    refused_writes = writes(bare_door, before)
    copy(plan.with_name("monday.plan.sig"), elsewhere / "reviewed.plan.sig")
    applied = bare_door("apply", moved, "--playbooks", elsewhere / "playbooks", "--yes")

    assert (without.exit, refused_writes) == (5, [])
    assert "has no signature reviewed.plan.sig next to it" in without.err
    assert applied.exit == 0, applied.err
    assert stored_rule(bare_door, "B")


def test_a_plan_needs_no_signature_if_the_school_has_no_key_for_plans(bare_door: Door, tmp_path: Path) -> None:
    write_rules(bare_door, rule("B"))
    unsigned = tmp_path / "unsigned.plan"
    assert bare_door.toolkit("plan", "-o", str(unsigned)).exit == 3

    assert not unsigned.with_name("unsigned.plan.sig").exists()
    assert _apply(bare_door, unsigned).exit == 0


def test_a_new_plan_of_the_same_name_takes_the_old_signatures_away(bare_door: Door, plan: Path, keys: Path) -> None:
    assert _approve(bare_door, plan, keys / "head").exit == 0

    assert bare_door.toolkit("plan", "-o", str(plan)).exit == 3

    assert sorted(path.name for path in plan.parent.glob("monday.plan*")) == ["monday.plan"]


@pytest.fixture
def deletion(bare_door: Door, keys: Path) -> Path:
    """Save a plan that deletes a rule, in a school that wants deletions approved, and return its path."""
    write_rules(bare_door, rule("B"), rule("C", prepend_subject="[C] ", sent_to=["office@example-primary.example"]))
    apply(bare_door)
    write_rules(bare_door, rule("B"))
    _ask_for_approval(bare_door, "deletes")
    path = keys / "deletion.plan"
    saved = bare_door.toolkit("plan", "--prune", "-o", str(path), **{KEY_SETTING: str(keys / "office")})
    assert saved.exit == 3, saved.err
    assert "! needs approval: deletes: microsoft365.transport_rule[C]" in saved.out
    return path


def test_a_deletion_waits_for_the_approval_that_the_school_file_asks_for(
    bare_door: Door, deletion: Path, keys: Path
) -> None:
    before = newest(bare_door)

    direct = bare_door.toolkit("apply", "--prune", "--yes")
    unapproved = _apply(bare_door, deletion)
    refused_writes = writes(bare_door, before)
    approved = _approve(bare_door, deletion, keys / "head")
    applied = _apply(bare_door, deletion)
    [run, *_] = bare_door("audit", "log", "--json").json["runs"]
    shown = bare_door("audit", "log", "--run", run["run"])

    assert (direct.exit, unapproved.exit, refused_writes) == (5, 5, [])
    assert "toolkit plan" in direct.err
    assert f"`toolkit approve {deletion}`. Then: `toolkit apply {deletion}`" in unapproved.err
    assert approved.exit == 0, approved.err
    assert f"made by {OFFICE}" in approved.out
    assert "delete 1 microsoft365.transport_rule" in approved.out
    assert "  delete microsoft365.transport_rule[C]" in approved.out
    assert applied.exit == 0, applied.err
    assert run["approved"]["by"] == HEAD
    assert f"its plan was approved by {HEAD} (SHA256:" in shown.out


def _approve_with_the_makers_key(_plan: Path, keys: Path) -> Path:
    return keys / "office"


def _approve_with_an_unknown_key(_plan: Path, keys: Path) -> Path:
    return make_key(keys / "unknown")


@pytest.mark.parametrize(
    ("choose", "complaint"),
    [
        (_approve_with_the_makers_key, f"{OFFICE} made"),
        (_approve_with_an_unknown_key, "no key under `signers:` that may sign approvals made the signature"),
    ],
)
def test_only_another_listed_person_can_approve(
    choose: Callable[[Path, Path], Path], complaint: str, bare_door: Door, deletion: Path, keys: Path
) -> None:
    refused = _approve(bare_door, deletion, choose(deletion, keys))

    assert refused.exit == 5
    assert complaint in refused.err
    assert not deletion.with_name("deletion.plan.approval").exists()


def test_an_approval_of_one_plan_does_not_count_for_another(bare_door: Door, deletion: Path, keys: Path) -> None:
    write_rules(bare_door, rule("B", prepend_subject="[other] "))
    other = keys / "other.plan"
    assert bare_door.toolkit("plan", "--prune", "-o", str(other), **{KEY_SETTING: str(keys / "office")}).exit == 3
    assert _approve(bare_door, other, keys / "head").exit == 0
    copy(other.with_name("other.plan.approval"), deletion.with_name("deletion.plan.approval"))
    write_rules(bare_door, rule("B"))

    refused = _apply(bare_door, deletion)

    assert refused.exit == 5
    assert "changed since it was signed, or not signed as one of the approvals" in refused.err


def test_no_answer_and_no_key_sign_nothing(bare_door: Door, plan: Path, keys: Path) -> None:
    words = ("approve", plan, "--playbooks", bare_door.playbooks)
    unanswered = bare_door(*words, **{KEY_SETTING: str(keys / "head")})
    without_key = bare_door(*words, "--yes")

    assert (unanswered.exit, without_key.exit) == (5, 2)
    assert f"{KEY_SETTING} is not set" in without_key.err
    assert not plan.with_name("monday.plan.approval").exists()


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({"prepend_subject": "[x] "}, True),
        ({"prepend_subject": "[x] ", "sent_to": ["office@example-primary.example"]}, False),
    ],
)
def test_a_change_for_over_half_of_the_school_is_told_from_a_change_for_one_person(
    settings: dict[str, object], *, needed: bool, bare_door: Door, keys: Path
) -> None:
    write_rules(bare_door, rule("B", **settings))
    _ask_for_approval(bare_door, "over half")

    planned = bare_door.toolkit("plan")

    assert ("needs approval: reaches over half of the school: microsoft365.transport_rule[B]" in planned.out) is needed


def test_a_rule_that_rejects_mail_needs_an_approval_and_one_that_marks_it_does_not(bare_door: Door, keys: Path) -> None:
    write_rules(
        bare_door,
        rule("Marks"),
        rule("Rejects", from_scope="NotInOrganization", delete_message=True, except_if_sent_to=[SAFE]),
    )
    _ask_for_approval(bare_door, "stops mail")

    answer = bare_door.toolkit("plan", "--json").json

    assert answer["approvals"] == ["stops mail: microsoft365.transport_rule[Rejects]"]


def test_an_approval_without_two_keys_is_a_mistake_in_the_school_file(bare_door: Door, tmp_path: Path) -> None:
    allow(bare_door, (OFFICE, make_key(tmp_path / "office"), "plans, approvals"))
    _ask_for_approval(bare_door, "deletes")

    refused = bare_door.toolkit("validate")

    assert refused.exit == 2
    lines = (bare_door.playbooks / "00-school.yaml").read_text().splitlines()
    assert f"00-school.yaml:{len(lines)}: `approval` needs a key under `signers` that may sign plans" in refused.err
