"""Counts people who have registered a second factor, and people who are asked for a second factor at sign-in."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TypeVar

from toolkit.controls.identity import SEPARATE, Mfa
from toolkit.records import dataclass
from toolkit.sdk import (
    EVERYONE,
    CheckOccasion,
    Count,
    Finding,
    Measurement,
    Person,
    Reason,
    ReasonCode,
    Share,
    Status,
    admin_text,
    same_words,
)

REGISTERED, ENFORCED = "people who registered a second factor", "people who are asked for a second factor"
ADMINISTRATORS = "administrators and their second factor"
_NO_ADMINISTRATORS = ReasonCode(
    "no_administrators_seen",
    admin="only accounts that are counted separately have an administrator's role, so the tenant's daily "
    "administrator is not checked",
    governor="only protected accounts have an administrator's role, so the people who run the school's cloud from day "
    "to day are not checked",
)
_HAVE_REGISTERED = same_words(
    "second_factor_registered",
    "{registered} have registered",
    lacking="{registered} {whom} {registered:has|have} not registered for MFA",
)
_NOT_CHECKED = same_words("second_factor_not_checked", "; not checked: {count}")
_NOT_CHECKED_SINCE = same_words("second_factor_not_checked_since", "; not checked: {count} {why}")
_ASKED_FOR = ReasonCode(
    "second_factor_enforced",
    admin="always asked: {always}, {by}",
    governor="always asked: {always}, {by}",
    lacking="{always} staff {always:is|are} not always asked for MFA at sign-in",
)
_UNDER_CONDITIONS = ReasonCode(
    "second_factor_under_conditions",
    admin="; for {count} only under some conditions",
    governor="; for {count} only under some conditions",
)
_ALWAYS_ASKED = same_words(
    "administrators_asked",
    "{asked} are always asked; {registration}",
    lacking="{asked} administrators {asked:is|are} not always asked for MFA at sign-in",
)
_PROTECTED = ReasonCode(
    "protected_accounts",
    admin="; counted separately: {accounts}",
    governor="; protected accounts are not included",
)
_PROTECTED_REGISTERED = ReasonCode("protected_accounts_registered", admin=", {count} of them registered", governor="")
_NAMED = ReasonCode("people_named", admin="; these are {who}", governor="")


class FactorPrompt(StrEnum):
    """How often a person is asked for a second factor at sign-in."""

    ALWAYS = "always"
    CONDITIONS = "under conditions"
    EXEMPT = "exempt by rule"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Signer:
    """Whether a person registered a second factor, and how often sign-in asks for it. None means unknown."""

    who: str  # their address
    registered: bool | None = None
    asked: FactorPrompt | None = None
    apart: bool = False  # an account that the school file protects


Groups = Mapping[str, Sequence[Signer] | None]
"""Groups of people who are counted separately for governors, by name. None means that the members are unknown."""
ACCOUNTS = "accounts"
"""The name of the group of all enabled accounts except pupils."""


def groups_counted_separately(occasion: CheckOccasion, sign: Callable[[Person], Signer]) -> Groups:
    """Return the people in each group that the playbooks count separately.

    The group of all enabled accounts except pupils is unknown if the pupils' group is empty, because a sync may empty
    groups in September.
    """
    counted = occasion.counted_people
    if not counted:
        return {}
    everyone, pupils = counted.get(EVERYONE), {person.id for person in counted.get("pupils") or ()}
    accounts = [person for person in everyone if person.id not in pupils] if everyone is not None and pupils else None
    groups = {ACCOUNTS: accounts, **{name: counted.get(name) for name in SEPARATE}}
    return {name: None if people is None else [sign(person) for person in people] for name, people in groups.items()}


class MfaRegistration(Measurement):
    """Counts of people who have registered for MFA. `groups` has separate counts of groups for governors."""

    people: int
    registered: int
    not_checked: int
    apart: int | None = None
    groups: "Mapping[str, MfaRegistration | None] | None" = None

    @property
    def count(self) -> Count:
        """Return the number of people who have registered."""
        return Count(self.registered, self.people, self.not_checked)

    @property
    def whole(self) -> int:
        """Return the number of people in the audience."""
        return self.people


class MfaEnforcement(Measurement):
    """Counts of people by how often they are asked for MFA. `exempt` is None if the cloud does not show exemptions."""

    people: int
    always: int
    under_conditions: int
    exempt: int | None
    never: int
    not_checked: int
    apart: int | None = None
    by: str = ""
    groups: "Mapping[str, MfaEnforcement | None] | None" = None

    @property
    def count(self) -> Count:
        """Return the number of people who are always asked for MFA."""
        return Count(self.always, self.people, self.not_checked)

    @property
    def whole(self) -> int:
        """Return the number of people in the audience."""
        return self.people


class AdministratorMfa(Measurement):
    """Counts of administrators: all, always asked for MFA, and registered. `registered` is None if unknown."""

    administrators: int
    registered: int | None
    registration_not_checked: int
    always: int
    not_checked: int
    apart: int

    @property
    def count(self) -> Count:
        """Return the number of administrators who pass the check."""
        right = self.registered or self.always
        return Count(right, right, self.not_checked)


def _count_registration(people: Sequence[Signer]) -> MfaRegistration:
    return MfaRegistration(
        people=len(people),
        registered=sum(person.registered is True for person in people),
        not_checked=sum(person.registered is None for person in people),
    )


def _count_enforcement(people: Sequence[Signer], *, exemptions: bool) -> MfaEnforcement:
    """Count people by how often they are asked for MFA. `exemptions` is whether the cloud shows exempted people."""
    counts = Counter(person.asked for person in people)
    exempt, never = counts[FactorPrompt.EXEMPT], counts[FactorPrompt.NEVER]
    return MfaEnforcement(
        people=len(people),
        always=counts[FactorPrompt.ALWAYS],
        under_conditions=counts[FactorPrompt.CONDITIONS],
        exempt=exempt if exemptions else None,
        never=never if exemptions else exempt + never,
        not_checked=counts[None],
    )


T = TypeVar("T")


def _count_groups(groups: Groups | None, count: Callable[[Sequence[Signer]], T]) -> Mapping[str, T | None] | None:
    return {name: None if people is None else count(people) for name, people in groups.items()} if groups else None


def count_registered(
    settings: Mfa, people: Sequence[Signer], *, unseen: Reason, groups: Groups | None = None
) -> Finding:
    """Return the finding about MFA registration. `unseen` is the reason why some people are unknown."""
    counted, apart = _separate_protected_people(people)
    checked = [person for person in counted if person.registered is not None]
    without = [person for person in checked if not person.registered]
    unknown = len(counted) - len(checked)
    groups_counted = _count_groups(groups, _count_registration)
    measurement = replace(_count_registration(counted), apart=len(apart), groups=groups_counted)
    named, who = _named_people(settings, without)
    reason = _HAVE_REGISTERED(registered=Share(len(checked) - len(without), len(counted), unknown), whom="staff").then(
        _NOT_CHECKED_SINCE(count=Share(unknown, len(counted), alone=True), why=unseen) if unknown else None,
        *_protected_reasons(apart),
        named,
    )
    status = _finding_status(counted, fails=bool(without), unknown=bool(unknown))
    return Finding(REGISTERED, status, reason, measurement=measurement, who=who)


def count_enforced(
    settings: Mfa, people: Sequence[Signer], *, by: Reason, groups: Groups | None = None, exemptions: bool = False
) -> Finding:
    """Return the finding about people always asked for MFA. `exemptions` is whether the cloud shows exempted people."""
    counted, apart = _separate_protected_people(people)
    enough = {FactorPrompt.ALWAYS, *([FactorPrompt.CONDITIONS] if settings.under_conditions == "counts" else [])}
    lacking = [person for person in counted if person.asked is not None and person.asked not in enough]
    count = partial(_count_enforcement, exemptions=exemptions)
    measurement = replace(count(counted), apart=len(apart), by=admin_text(by), groups=_count_groups(groups, count))
    always, conditions, unknown = measurement.always, measurement.under_conditions, measurement.not_checked
    named, who = _named_people(settings, lacking)
    reason = _ASKED_FOR(always=Share(always, len(counted), unknown), by=by).then(
        _UNDER_CONDITIONS(count=Share(conditions, len(counted), alone=True)) if conditions else None,
        _NOT_CHECKED(count=Share(unknown, len(counted), alone=True)) if unknown else None,
        *_protected_reasons(apart),
        named,
    )
    status = _finding_status(counted, fails=bool(lacking), unknown=bool(unknown))
    return Finding(ENFORCED, status, reason, measurement=measurement, who=who)


def administrators_finding(settings: Mfa, people: Sequence[Signer], *, untold: Reason | None = None) -> Finding:
    """Return the finding about administrators, who must have registered for MFA and must always be asked for it.

    If the licence does not show who has registered, `untold` is the reason, and only the second condition is checked.
    """
    counted, apart = _separate_protected_people(people)
    always_asked = sum(person.asked is FactorPrompt.ALWAYS for person in counted)
    has = sum(person.registered is True for person in counted)
    lacking = [
        person for person in counted if person.registered is False or person.asked not in {None, FactorPrompt.ALWAYS}
    ]
    unseen = sum(person.registered is None for person in counted)
    not_checked = sum(person.asked is None for person in counted)
    doubtful = not_checked > 0 or (unseen > 0 and not untold)
    measurement = AdministratorMfa(
        administrators=len(counted),
        registered=None if untold or (counted and unseen == len(counted)) else has,
        registration_not_checked=unseen,
        always=always_asked,
        not_checked=not_checked,
        apart=len(apart),
    )
    if not counted:
        reason = _NO_ADMINISTRATORS().then(*_protected_reasons(apart))
        return Finding(ADMINISTRATORS, Status.UNKNOWN, reason, measurement=measurement)
    named, who = _named_people(settings, lacking)
    registration = untold or _HAVE_REGISTERED(registered=Share(has, len(counted), unseen), whom="administrators").then(
        _NOT_CHECKED(count=Share(unseen, len(counted), alone=True)) if unseen else None
    )
    reason = _ALWAYS_ASKED(asked=Share(always_asked, len(counted), not_checked), registration=registration).then(
        *_protected_reasons(apart), named
    )
    status = _finding_status(counted, fails=bool(lacking), unknown=doubtful)
    return Finding(ADMINISTRATORS, status, reason, measurement=measurement, who=who)


def _separate_protected_people(people: Sequence[Signer]) -> tuple[Sequence[Signer], Sequence[Signer]]:
    return [person for person in people if not person.apart], [person for person in people if person.apart]


def _finding_status(counted: Sequence[Signer], *, fails: bool, unknown: bool) -> Status:
    if fails:
        return Status.FAIL
    return Status.UNKNOWN if unknown or not counted else Status.PASS


def _protected_reasons(apart: Sequence[Signer]) -> Iterator[Reason]:
    if not apart:
        return
    has = sum(person.registered is True for person in apart)
    accounts = "1 protected account" if len(apart) == 1 else f"{len(apart)} protected accounts"
    yield _PROTECTED(accounts=accounts)
    if all(person.registered is not None for person in apart):
        yield _PROTECTED_REGISTERED(count=Share(has, len(apart), alone=True))


def _named_people(settings: Mfa, lacking: Sequence[Signer]) -> tuple[Reason | None, Sequence[str] | None]:
    """Return the names of people as text and as a list, or None if the playbook does not allow names."""
    if settings.names == "none" or not lacking:
        return None, None
    who = sorted(person.who for person in lacking)
    return _NAMED(who=", ".join(who)), who
