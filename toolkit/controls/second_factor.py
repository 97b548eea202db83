"""What every cloud says of second factors: who has registered one, and who is asked for it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from toolkit.controls.identity import Mfa
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.reason import Reason, ReasonCode, Share, admin_text, same_words
from toolkit.values import Json

REGISTERED, ENFORCED = "people who registered a second factor", "people who are asked for a second factor"
ADMINISTRATORS = "administrators and their second factor"
_NO_ADMINISTRATORS = ReasonCode(
    "no_administrators_seen",
    admin="no one has an administrator's role but accounts that are counted apart, so the daily administrator "
    "of this tenant is not seen",
    governor="only protected accounts have an administrator's role, so the people who run the school's cloud from day "
    "to day are not checked",
)
_HAVE_REGISTERED = ReasonCode(
    "second_factor_registered",
    admin="{registered} have registered",
    governor="{registered} have registered",
    lacking="{registered} staff have not registered for MFA",
)
_NOT_CHECKED = same_words("second_factor_not_checked", "; not checked: {count}")
_NOT_CHECKED_SINCE = same_words("second_factor_not_checked_since", "; not checked: {count} {why}")
_ASKED_FOR = ReasonCode(
    "second_factor_enforced",
    admin="enforced for {always}, {by}",
    governor="always asked: {always}, {by}",
    lacking="{always} staff are not always asked for MFA at sign-in",
)
_UNDER_CONDITIONS = ReasonCode(
    "second_factor_under_conditions",
    admin="; for {count} under conditions alone",
    governor="; for {count} only under some conditions",
)
_ALWAYS_ASKED = same_words("administrators_asked", "{asked} are always asked; {registration}")
_PROTECTED = ReasonCode(
    "protected_accounts",
    admin="; counted apart: {accounts}",
    governor="; the accounts that the school protects are not counted in this",
)
_PROTECTED_REGISTERED = ReasonCode("protected_accounts_registered", admin=", {count} of them registered", governor="")
_NAMED = ReasonCode("people_named", admin="; these are {who}", governor="")


class FactorPrompt(StrEnum):
    """When a person is asked for a second factor."""

    ALWAYS = "always"
    CONDITIONS = "under conditions"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Signer:
    """A person who signs in; None where it is not known."""

    who: str  # their address
    registered: bool | None = None
    asked: FactorPrompt | None = None
    apart: bool = False  # an account that the school file protects


def registered(wanted: Mfa, people: Sequence[Signer], *, unseen: Reason) -> Finding:
    """Say how many have registered; `unseen` is why a person is not known, behind "3"."""
    counted, apart = _split(people)
    known = [one for one in counted if one.registered is not None]
    without = [one for one in known if not one.registered]
    unknown = len(counted) - len(known)
    evidence: dict[str, Json] = {
        "people": len(counted),
        "registered": len(known) - len(without),
        "not_checked": unknown,
        "apart": len(apart),
    }
    reason = _HAVE_REGISTERED(registered=Share(len(known) - len(without), len(counted), unknown)).then(
        _NOT_CHECKED_SINCE(count=Share(unknown, len(counted), alone=True), why=unseen) if unknown else None,
        *_apart(apart),
        _named(wanted, without, evidence),
    )
    return Finding(REGISTERED, _status(counted, fails=bool(without), unknown=bool(unknown)), reason, evidence)


def enforced(wanted: Mfa, people: Sequence[Signer], *, by: Reason) -> Finding:
    """Say how many are asked, and by what."""
    counted, apart = _split(people)
    enough = (
        (FactorPrompt.ALWAYS, FactorPrompt.CONDITIONS)
        if wanted.under_conditions == "counts"
        else (FactorPrompt.ALWAYS,)
    )
    always, conditions, never = (sum(one.asked is how for one in counted) for how in FactorPrompt)
    lacking = [one for one in counted if one.asked is not None and one.asked not in enough]
    unknown = len(counted) - always - conditions - never
    evidence: dict[str, Json] = {
        "people": len(counted),
        "always": always,
        "under_conditions": conditions,
        "never": never,
        "not_checked": unknown,
        "apart": len(apart),
        "by": admin_text(by),
    }
    reason = _ASKED_FOR(always=Share(always, len(counted), unknown), by=by).then(
        _UNDER_CONDITIONS(count=Share(conditions, len(counted), alone=True)) if conditions else None,
        _NOT_CHECKED(count=Share(unknown, len(counted), alone=True)) if unknown else None,
        *_apart(apart),
        _named(wanted, lacking, evidence),
    )
    return Finding(ENFORCED, _status(counted, fails=bool(lacking), unknown=bool(unknown)), reason, evidence)


def administrators(wanted: Mfa, people: Sequence[Signer], *, untold: Reason | None = None) -> Finding:
    """Say of administrators that each has registered and is always asked.

    `untold` says that no licence tells what they registered: then they are judged by what they are asked for alone.
    """
    counted, apart = _split(people)
    asked = sum(one.asked is FactorPrompt.ALWAYS for one in counted)
    has = sum(one.registered is True for one in counted)
    lacking = [
        one for one in counted if one.registered is False or one.asked in {FactorPrompt.CONDITIONS, FactorPrompt.NEVER}
    ]
    doubtful = any(one.asked is None or (one.registered is None and not untold) for one in counted)
    evidence: dict[str, Json] = {
        "administrators": len(counted),
        "registered": None if untold else has,
        "always": asked,
        "apart": len(apart),
    }
    if not counted:
        return Finding(ADMINISTRATORS, Status.UNKNOWN, _NO_ADMINISTRATORS().then(*_apart(apart)), evidence)
    registration = untold or _HAVE_REGISTERED(registered=Share(has, len(counted)))
    reason = _ALWAYS_ASKED(asked=Share(asked, len(counted)), registration=registration).then(
        *_apart(apart), _named(wanted, lacking, evidence)
    )
    return Finding(ADMINISTRATORS, _status(counted, fails=bool(lacking), unknown=doubtful), reason, evidence)


def _split(people: Sequence[Signer]) -> tuple[Sequence[Signer], Sequence[Signer]]:
    return [one for one in people if not one.apart], [one for one in people if one.apart]


def _status(counted: Sequence[Signer], *, fails: bool, unknown: bool) -> Status:
    if fails:
        return Status.FAIL
    return Status.UNKNOWN if unknown or not counted else Status.PASS


def _apart(apart: Sequence[Signer]) -> Iterator[Reason]:
    if not apart:
        return
    has = sum(one.registered is True for one in apart)
    accounts = "1 protected account" if len(apart) == 1 else f"{len(apart)} protected accounts"
    yield _PROTECTED(accounts=accounts)
    if all(one.registered is not None for one in apart):
        yield _PROTECTED_REGISTERED(count=has)


def _named(wanted: Mfa, lacking: Sequence[Signer], evidence: dict[str, Json]) -> Reason | None:
    if wanted.names == "none" or not lacking:
        return None
    who = sorted(one.who for one in lacking)
    evidence["who"] = [*who]
    return _NAMED(who=", ".join(who))
