"""Several schools in one tenant: none takes or undoes what another has, whatever its objects are called."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from tests.cases import CASES, Case, ask_for, newest, playbook, protect_nobody, put, resource, snapshot, writes
from tests.contract.rules import rule, stored_rule, write_rules
from tests.door import SCHOOL_ID, Door, open_door
from tests.emulated import Tenant
from tests.schools import few_people
from toolkit.planning.ownership import mark_setting_name
from toolkit.sdk.kind import Kind
from toolkit.sdk.providers import kinds

pytestmark = few_people

OAK = "m2x8h4vd"
OURS, THEIRS = f"School: EPS ({SCHOOL_ID}).", f"School: OAK ({OAK})."
FORCE = ("--reach", "100000")


def _kind(case: Case) -> Kind[object]:
    return kinds(case.provider)[case.kind.partition(".")[2]]  # type: ignore[return-value]


MARKED = {case.kind: case for case in reversed(CASES) if mark_setting_name(_kind(case).spec) and not case.read_only}
FIRST = {type(_kind(case).endpoint): case for case in MARKED.values()}
EACH = [
    pytest.param(case, id=str(case), marks=() if case in FIRST.values() else pytest.mark.soak)
    for case in MARKED.values()
]
"""A case of each marked kind; `make test` takes one for each way of writing."""

OF_FIELD = {_kind(case).spec.table()[mark_setting_name(_kind(case).spec)].wire: case for case in FIRST.values()}
CHANGED = [
    pytest.param(case, id=str(case), marks=() if case in OF_FIELD.values() else pytest.mark.soak)
    for case in MARKED.values()
]
"""The same; `make test` takes one for each field that holds the mark."""


@pytest.fixture
def eps(tenant: Tenant, tmp_path: Path) -> Door:
    """The school that had the tenant first."""
    (tmp_path / "eps").mkdir()
    door = open_door(tenant, tmp_path / "eps", samples=False)
    protect_nobody(door)
    return _called(door, SCHOOL_ID, "EPS")


@pytest.fixture
def oak(eps: Door, tmp_path: Path) -> Door:
    """Another school, with a folder and a ledger of its own, in the same tenant."""
    return _beside(eps, tmp_path / "oak", OAK, "OAK")


def _beside(first: Door, folder: Path, identifier: str, short: str) -> Door:
    copytree(first.playbooks.parent, folder)
    state = folder / "state"
    door = replace(
        first, playbooks=folder / "playbooks", state=state, variables={**first.variables, "TOOLKIT_STATE": str(state)}
    )
    return _called(door, identifier, short)


def _called(door: Door, identifier: str, short: str) -> Door:
    path = door.playbooks / "00-school.yaml"
    named = f"id: {identifier}\nshort_name: {short}"
    path.write_text(re.sub(r"^(id: .*\n)?short_name: .*$", named, path.read_text(), flags=re.MULTILINE))
    return door


def _owning(door: Door) -> None:
    path = door.playbooks / "00-school.yaml"
    path.write_text(f"{path.read_text()}\nowns_tenant: true\n")


@pytest.mark.parametrize("case", EACH)
def test_what_another_school_has_is_refused_with_its_name_until_it_is_adopted_by_command(
    eps: Door, oak: Door, case: Case
) -> None:
    case.prepare(eps.tenant)
    ask_for(eps, case)
    _owning(oak)
    first = eps.toolkit("apply", "--yes", *FORCE)
    assert first.exit == 0, first.out + first.err
    assert OURS in json.dumps(eps.tenant.objects(case.stored))
    assert eps.toolkit("plan").exit == 0
    settings = {**case.settings, **({} if _kind(case).names.identifies else {"adopt": case.name})}
    before = newest(eps)

    ask_for(oak, case)
    named = oak.toolkit("apply", "--yes", *FORCE)
    oak.write("10-cases.yaml", playbook(resource(case.kind, case.name, settings)))
    adopting = oak.toolkit("apply", "--yes", *FORCE)

    assert (named.exit, adopting.exit, writes(eps, before)) == (5, 5, [])
    whose = f"its mark names another school in this tenant, EPS ({SCHOOL_ID})"
    assert whose in named.out
    assert whose in adopting.out
    command = f"{case.kind}[{case.name}]"
    assert f"toolkit state adopt '{command}'" in adopting.out

    assert oak("state", "adopt", "--all", "--playbooks", oak.playbooks).exit == 0
    assert oak.toolkit("apply", "--yes", *FORCE).exit == 5
    taken = oak("state", "adopt", command, "--playbooks", oak.playbooks)
    assert taken.exit == 0, taken.out + taken.err
    ours = oak.toolkit("apply", "--yes", *FORCE)
    assert ours.exit == 0, ours.out + ours.err
    assert THEIRS in json.dumps(eps.tenant.objects(case.stored))
    assert OURS not in json.dumps(eps.tenant.objects(case.stored))
    after = newest(eps)
    lost = eps.toolkit("apply", "--yes", *FORCE)
    back = eps("rollback", "last", eps.playbooks, "--yes")
    assert lost.exit == 5
    assert f"OAK ({OAK})" in lost.out
    assert back.exit == 5
    assert writes(eps, after) == []


def _disclaimer(door: Door, group: str) -> None:
    phrase = f"sent by {group}"
    door.write("text/notice.html", f"<p>{phrase}</p>")
    control = {"for": group, "scope": "all", "text_file": "text/notice.html", "phrase": phrase}
    head = "playbook: disclaimer\ntitle: Disclaimer\nowner: Head Teacher\nmode: enforce\n"
    door.write("10-cases.yaml", f"{head}controls:\n  - mail.disclaimer: {json.dumps(control)}\n")


def test_a_rule_of_the_same_name_without_a_mark_is_asked_about_once_another_school_is_seen(
    eps: Door, oak: Door
) -> None:
    write_rules(eps, rule("Tag"), rule("Of EPS"))
    first = eps.toolkit("apply", "--yes", *FORCE)
    assert first.exit == 0, first.out + first.err
    eps.tenant.patch("exchange.transportRules", str(stored_rule(eps, "Tag")["Guid"]), Comments="")
    _owning(oak)
    before = newest(eps)

    write_rules(oak, rule("Tag", prepend_subject="[Oak] "))
    asked = oak.toolkit("apply", "--yes", *FORCE)
    write_rules(oak, rule("Tag", prepend_subject="[Oak] ", beside=True))
    beside = oak.toolkit("apply", "--yes", *FORCE)

    assert (asked.exit, beside.exit, writes(eps, before)) == (5, 5, [])
    assert "adopt" in asked.out
    assert "give this school's object another name" in " ".join(beside.out.split())
    write_rules(oak, rule("Tag", prepend_subject="[Oak] ", adopt="Tag"))
    assert oak.toolkit("apply", "--yes", *FORCE).exit == 0
    assert THEIRS in str(stored_rule(eps, "Tag")["Comments"])


def test_without_another_school_a_rule_of_the_same_name_is_taken_over_as_before(oak: Door) -> None:
    write_rules(oak, rule("Tag"))
    assert oak.toolkit("apply", "--yes").exit == 0
    oak.tenant.patch(
        "exchange.transportRules", str(stored_rule(oak, "Tag")["Guid"]), Comments="", PrependSubject="[x] "
    )
    oak.forget()

    assert oak.toolkit("apply", "--yes").exit == 0
    assert stored_rule(oak, "Tag")["PrependSubject"] == "[Tag] "


@pytest.mark.parametrize("case", CHANGED)
def test_what_was_made_before_there_were_ids_gets_the_mark_with_its_next_real_change(
    tenant: Tenant, tmp_path: Path, case: Case
) -> None:
    door = open_door(tenant, tmp_path, samples=False)
    protect_nobody(door)
    case.prepare(tenant)
    ask_for(door, case)
    assert door.toolkit("apply", "--yes").exit == 0
    assert "School:" not in json.dumps(tenant.objects(case.stored))
    _called(door, SCHOOL_ID, "EPS")
    before = newest(door)

    quiet = door.toolkit("apply", "--yes")

    assert (quiet.exit, writes(door, before)) == (0, [])
    edit = next(edit for edit in case.edits if edit.setting not in _texts(case))
    objects = snapshot(tenant, [case.stored, *([edit.stored] if edit.stored else [])])
    put(tenant, case.apply_edits(tenant, objects, edit))
    changed = door.toolkit("apply", "--yes", *FORCE)
    assert changed.exit == 0, changed.out + changed.err
    assert OURS in json.dumps(tenant.objects(case.stored))
    assert door.toolkit("plan").exit == 0


def _texts(case: Case) -> frozenset[str]:
    """Name the settings whose text holds the mark: an edit of one takes the mark away with it."""
    table = _kind(case).spec.table()
    place = table[mark_setting_name(_kind(case).spec)].wire
    return frozenset(name for name, setting in table.items() if setting.wire == place)


def test_a_file_without_an_id_works_as_before_until_it_meets_the_mark_of_a_school(
    tenant: Tenant, tmp_path: Path
) -> None:
    (tmp_path / "first").mkdir()
    none = open_door(tenant, tmp_path / "first", samples=False)
    write_rules(none, rule("Tag"))
    assert none.toolkit("apply", "--yes").exit == 0
    assert "toolkit" not in str(stored_rule(none, "Tag")["Comments"])
    oak = _beside(none, tmp_path / "oak", OAK, "OAK")
    write_rules(oak, rule("Of OAK"))
    oak.forget()
    assert oak.toolkit("apply", "--yes").exit == 0
    before = newest(none)

    write_rules(none, rule("Tag"), rule("Of OAK", prepend_subject="[Other] "))
    met = none.toolkit("apply", "--yes")

    assert met.exit == 5
    assert f"OAK ({OAK})" in met.out
    assert writes(none, before) == []


def test_what_is_for_everybody_is_refused_beside_another_school_unless_the_tenant_is_this_ones(
    eps: Door, oak: Door
) -> None:
    write_rules(eps, rule("Of EPS"))
    assert eps.toolkit("apply", "--yes").exit == 0
    wide = [
        rule("Of OAK"), resource("microsoft365.external_in_outlook", "organisation", {"enabled": True}),
    ]  # fmt: skip
    narrow = rule("For the office", prepend_subject="[o] ", sent_to=["office@example-primary.example"])
    write_rules(oak, *wide, narrow)
    before = newest(eps)

    refused = oak.toolkit("apply", "--yes")

    assert refused.exit == 5
    assert "which also has objects of another school (EPS)" in refused.out
    assert "`owns_tenant: true`" in refused.out
    assert writes(eps, before) == ["New-TransportRule"]
    _owning(oak)
    limited = oak.toolkit("apply", "--yes")
    assert limited.exit == 5
    flag = re.search(r"--reach (\d+)", limited.out)
    assert flag, limited.out
    assert "No limit counts the first apply" not in limited.out
    assert oak.toolkit("apply", "--yes", "--reach", flag[1]).exit == 0


def test_three_schools_with_one_control_each_keep_their_rules_with_and_without_a_ledger(
    eps: Door, oak: Door, tmp_path: Path
) -> None:
    elm = _beside(eps, tmp_path / "elm", "z5t6w2rb", "ELM")
    for door, group in ((eps, "staff"), (oak, "leadership"), (elm, "safeguarding")):
        _disclaimer(door, group)
    first = eps.toolkit("apply", "--yes", "--provider", "microsoft365")
    assert first.exit == 0, first.out + first.err
    kept, before = eps.tenant.objects("exchange.transportRules"), newest(eps)

    for door in (oak, elm):
        answer = door.toolkit("apply", "--yes", "--provider", "microsoft365")
        assert answer.exit == 5
        assert f"EPS ({SCHOOL_ID})" in answer.out
        door.forget()
        assert door.toolkit("apply", "--yes", "--provider", "microsoft365").exit == 5

    assert writes(eps, before) == []
    assert eps.tenant.objects("exchange.transportRules") == kept


def _lock_screen(**settings: object) -> str:
    wanted = {"assigned_to": ["all-staff@example-primary.example"], "password_required": True, **settings}
    return playbook(resource("microsoft365.windows_compliance_policy", "Lock screen", wanted))


@pytest.fixture
def namesakes(eps: Door, oak: Door) -> Mapping[str, Any]:
    """Two schools, each with a policy of its own of one name; the rows of both as Graph lists them, by their marks."""
    for door, minutes in ((eps, 5), (oak, 10)):
        wanted = {"beside": True, "password_minutes_of_inactivity_before_lock": minutes}
        door.write("10-cases.yaml", _lock_screen(**wanted))
        applied = door.toolkit("apply", "--yes", *FORCE)
        assert applied.exit == 0, applied.out + applied.err
    expand = "assignments,scheduledActionsForRule($expand=scheduledActionConfigurations)"
    rows = eps.tenant.graph(f"/beta/deviceManagement/deviceCompliancePolicies?$expand={expand}").json()["value"]
    return {mark: next(row for row in rows if mark in str(row["description"])) for mark in (OURS, THEIRS)}


def test_an_object_that_a_list_lacks_is_not_taken_for_another_schools_of_its_name(
    eps: Door, namesakes: Mapping[str, Any]
) -> None:
    before = newest(eps)
    page = json.dumps({"value": [namesakes[THEIRS]]})
    eps.tenant.fault("hostile", "GET /deviceManagement/deviceCompliancePolicies", reason=f"a page with {page}")

    without = eps.toolkit("apply", "--yes", "--json", *FORCE)

    assert without.exit == 0, without.out + without.err
    assert (without.json["summary"]["create"], writes(eps, before)) == (0, [])


def test_a_create_without_a_response_is_not_found_in_another_schools_object_of_its_name(eps: Door, oak: Door) -> None:
    write_rules(eps, rule("Tag"))
    eps.tenant.fault("dropped", "New-TransportRule", times=1000)
    lost = eps.toolkit("apply", "--yes", *FORCE, TOOLKIT_PATIENCE="0.2")
    assert lost.exit == 4, lost.out + lost.err
    eps.tenant.disarm()
    write_rules(oak, rule("Tag", prepend_subject="[Oak] "))
    theirs = oak.toolkit("apply", "--yes", *FORCE)
    assert theirs.exit == 0, theirs.out + theirs.err
    before = newest(eps)

    looked_up, again = eps.toolkit("apply", "--yes", *FORCE), eps.toolkit("apply", "--yes", *FORCE)

    assert (looked_up.exit, again.exit, writes(eps, before)) == (5, 5, [])
    assert f"OAK ({OAK})" in again.out
