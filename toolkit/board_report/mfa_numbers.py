"""Count the people who use multi-factor authentication (MFA) on each cloud, for the first page of the report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from toolkit.board_report.mfa_groups import (
    MfaNumbers,
    administrator_numbers,
    group_sentences,
    groups_without_role,
    other_accounts,
    other_accounts_text,
    required_text,
)
from toolkit.board_report.number_bars import NOT_KNOWN, NumberBar, number_bar
from toolkit.board_report.plain_language import title_of
from toolkit.controls.identity import SEPARATE
from toolkit.controls.second_factor import ACCOUNTS, AdministratorMfa, MfaEnforcement, MfaRegistration
from toolkit.engine.policy import PolicyReport
from toolkit.messages import one_of
from toolkit.records import dataclass
from toolkit.sdk.check import Finding
from toolkit.sdk.measurement import Measurement
from toolkit.sdk.reason import Share

SECOND_FACTOR = "identity.mfa"
_NOT_COVERED = "Private e-mail accounts are not covered."


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaOfCloud:
    """How many staff accounts of a cloud use MFA, also as sentences about the groups that governors read separately."""

    cloud: str
    counted: str  # always the audience of the control, which is the staff
    people: int | None
    required: int | None
    registered: int | None
    exempt: int | None
    not_always_asked: int | None
    not_known: int | None
    groups: Mapping[str, str]
    about: str
    bars: Sequence[NumberBar]
    rest: str
    told: str


@dataclass(frozen=True, slots=True)
class MfaAnswer:
    """The use of MFA on one or more clouds with the same answer, as page one shows it."""

    about: str
    bars: Sequence[NumberBar]
    rest: str
    told: str


@dataclass(frozen=True, slots=True)
class MfaSection:
    """The use of MFA on all clouds, as numbers and as sentences."""

    clouds: Sequence[MfaOfCloud]
    shown: Sequence[MfaAnswer]
    told: Sequence[str]


def mfa_section(report: PolicyReport) -> MfaSection:
    """Return how many staff accounts on each cloud must use MFA, have registered, are exempt, or are not known.

    Page one shows clouds with the same answer together.
    """
    clouds = [_mfa_of_cloud(provider, report) for provider in report.playbooks.school.tenants]
    alike: dict[str, list[MfaOfCloud]] = {}
    for cloud in clouds:
        alike.setdefault(cloud.told.removeprefix(cloud.cloud), []).append(cloud)
    shown = [_joint_answer(group) for group in alike.values()]
    return MfaSection(clouds, shown, [*(answer.told for answer in shown), _NOT_COVERED])


def _joint_answer(clouds: Sequence[MfaOfCloud]) -> MfaAnswer:
    first, names = clouds[0], one_of([cloud.cloud for cloud in clouds], "and")

    def with_names(text: str) -> str:
        return f"{names}{text.removeprefix(first.cloud)}" if text.startswith(first.cloud) else text

    return MfaAnswer(with_names(first.about), first.bars, with_names(first.rest), with_names(first.told))


def _mfa_of_cloud(provider: str, report: PolicyReport) -> MfaOfCloud:
    """Return the MFA numbers of the staff on a cloud, and words about other accounts and groups.

    Every number has the staff as its total. A number is None if it was not read.
    """
    registration = find_measurement(MfaRegistration, provider, report)
    enforcement = find_measurement(MfaEnforcement, provider, report)
    counts = combine_counts(registration, enforcement)
    accounts = combine_counts(group_measurement(registration, ACCOUNTS), group_measurement(enforcement, ACCOUNTS))
    groups = {"administrators": administrator_numbers(find_measurement(AdministratorMfa, provider, report))} | {
        name: combine_counts(group_measurement(registration, name), group_measurement(enforcement, name))
        for name in SEPARATE
    }
    small = counts.people is not None and Share(0, counts.people).is_small
    parts = _cloud_answer(f"{title_of(provider)}, read at {report.now:%H:%M}", counts)
    uncounted = other_accounts_text(other_accounts(accounts, counts))
    rest = f"{parts.rest} {group_sentences(groups, groups_without_role(report))} {uncounted}"
    shown = MfaNumbers() if small else counts
    return MfaOfCloud(
        cloud=title_of(provider),
        counted="audience",
        people=shown.people,
        required=shown.required,
        registered=shown.registered,
        exempt=shown.exempt,
        not_always_asked=shown.not_always_asked,
        not_known=shown.not_known,
        groups={name: required_text(group) for name, group in groups.items()},
        about=parts.audience,
        bars=parts.bars,
        rest=rest,
        told=" ".join(filter(None, [parts.audience, *(bar.told for bar in parts.bars), rest])),
    )


Measured = TypeVar("Measured", bound=Measurement)


def find_mfa_finding(measurement_type: type[Measurement], provider: str, report: PolicyReport) -> Finding | None:
    """Return the finding about MFA on a cloud that has this measurement, or None if it was not read."""
    findings = (
        control_finding.finding
        for control_finding in report.looked.findings
        if (control_finding.control, control_finding.provider) == (SECOND_FACTOR, provider)
    )
    return next((finding for finding in findings if isinstance(finding.measurement, measurement_type)), None)


def find_measurement(measurement_type: type[Measured], provider: str, report: PolicyReport) -> Measured | None:
    """Return a measurement of MFA on a cloud, or None if it was not read."""
    finding = find_mfa_finding(measurement_type, provider, report)
    return finding.measurement if finding and isinstance(finding.measurement, measurement_type) else None


@dataclass(frozen=True, slots=True)
class CloudAnswer:
    """The answer about a cloud on the first page: the audience, the bars, and the numbers that have no bar."""

    audience: str
    bars: Sequence[NumberBar]
    rest: str


def _cloud_answer(source: str, counts: MfaNumbers) -> CloudAnswer:
    people = counts.people
    if people is None:
        return CloudAnswer("", [], f"{source}: {NOT_KNOWN}.")
    bars = {name: number_bar(words, share) for name, words, share in _named_shares(counts, people)}
    others = [_number_sentence(name, bars[name], counts) for name in bars if name not in _DRAWN]
    whom = f"only {_STAFF}" if Share(0, people).is_small else f"only the {people} {_STAFF}"
    return CloudAnswer(f"{source}, {whom}.", [bars[name] for name in _DRAWN], " ".join(others))


def _number_sentence(name: str, bar: NumberBar, counts: MfaNumbers) -> str:
    """Return a number in words.

    If sign-in prompts were read but exemptions were not, the text adds why the number is unknown.
    """
    if name == "exempt" and counts.exempt is None and counts.required is not None:
        return f"{bar.told.rstrip('.')}, since the rules for groups could not be read."
    return _OF_SMALL_ALL.get(bar.what, bar.told) if bar.shown == "all" else bar.told


_STAFF = "staff accounts"
_FOUR = {
    "required": "MFA required at sign-in",
    "registered": "registered for MFA",
    "exempt": "exempt by rule",
    "not_always_asked": "not always asked",
    "not_known": "not known",
}
_OF_SMALL = {
    "required": "MFA required at sign-in",
    "registered": "registered for MFA",
    "exempt": "without an exemption",
    "not_known": "could be checked",
}
"""The numbers of a group under ten, each as a property that all or not all of its people have."""
_OF_SMALL_ALL = {
    _OF_SMALL["exempt"]: "No staff account is exempt.",
    _OF_SMALL["not_known"]: "All staff accounts could be checked.",
}
"""The sentence about a number of a group under ten if all of its people have the property."""
_DRAWN = ("required", "registered")
"""The numbers that have a bar. The others are mostly too small to see."""
Grouped = TypeVar("Grouped", MfaRegistration, MfaEnforcement)


def group_measurement(measurement: Grouped | None, name: str) -> Grouped | None:
    return measurement.groups.get(name) if measurement and measurement.groups else None


def combine_counts(registration: MfaRegistration | None, enforcement: MfaEnforcement | None) -> MfaNumbers:
    """Combine the registration and the enforcement of MFA in a group of people."""
    unread = registration.not_checked if registration else None
    is_unread = registration is None or (unread and unread == registration.people)
    return MfaNumbers(
        people=enforcement.people if enforcement else registration.people if registration else None,
        required=enforcement.always if enforcement else None,
        registered=None if registration is None or is_unread else registration.registered,
        registration_not_known=unread,
        exempt=enforcement.exempt if enforcement else None,
        not_always_asked=enforcement.under_conditions + enforcement.never if enforcement else None,
        not_known=enforcement.not_checked if enforcement else None,
    )


def _named_shares(counts: MfaNumbers, people: int) -> Iterator[tuple[str, str, Share | None]]:
    """Yield the name, the words and the share of each number.

    For a small group, the share shows no numbers, so that no one can be identified.
    """
    unread, unregistered = counts.not_known or 0, counts.registration_not_known or 0
    small = Share(0, people).is_small
    shown = {
        "required": counts.required,
        "registered": counts.registered,
        "exempt": counts.exempt,
        "not_always_asked": counts.not_always_asked,
        "not_known": counts.not_known,
    }
    unknown = (
        {"required": unread, "registered": unregistered, "exempt": unread} if small else {"registered": unregistered}
    )
    for name, words in (_OF_SMALL if small else _FOUR).items():
        number, left = shown[name], unknown.get(name, 0)
        if small and number is not None and name in ("exempt", "not_known"):
            number = people - number - left
        yield name, words, None if number is None else Share(number, people, left, alone=not small)
