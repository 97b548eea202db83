"""Page one says how many people or devices are not as they must be, and says nothing of that where all are."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.google_workspace.checks.device import compliance as of_google
from connectors.microsoft365.checks.device import compliance as of_microsoft
from tests.board_report.school import NOW, POLICY, SCHOOL
from toolkit.board_report.plain_language import gap_text
from toolkit.controls.data import LeaverHandover, disabled_accounts_finding
from toolkit.controls.identity import Mfa
from toolkit.controls.legal_holds import holdable_mailboxes_finding
from toolkit.controls.mail_usage import mail_use_finding
from toolkit.controls.second_factor import (
    FactorPrompt,
    Signer,
    administrators_finding,
    count_enforced,
    count_registered,
)
from toolkit.planning.policy.documents import find_recorded_facts
from toolkit.playbook.load import load
from toolkit.playbook.policy_entries import Evidence
from toolkit.playbook.registers import Acknowledgement, Registers
from toolkit.sdk.devices_seen import UNSEEN, SeenDevice, make_device_finding
from toolkit.sdk.reason import AS_RECORDED, Reason, ReasonCode, admin_text

TODAY, WHY, ALL = NOW.date(), AS_RECORDED(text="for a reason"), 12
"""The size of each group here."""


def _signers(lacking: int) -> list[Signer]:
    fine, left = Signer("a", True, FactorPrompt.ALWAYS), Signer("b", False, FactorPrompt.NEVER)
    return [*[fine] * (ALL - lacking), *[left] * lacking]


def _registered_administrators(lacking: int) -> Reason:
    people = [replace(one, asked=FactorPrompt.ALWAYS) for one in _signers(lacking)]
    return administrators_finding(Mfa(), people).reason


def _mail(lacking: int, people: int) -> Reason:
    last = [TODAY] * (people - lacking) + [None] * lacking
    return mail_use_finding(
        last, missing_from_report=0, without_mailbox=0, working_days=2, as_of=TODAY, calendar=None
    ).reason


def _holds(lacking: int) -> Reason:
    return holdable_mailboxes_finding(
        "", capable=ALL - lacking, lacking=["Kiosk"] * lacking, without=0, needs="a plan"
    ).reason


def _leavers(lacking: int) -> Reason:
    left = ["who"] * lacking
    return disabled_accounts_finding(
        "", LeaverHandover(), ALL, left, what=AS_RECORDED(text="accounts with a licence"), then=""
    ).reason


def _devices(code: ReasonCode) -> Callable[[int], Reason]:
    def reason(lacking: int) -> Reason:
        seen = [SeenDevice(WHY, "a")] * (ALL - lacking) + [SeenDevice(UNSEEN, "a")] * lacking
        return make_device_finding("devices", code, seen, passing_state=WHY, state_description="in order").reason

    return reason


FACTS: Mapping[str, Callable[[int], Reason]] = {
    "2 of 12 staff have not registered for MFA": lambda lacking: (
        count_registered(Mfa(), _signers(lacking), unseen=WHY).reason
    ),
    "2 of 12 staff are not always asked for MFA at sign-in": lambda lacking: (
        count_enforced(Mfa(), _signers(lacking), by=WHY).reason
    ),
    "2 of 12 administrators are not always asked for MFA at sign-in": lambda lacking: (
        administrators_finding(Mfa(), _signers(lacking)).reason
    ),
    "2 of 12 administrators have not registered for MFA": _registered_administrators,
    "2 of 12 mailboxes cannot be held": _holds,
    "still open for 2 of 12 accounts with a licence": _leavers,
    "2 of 12 managed devices break, or may break, the rules on encryption and locking": _devices(of_microsoft._COUNTED),
    "2 of 12 Chromebooks were not seen in the last 30 days": _devices(of_google._CHROMEOS_SEEN),
    "2 of 12 phones and tablets are not, or may not be, protected": _devices(of_google._SAFE),
}


@pytest.mark.parametrize(
    ("lacking", "people", "text"),
    [
        (10, 46, "10 of 46 staff did not open their mail in the last 2 working days up to 10 November 2026"),
        (9, 46, "counted, but the number is not shown because it is about fewer than ten people"),
        (0, 9, "counted, but the number is not shown because it is about fewer than ten people"),
        (4, 9, "counted, but the number is not shown because it is about fewer than ten people"),
        (0, 46, "46 of 46 opened their mail in the last 2 working days up to 10 November 2026, the date of the latest"),
    ],
)  # fmt: skip
def test_governors_never_read_that_fewer_than_ten_people_did_not_open_their_mail(
    lacking: int, people: int, text: str
) -> None:
    reason = _mail(lacking, people)

    assert gap_text(reason).startswith(text)
    assert admin_text(reason).startswith(f"{people - lacking} of {people} opened their mail")


@pytest.mark.parametrize("fact", FACTS)
def test_what_is_lacking_is_said_with_its_number(fact: str) -> None:
    assert gap_text(FACTS[fact](2)) == fact


def test_the_verb_agrees_with_one() -> None:
    assert [gap_text(reason(1)) for reason in FACTS.values()] == [
        "1 of 12 staff has not registered for MFA",
        "1 of 12 staff is not always asked for MFA at sign-in",
        "1 of 12 administrators is not always asked for MFA at sign-in",
        "1 of 12 administrators has not registered for MFA",
        "1 of 12 mailboxes cannot be held",
        "still open for 1 of 12 accounts with a licence",
        "1 of 12 managed devices breaks, or may break, the rules on encryption and locking",
        "1 of 12 Chromebooks was not seen in the last 30 days",
        "1 of 12 phones and tablets is not, or may not be, protected",
    ]


@pytest.mark.parametrize("fact", FACTS)
def test_where_nothing_is_lacking_no_negative_fact_is_said(fact: str) -> None:
    assert "0 of 12" not in gap_text(FACTS[fact](0))


@pytest.mark.parametrize(
    ("signed", "said"), [(10, "2 of 12 staff have not acknowledged the policy"), (12, "acknowledged by 12 of 12 staff")]
)
def test_acknowledgements_of_which_some_are_missing_are_a_negative_fact(signed: int, said: str, tmp_path: Path) -> None:
    (tmp_path / "00-school.yaml").write_text(SCHOOL)
    (tmp_path / "10-policy.yaml").write_text(POLICY)
    clause = replace(load(tmp_path).policy.clauses[0], evidence=(Evidence.ACKNOWLEDGEMENTS,))
    entry = Acknowledgement(role="staff", on=TODAY, signed=signed, of=12)
    (fact,) = find_recorded_facts(clause, None, Registers(acknowledgements=(entry,)), TODAY)

    assert gap_text(fact.reason).startswith(said)
