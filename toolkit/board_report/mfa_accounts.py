"""Judge from the accounts that were read whether MFA is in use, as Cyber Essentials asks."""

from toolkit.board_report.mfa_groups import all_or_not_all
from toolkit.board_report.mfa_numbers import (
    SECOND_FACTOR,
    combine_counts,
    find_measurement,
    find_mfa_finding,
    group_measurement,
)
from toolkit.board_report.number_bars import NOT_KNOWN, share_text
from toolkit.board_report.plain_language import title_of
from toolkit.controls.second_factor import ACCOUNTS, AdministratorMfa, MfaEnforcement, MfaRegistration
from toolkit.engine.policy import PolicyReport
from toolkit.records import dataclass
from toolkit.sdk.check import Status
from toolkit.sdk.reason import Share

IN_ORDER, PARTLY, NOT_IN_ORDER = "in order", "partly", "not in order"


@dataclass(frozen=True, slots=True)
class AccountsState:
    """Whether the accounts of a cloud that were read use MFA, as a state and in words."""

    cloud: str
    state: str
    text: str


def every_account_state(report: PolicyReport) -> list[AccountsState]:
    """Return for each cloud whether all its accounts except pupils' are asked for MFA and have registered."""
    return [_every_account_state(provider, report) for provider in _clouds_to_judge(report)]


def administrators_state(report: PolicyReport) -> list[AccountsState]:
    """Return for each cloud whether all its administrators are asked for MFA."""
    states = []
    for provider in _clouds_to_judge(report):
        finding = find_mfa_finding(AdministratorMfa, provider, report)
        measurement = find_measurement(AdministratorMfa, provider, report)
        if finding is None or measurement is None or not measurement.administrators:
            states.append(AccountsState(title_of(provider), NOT_KNOWN, NOT_KNOWN))
            continue
        word = share_text(Share(measurement.always, measurement.administrators, measurement.not_checked))
        some = PARTLY if measurement.always else NOT_IN_ORDER
        state = {Status.PASS: IN_ORDER, Status.FAIL: some}.get(finding.status, NOT_KNOWN)
        states.append(AccountsState(title_of(provider), state, f"always asked: {word}"))
    return states


def _clouds_to_judge(report: PolicyReport) -> list[str]:
    """Return all clouds of the school if MFA was checked on one of them.

    A cloud on which the check has no finding counts as "not known", never as in order.
    """
    is_checked = any(finding.control == SECOND_FACTOR for finding in report.looked.findings)
    return list(report.playbooks.school.tenants) if is_checked else []


def _every_account_state(provider: str, report: PolicyReport) -> AccountsState:
    registration = find_measurement(MfaRegistration, provider, report)
    enforcement = find_measurement(MfaEnforcement, provider, report)
    counts = combine_counts(group_measurement(registration, ACCOUNTS), group_measurement(enforcement, ACCOUNTS))
    whole = counts.people is not None
    if not whole:
        counts = combine_counts(registration, enforcement)  # a gap among the staff is a gap among all accounts
    people = counts.people
    if people is None:
        return AccountsState(title_of(provider), NOT_KNOWN, NOT_KNOWN)
    words = {
        name: all_or_not_all(number, people, unknown)
        for name, number, unknown in (
            ("always asked", counts.required, counts.not_known),
            ("registered", counts.registered, counts.registration_not_known),
        )
    }
    text = "; ".join(f"{name}: {word}" for name, word in words.items())
    if "not all" in words.values():
        return AccountsState(title_of(provider), PARTLY if counts.required else NOT_IN_ORDER, text)
    is_complete = whole and NOT_KNOWN not in words.values()
    return AccountsState(title_of(provider), IN_ORDER if is_complete else NOT_KNOWN, text)
