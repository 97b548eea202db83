"""Each clause that a computer can judge has a status with evidence on the sample school, from each of its controls."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.door import SAMPLES, Door
from tests.verdicts.school import faultless
from toolkit.board_report import requirements
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load
from toolkit.sdk.part import SCHOOL, Level

BY_PEOPLE = {
    "GOV-02": "when the governors reviewed and ratified the policy is on the document alone",
    "NET-01": "people test the filter, device by device: no cloud sees what the network lets through",
    "MIS-03": "people test the filter, device by device: no cloud sees what the network lets through",
    "MIS-12": "people test filter and monitoring, and confirm the last alert; the clouds show only who reads it",
}
"""Clauses all of whose controls rest on people or on other systems, each with the reason."""
RETENTION = "it keeps copies of what people delete, and shows nothing of what they return, delete or file"
NOT_LINKED = {
    ("EML-12", "data.retention"): RETENTION,
    ("GEN-15", "data.retention"): RETENTION,
    ("GEN-17", "data.retention"): RETENTION,
}
"""Controls that a clause names and that its status does not rest on, each with the reason."""
PROCEDURE = "people do it with a command of their own, never a run"
WEAKER = {
    ("data.hold", "api"): PROCEDURE,
    ("data.ediscovery", "api"): PROCEDURE,
    (
        "data.leaver_handover",
        "api",
    ): "people hand over: a run that moves or deletes a leaver's data may destroy evidence",
    (
        "mail.sendas_delegation",
        "api",
    ): "writing on Google needs a scope that can forward any mailbox, so it is reported",
    ("identity.mfa", "api"): "Conditional Access can lock everyone out, so it is read",
    ("identity.no_shared_accounts", "api"): "class log-ins and the supply pool are the school's decision, so it lists",
    ("device.enrolment_approval", "api"): "approvals are compared, and people restrict enrolment in the console",
    (
        "site.web_editors",
        "read",
    ): "the website is outside both clouds; people look at the members of SharePoint's sites",
    ("device.lost_wipe", "api"): PROCEDURE,
}
"""Controls that do less than a cloud would let them, each with the reason."""
KNOWN = {"holds", "in part", "fails", "excepted"}
"""What a fact can be that rests on something: the others say that nothing is known."""


@pytest.fixture(scope="module")
def playbooks() -> Playbooks:
    return load(SAMPLES)


@pytest.fixture
def clauses(applied_door: Door) -> Sequence[Mapping[str, Any]]:
    """Return the clauses that a computer can judge, as `toolkit policy` shows them."""
    told = applied_door.toolkit("policy", "--json").json["clauses"]
    return [one for one in told if one["class"] in {"settable", "visible"}]


def _known(clause: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [fact for fact in clause["evidence"] if fact["verdict"] in KNOWN]


def test_each_clause_that_can_be_checked_has_a_status_with_evidence_of_each_of_its_controls(
    clauses: Sequence[Mapping[str, Any]], playbooks: Playbooks
) -> None:
    assert len(clauses) == 46
    assert [one["clause"] for one in clauses if one["status"] in {"not checked", "decision needed"}] == []
    read = {one["clause"] for one in clauses if any(fact["seen"] for fact in _known(one))}
    assert {one["clause"] for one in clauses} - read <= set(BY_PEOPLE)
    for one in clauses:
        says = {fact["who_says"] for fact in _known(one)}
        assert says - {"no one", "the playbooks"}, one["clause"]

    controls = {clause.name: clause.controls for clause in playbooks.policy.clauses}
    for one in clauses:
        shown = {(fact["control"], fact["provider"]) for fact in _known(one)}
        named = {control for control, _ in shown}
        assert set(controls[one["clause"]]) <= named, one["clause"]


@pytest.fixture(scope="module")
def policy_data() -> Mapping[str, Any]:
    """Return the clauses and controls that the policy was taken apart into, outside this repository."""
    named = os.environ.get("TOOLKIT_CONTRACTS")
    if not named:
        pytest.skip("TOOLKIT_CONTRACTS does not say where the contracts are, with the policy beside them")
    folder = Path(named).parent / "policy"
    return {name: YAML(typ="safe").load(folder / f"{name}.yaml") for name in ("clauses", "controls")}


def test_the_exceptions_are_those_of_which_no_control_is_set_or_read(policy_data: Mapping[str, Any]) -> None:
    ways = {one["key"]: {one["microsoft_write"], one["google_write"]} for one in policy_data["controls"]}
    checkable = [one for one in policy_data["clauses"] if one["enforce"] in {"enforced", "verified"}]
    by_people = {
        one["id"]
        for one in checkable
        if all(
            ways[line.partition(":")[0]] <= {"console", "ext", "reg"} for line in (*one["microsoft"], *one["google"])
        )
    }
    assert len(checkable) == 46
    assert by_people == set(BY_PEOPLE)


def test_each_clause_names_the_controls_that_serve_it(policy_data: Mapping[str, Any], playbooks: Playbooks) -> None:
    ours, unlinked = {clause.name: clause for clause in playbooks.policy.clauses}, set()
    for one in policy_data["clauses"]:
        served = {line.partition(":")[0] for line in (*one["microsoft"], *one["google"])}
        clause = ours[one["id"]]
        registers = {name for name in served if name.startswith("gov.")}
        unlinked |= {(one["id"], name) for name in served - registers - set(clause.controls)}
        assert not registers or clause.evidence or clause.controls, one["id"]
    assert unlinked == set(NOT_LINKED)


def test_each_control_of_the_policy_works_as_far_as_each_cloud_lets_it(
    policy_data: Mapping[str, Any], playbooks: Playbooks
) -> None:
    levels: dict[tuple[str, str], set[Level]] = {}
    for control in faultless().expansion.controls:
        parts = {part.level for part in control.realisation.parts}
        levels.setdefault((control.control, control.provider), set()).update(parts)
    least = {
        "api": {Level.ENFORCED},
        "part": {Level.ENFORCED},
        "read": {Level.ENFORCED, Level.CHECKED},
        "console": {Level.ENFORCED, Level.CHECKED, Level.MANUAL},
    }
    weaker, built = set(), {name for name, _ in levels}
    for row in policy_data["controls"]:
        for cloud, way in (("microsoft365", row["microsoft_write"]), ("google_workspace", row["google_write"])):
            if way in least and not levels.get((row["key"], cloud), set()) & least[way]:
                weaker.add((row["key"], way))
            assert way != "ext" or levels[row["key"], SCHOOL], row["key"]
    registers = {row["key"] for row in policy_data["controls"] if row["microsoft_write"] == "reg"} - built

    assert len(policy_data["controls"]) == 55
    assert {row["key"] for row in policy_data["controls"]} - registers <= built
    assert weaker == set(WEAKER)
    titles = tomllib.loads((Path(requirements.__file__).parent / "standards.toml").read_text())["control"]
    assert registers <= set(titles)
    evidence = {clause.name: clause.evidence for clause in playbooks.policy.clauses}
    for row in policy_data["controls"]:
        if row["key"] in registers:
            assert [name for name in row["clauses"] if not evidence[name]] == [], row["key"]
