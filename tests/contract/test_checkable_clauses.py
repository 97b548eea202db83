"""Each clause that a computer can judge has a status with evidence on the sample school, from each of its controls."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.door import SAMPLES, Door
from tests.facts.tables import read_rows
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
"""The verdicts of a fact that is known. The other verdicts mean that nothing is known."""


@pytest.fixture(scope="module")
def playbooks() -> Playbooks:
    return load(SAMPLES)


@pytest.fixture
def clauses(applied_door: Door) -> Sequence[Mapping[str, Any]]:
    """Return the clauses that a computer can judge, as `toolkit policy` shows them."""
    listed = applied_door.toolkit("policy", "--json").json["clauses"]
    return [clause for clause in listed if clause["class"] in {"settable", "visible"}]


def _known_facts(clause: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [fact for fact in clause["evidence"] if fact["verdict"] in KNOWN]


def test_each_clause_that_can_be_checked_has_a_status_with_evidence_of_each_of_its_controls(
    clauses: Sequence[Mapping[str, Any]], playbooks: Playbooks
) -> None:
    assert len(clauses) == 46
    assert [clause["clause"] for clause in clauses if clause["status"] in {"not checked", "decision needed"}] == []
    read = {clause["clause"] for clause in clauses if any(fact["seen"] for fact in _known_facts(clause))}
    assert {clause["clause"] for clause in clauses} - read <= set(BY_PEOPLE)
    for clause in clauses:
        sources = {fact["who_says"] for fact in _known_facts(clause)}
        assert sources - {"no one", "the playbooks"}, clause["clause"]

    controls = {clause.name: clause.controls for clause in playbooks.policy.clauses}
    for clause in clauses:
        with_evidence = {fact["control"] for fact in _known_facts(clause)}
        assert set(controls[clause["clause"]]) <= with_evidence, clause["clause"]


CLAUSES = read_rows("policy_clauses")
CONTROLS = read_rows("policy_controls")


def test_the_exceptions_are_those_of_which_no_control_is_set_or_read() -> None:
    ways = {row["control"]: {row["microsoft365"], row["google_workspace"]} for row in CONTROLS}
    checkable = [row for row in CLAUSES if row["class"] in {"settable", "visible"}]
    by_people = {
        row["clause"]
        for row in checkable
        if all(ways[name] <= {"console", "ext", "reg"} for name in row["controls"].split())
    }
    assert len(checkable) == 46
    assert by_people == set(BY_PEOPLE)


def test_each_clause_has_its_class_and_names_the_controls_that_serve_it(playbooks: Playbooks) -> None:
    ours, unlinked = {clause.name: clause for clause in playbooks.policy.clauses}, set()
    assert {name: clause.of_class for name, clause in ours.items()} == {row["clause"]: row["class"] for row in CLAUSES}
    for row in CLAUSES:
        serving, clause = set(row["controls"].split()), ours[row["clause"]]
        registers = {name for name in serving if name.startswith("gov.")}
        unlinked |= {(row["clause"], name) for name in serving - registers - set(clause.controls)}
        assert not registers or clause.evidence or clause.controls, row["clause"]
    assert unlinked == set(NOT_LINKED)


def test_each_control_of_the_policy_works_as_far_as_each_cloud_lets_it(playbooks: Playbooks) -> None:
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
    for row in CONTROLS:
        for cloud in ("microsoft365", "google_workspace"):
            name, way = row["control"], row[cloud]
            if way in least and not levels.get((name, cloud), set()) & least[way]:
                weaker.add((name, way))
            assert way != "ext" or levels[name, SCHOOL], name
    registers = {row["control"] for row in CONTROLS if row["microsoft365"] == "reg"} - built

    assert len(CONTROLS) == 55
    assert {row["control"] for row in CONTROLS} - registers <= built
    assert weaker == set(WEAKER)
    titles = tomllib.loads((Path(requirements.__file__).parent / "standards.toml").read_text())["control"]
    assert registers <= set(titles)
    evidence = {clause.name: clause.evidence for clause in playbooks.policy.clauses}
    for register in registers:
        served = [row["clause"] for row in CLAUSES if register in row["controls"].split()]
        assert [name for name in served if not evidence[name]] == [], register
