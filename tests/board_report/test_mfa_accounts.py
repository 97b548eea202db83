"""The Cyber Essentials lines about MFA follow from the accounts that were read, and from nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.board_report.school import export_of
from toolkit.board_report.mfa_accounts import administrators_state, every_account_state
from toolkit.board_report.requirements import certificate_questions, requirement_sections
from toolkit.controls.identity import Mfa
from toolkit.controls.second_factor import (
    ACCOUNTS,
    FactorPrompt,
    Signer,
    administrators_finding,
    count_enforced,
    count_registered,
)
from toolkit.engine.policy import PolicyReport
from toolkit.planning.checks.findings import ControlFinding
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.reason import AS_RECORDED

WHY = AS_RECORDED(text="by a policy")


def _signers(number: int, asked: FactorPrompt | None, *, registered: bool | None = True) -> list[Signer]:
    return [Signer(f"{asked}-{registered}-{place}", registered, asked) for place in range(number)]


ASKED = _signers(12, FactorPrompt.ALWAYS)
NOT_ASKED = _signers(2, FactorPrompt.CONDITIONS)
NOT_READ = _signers(1, None)
NOT_REGISTERED = _signers(1, FactorPrompt.ALWAYS, registered=False)


@pytest.fixture
def report(tmp_path: Path) -> PolicyReport:
    """The report of the small school, which applies for Cyber Essentials."""
    report = export_of(tmp_path / "playbooks").report
    school = replace(report.playbooks.school, cyber_essentials=True)
    return replace(report, playbooks=replace(report.playbooks, school=school))


def _with_accounts(
    report: PolicyReport, accounts: Sequence[Signer] | None, *, admins: Sequence[Signer] = ASKED[:3]
) -> PolicyReport:
    groups = {ACCOUNTS: accounts}
    findings = [
        count_registered(Mfa(), ASKED, unseen=WHY, groups=groups),
        count_enforced(Mfa(), ASKED, by=WHY, groups=groups, exemptions=True),
        administrators_finding(Mfa(), admins),
        Finding("2-Step Verification in the console", Status.MANUAL, WHY),
    ]
    listed = [
        ControlFinding(control="identity.mfa", provider="microsoft365", clauses=(), finding=finding)
        for finding in findings
    ]
    return replace(report, looked=replace(report.looked, findings=listed))


@pytest.mark.parametrize(
    ("accounts", "state"),
    [
        (ASKED, "in order"),
        ([*ASKED, *NOT_ASKED], "partly"),
        ([*ASKED, *NOT_REGISTERED], "partly"),
        ([*ASKED, *NOT_READ], "not known"),
        ([*ASKED, *NOT_READ, *NOT_ASKED], "partly"),
        (NOT_ASKED, "not in order"),
        (None, "not known"),
    ],
)
def test_all_users_are_in_order_only_if_every_account_that_was_read_is(
    accounts: Sequence[Signer] | None, state: str, report: PolicyReport
) -> None:
    report = _with_accounts(report, accounts)

    assert [line.state for line in every_account_state(report)] == [state]
    assert f"A7.17 MFA of all users: {state}." in str(certificate_questions(report))


@pytest.mark.parametrize(
    ("admins", "state"),
    [
        (ASKED[:3], "in order"),
        ([*ASKED[:3], *NOT_ASKED], "partly"),
        (NOT_ASKED, "not in order"),
        ([*ASKED[:3], *NOT_READ], "not known"),
        ([], "not known"),
    ],
)
def test_the_line_of_administrators_is_about_administrators_only(
    admins: Sequence[Signer], state: str, report: PolicyReport
) -> None:
    report = _with_accounts(report, [*ASKED, *NOT_ASKED], admins=admins)

    assert [line.state for line in administrators_state(report)] == [state]
    assert f"A7.16 MFA of administrators: {state}; A7.17 MFA of all users: partly." in str(
        certificate_questions(report)
    )


def test_the_pack_of_standards_has_the_same_states_with_their_source(report: PolicyReport) -> None:
    report = _with_accounts(report, [*ASKED, *NOT_ASKED])
    rows = {row.id: row for standard in requirement_sections(report) for row in standard.rows}

    (line,) = rows["CE:A7.17"].shown
    assert (rows["CE:A7.17"].state, line.told) == ("partly", "Microsoft 365: always asked: not all; registered: all")
    assert (line.source, line.read_at) == ("Read from Microsoft 365", report.now)
    assert rows["CE:A7.16"].state == "in order"


def test_a_cloud_that_was_not_read_is_not_known_and_never_in_order(report: PolicyReport) -> None:
    report = _with_accounts(report, ASKED)
    school = report.playbooks.school
    both = replace(school, tenants={**school.tenants, "google_workspace": school.tenants["microsoft365"]})
    report = replace(report, playbooks=replace(report.playbooks, school=both))

    assert [line.state for line in every_account_state(report)] == ["in order", "not known"]
    assert "A7.16 MFA of administrators: not known; A7.17 MFA of all users: not known." in str(
        certificate_questions(report)
    )
