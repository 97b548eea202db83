"""How many have MFA, on page one: numbers add up, small groups show none, and what was not read is not known."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.board_report.school import NOW, export_of
from toolkit.board_report.mfa_numbers import SECOND_FACTOR, mfa_section
from toolkit.controls.identity import SEPARATE, Mfa
from toolkit.controls.second_factor import (
    FactorPrompt,
    Signer,
    administrators_finding,
    count_enforced,
    count_registered,
    groups_counted_separately,
)
from toolkit.engine.policy import PolicyReport
from toolkit.planning.checks.findings import ControlFinding
from toolkit.render.line import to_json
from toolkit.sdk.check import CheckOccasion, Finding, Status
from toolkit.sdk.directory import EVERYONE, Audience, Person, Scope
from toolkit.sdk.reason import AS_RECORDED

WHY = AS_RECORDED(text="by a policy")
PUPILS = [Person(f"p{number}", f"p{number}@example-primary.example", "p") for number in range(5)]


def _people(many: int, asked: FactorPrompt | None, *, has: bool | None = True) -> list[Signer]:
    return [Signer(f"{asked}-{has}-{number}", has, asked) for number in range(many)]


MANY = [
    *_people(14, FactorPrompt.ALWAYS),
    *_people(3, FactorPrompt.CONDITIONS, has=False),
    *_people(2, FactorPrompt.EXEMPT, has=None),
    *_people(1, FactorPrompt.NEVER, has=False),
    *_people(4, None),
]
FEW = _people(4, FactorPrompt.ALWAYS)


@pytest.fixture
def report(tmp_path: Path) -> PolicyReport:
    return export_of(tmp_path / "playbooks").report


def _occasion(report: PolicyReport, groups: Mapping[str, Sequence[Signer] | None]) -> CheckOccasion:
    """Return an occasion in which all people of the groups have accounts, and five pupils."""
    people = {
        name: None if signers is None else [Person(one.who, one.who, "a") for one in signers]
        for name, signers in groups.items()
    }
    everyone = people.pop("accounts", None)
    counted = {EVERYONE: None if everyone is None else [*everyone, *PUPILS], "pupils": PUPILS, **people}
    return CheckOccasion(report.playbooks.school, Scope(Audience(EVERYONE)), NOW, counted)


def _cloud(
    report: PolicyReport,
    groups: Mapping[str, Sequence[Signer] | None],
    *,
    staff: Sequence[Signer] = FEW,
    admins: Sequence[Signer] = FEW,
    exemptions: bool = True,
    unread: Sequence[int] = (),
) -> Any:
    """Return the sentence of page one about a cloud with these accounts; the finding at a place can be unread."""
    signers = {one.who: one for people in groups.values() for one in people or ()}
    counted = groups_counted_separately(_occasion(report, groups), lambda person: signers[person.id]) if groups else {}
    found = [
        count_registered(Mfa(), staff, unseen=WHY, groups=counted),
        count_enforced(Mfa(), staff, by=WHY, groups=counted, exemptions=exemptions),
        administrators_finding(Mfa(), admins),
    ]
    for place in unread:
        found[place] = Finding(found[place].subject, Status.UNKNOWN, WHY)
    findings = [
        ControlFinding(control=SECOND_FACTOR, provider="microsoft365", clauses=(), finding=finding) for finding in found
    ]
    section: Any = to_json(mfa_section(replace(report, looked=replace(report.looked, findings=findings))))
    return section["clouds"][0]


def test_the_staff_are_counted_and_the_numbers_add_up(report: PolicyReport) -> None:
    accounts = [*MANY, *_people(3, FactorPrompt.NEVER, has=False)]
    groups = {"accounts": accounts, "leaders": MANY[:12], "sensitive_data": FEW, "governors": None}
    cloud = _cloud(report, groups, staff=MANY)
    parts = ("required", "exempt", "not_always_asked", "not_known")

    assert sum(cloud[name] for name in parts) == cloud["people"] == 24
    assert cloud["told"] == (
        "Microsoft 365, read at 09:00, only the 24 staff accounts. MFA required at sign-in: 14."
        " Registered for MFA: 18 (2 not known). Exempt by rule: 2. Not always asked: 4. Not known: 4."
        " Administrators, leaders and people with sensitive data: required all, registered all. Governors: not known,"
        " because no such group is in the school file."
        " Not counted above are accounts other than staff’s and pupils’: required not all, registered not all."
    )


@pytest.mark.parametrize("missing", SEPARATE)
def test_a_group_that_the_school_does_not_name_is_not_known(missing: str, report: PolicyReport) -> None:
    cloud = _cloud(report, {"accounts": MANY, **dict.fromkeys(SEPARATE, FEW), missing: None})

    assert {name for name, told in cloud["groups"].items() if told == "not known"} == {missing}


@pytest.mark.parametrize(
    ("unread", "lost"),
    [
        ([0], {"registered"}),
        ([1], {"required", "exempt", "not_always_asked", "not_known"}),
        ([0, 1], {"people", "required", "registered", "exempt", "not_always_asked", "not_known"}),
    ],
)
def test_what_was_not_read_is_not_known_and_never_none(unread: list[int], lost: set[str], report: PolicyReport) -> None:
    cloud = _cloud(report, {"accounts": MANY, **dict.fromkeys(SEPARATE, FEW)}, staff=MANY, unread=[*unread, 2])
    numbers = ("people", "required", "registered", "exempt", "not_always_asked", "not_known")

    assert {name for name in numbers if cloud[name] is None} == lost
    assert cloud["groups"]["administrators"] == "not known"
    assert not re.search(r"\b0\b|none", cloud["told"])


def test_without_a_group_of_pupils_other_accounts_are_not_known(report: PolicyReport) -> None:
    cloud = _cloud(report, {}, staff=MANY)

    assert (cloud["counted"], cloud["people"], cloud["exempt"]) == ("audience", 24, 2)
    assert " Not counted above are accounts other than staff’s and pupils’: not known." in cloud["told"]


def test_an_empty_group_of_pupils_is_not_taken_for_a_school_without_pupils(report: PolicyReport) -> None:
    occasion = _occasion(report, {"accounts": MANY})
    emptied = replace(occasion, counted_people={**occasion.counted_people, "pupils": []})

    assert groups_counted_separately(emptied, lambda person: Signer(person.address))["accounts"] is None


def test_a_cloud_that_does_not_show_exemptions_does_not_say_that_there_are_none(report: PolicyReport) -> None:
    cloud = _cloud(report, {"accounts": MANY, **dict.fromkeys(SEPARATE, FEW)}, staff=MANY, exemptions=False)

    assert (cloud["exempt"], cloud["not_always_asked"]) == (None, 6)
    assert "Exempt by rule: not known, since the rules for groups could not be read." in cloud["told"]


def test_a_small_group_shows_no_number_and_is_not_known_where_it_may_be_all(report: PolicyReport) -> None:
    doubtful = [*FEW, *_people(1, FactorPrompt.ALWAYS, has=None)]
    lacking = [*doubtful, *_people(1, FactorPrompt.NEVER, has=False)]
    groups = {"accounts": lacking, "leaders": doubtful, "sensitive_data": lacking, "governors": []}
    cloud = _cloud(report, groups, admins=doubtful)

    assert cloud["groups"] == {
        "administrators": "required all, registered not known",
        "leaders": "required all, registered not known",
        "sensitive_data": "required not all, registered not all",
        "governors": "no account",
    }
    assert [cloud[name] for name in ("people", "required", "registered", "exempt")] == [None] * 4
    assert not re.search(r"\d", cloud["told"].removeprefix("Microsoft 365, read at 09:00"))


@pytest.mark.parametrize("lacking", [0, 1])
@pytest.mark.parametrize("of", [1, 9])
def test_of_a_small_school_page_one_says_all_or_not_all(of: int, lacking: int, report: PolicyReport) -> None:
    everyone = [*_people(of - lacking, FactorPrompt.ALWAYS), *_people(lacking, FactorPrompt.EXEMPT, has=False)]
    groups = {"accounts": everyone, "leaders": everyone, "sensitive_data": None, "governors": None}
    told = _cloud(report, groups, staff=everyone)["told"]
    every = "not all" if lacking else "all"

    assert told.startswith(
        f"Microsoft 365, read at 09:00, only staff accounts. MFA required at sign-in: {every}. Registered for MFA:"
        f" {every}. {'Without an exemption: not all.' if lacking else 'No staff account is exempt.'}"
        " All staff accounts could be checked. "
    )
    assert "none" not in told


def test_administrators_whose_registrations_were_not_read_are_not_known(report: PolicyReport) -> None:
    cloud = _cloud(report, {}, admins=_people(12, FactorPrompt.ALWAYS, has=None))

    assert cloud["groups"]["administrators"] == "required all, registered not known"


def test_clouds_with_the_same_answer_share_it_and_others_keep_their_own(report: PolicyReport) -> None:
    tenants = dict.fromkeys(("microsoft365", "google_workspace"), report.playbooks.school.tenants["microsoft365"])
    school = replace(report.playbooks.school, tenants=tenants)
    both = replace(report, playbooks=replace(report.playbooks, school=school))

    def shown(google: Sequence[Signer]) -> Any:
        findings = [
            ControlFinding(control=SECOND_FACTOR, provider=provider, clauses=(), finding=finding)
            for provider, staff in (("microsoft365", FEW), ("google_workspace", google))
            for finding in (count_registered(Mfa(), staff, unseen=WHY), count_enforced(Mfa(), staff, by=WHY))
        ]
        section: Any = to_json(mfa_section(replace(both, looked=replace(both.looked, findings=findings))))
        return section

    joint, apart = shown(FEW), shown(MANY)

    assert [answer["told"][:61] for answer in joint["shown"]] == [
        "Microsoft 365 and Google Workspace, read at 09:00, only staff"
    ]
    assert joint["told"] == [joint["shown"][0]["told"], "Private e-mail accounts are not covered."]
    assert [cloud["cloud"] for cloud in joint["clouds"]] == ["Microsoft 365", "Google Workspace"]
    assert [answer["told"] for answer in apart["shown"]] == [cloud["told"] for cloud in apart["clouds"]]
