"""Put into words whether groups of people, such as administrators and governors, use MFA. Groups have no numbers."""

from collections.abc import Collection, Mapping

from toolkit.board_report.number_bars import NOT_KNOWN
from toolkit.board_report.plain_language import capital
from toolkit.controls.identity import SEPARATE, Mfa
from toolkit.controls.second_factor import AdministratorMfa
from toolkit.engine.policy import PolicyReport
from toolkit.messages import one_of
from toolkit.records import dataclass

_GROUPS = {
    "administrators": "administrators",
    "leaders": "leaders",
    "sensitive_data": "people with sensitive data",
    "governors": "governors",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaNumbers:
    """How many people in a group use MFA. A number is None if it was not read.

    The people for whom MFA is required, exempt, not always asked and not known add up to all people.
    """

    people: int | None = None
    required: int | None = None
    registered: int | None = None
    registration_not_known: int | None = None
    exempt: int | None = None
    not_always_asked: int | None = None
    not_known: int | None = None


def administrator_numbers(measurement: AdministratorMfa | None) -> MfaNumbers:
    """Return the MFA numbers of administrators, which are unknown if only protected accounts could be read."""
    if measurement is None:
        return MfaNumbers()
    return MfaNumbers(
        people=measurement.administrators or None,
        required=measurement.always,
        registered=measurement.registered,
        registration_not_known=measurement.registration_not_checked,
        not_known=measurement.not_checked,
    )


def groups_without_role(report: PolicyReport) -> frozenset[str]:
    """Return the groups that governors read separately and whose role is not in the school file."""
    entries = [entry for playbook in report.playbooks.playbooks for entry in playbook.controls]
    settings = next((entry.settings for entry in entries if isinstance(entry.settings, Mfa)), Mfa())
    roles = {name: settings.counted_roles.get(name) for name in SEPARATE}
    return frozenset(name for name, role in roles.items() if role not in report.playbooks.school.roles)


def group_sentences(groups: Mapping[str, MfaNumbers], without_role: Collection[str]) -> str:
    """Return how many people of each group must use MFA and have registered.

    Groups with the same answer share a sentence. A group that the school file does not name is not known for this
    reason.
    """
    by_answer: dict[str, list[str]] = {}
    for name, counts in groups.items():
        unnamed = f"{NOT_KNOWN}, because no such group is in the school file"
        answer = unnamed if name in without_role and counts.people is None else required_text(counts)
        by_answer.setdefault(answer, []).append(_GROUPS[name])
    return " ".join(f"{capital(one_of(names, 'and'))}: {answer}." for answer, names in by_answer.items())


def other_accounts_text(counts: MfaNumbers) -> str:
    """Return the sentence about accounts that are not counted with the staff, so that "all" is about the staff."""
    return f"Not counted above are accounts other than staff’s and pupils’: {required_text(counts)}."


def other_accounts(accounts: MfaNumbers, staff: MfaNumbers) -> MfaNumbers:
    """Return the numbers of the accounts that belong neither to staff nor to pupils, which are unknown if unread."""
    if accounts.people is None or staff.people is None or accounts.people < staff.people:
        return MfaNumbers()
    return MfaNumbers(
        people=accounts.people - staff.people,
        required=_difference(accounts.required, staff.required),
        registered=_difference(accounts.registered, staff.registered),
        registration_not_known=_difference(accounts.registration_not_known, staff.registration_not_known),
        not_known=_difference(accounts.not_known, staff.not_known),
    )


def _difference(whole: int | None, part: int | None) -> int | None:
    """Return the rest of a number, or None if it is unknown or the two counts do not fit together."""
    return None if whole is None or part is None or whole < part else whole - part


def required_text(counts: MfaNumbers) -> str:
    """Return whether MFA is required of a group and whether the group has registered, always in words.

    Only the staff are shown in numbers, so that page one has one total for MFA.
    """
    people = counts.people
    if not people:
        return NOT_KNOWN if people is None else "no account"
    required = all_or_not_all(counts.required, people, counts.not_known)
    registered = all_or_not_all(counts.registered, people, counts.registration_not_known)
    return f"required {required}, registered {registered}"


def all_or_not_all(number: int | None, people: int, unknown: int | None) -> str:
    """Return "all" or "not all". If no one is known to lack it but some are unknown, return "not known"."""
    if number is None:
        return NOT_KNOWN
    if number == people:
        return "all"
    return NOT_KNOWN if number + (unknown or 0) >= people else "not all"
