"""What every cloud says of second factors: who has registered one, and who is asked for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from toolkit.controls.identity.mfa import Mfa
from toolkit.sdk.finding import Finding, Status
from toolkit.values import Json

REGISTERED, ENFORCED = "people who registered a second factor", "people who are asked for a second factor"
ADMINISTRATORS = "administrators and their second factor"
NOBODY = (
    "nobody has an administrator's role but accounts that are counted apart, so whoever administers this tenant from "
    "day to day is not seen"
)


class FactorPrompt(StrEnum):
    """When somebody is asked for a second factor."""

    ALWAYS = "always"
    CONDITIONS = "under conditions"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who signs in; None where it is not known."""

    who: str  # their address
    registered: bool | None = None
    asked: FactorPrompt | None = None
    apart: bool = False  # an account that the school file protects


def registered(wanted: Mfa, people: Sequence[Signer], *, unseen: str) -> Finding:
    """Say how many have registered; `unseen` says why somebody is not known, behind "3"."""
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
    reason = f"{len(known) - len(without)} of {len(counted)} have registered"
    reason += f"; not checked: {unknown} {unseen}" if unknown else ""
    reason += _apart(apart) + _named(wanted, without, evidence)
    return Finding(REGISTERED, _status(counted, fails=bool(without), unknown=bool(unknown)), reason, evidence)


def enforced(wanted: Mfa, people: Sequence[Signer], *, by: str) -> Finding:
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
        "by": by,
    }
    reason = f"enforced for {always} of {len(counted)}, {by}"
    reason += f"; for {conditions} under conditions alone" if conditions else ""
    reason += f"; not checked: {unknown}" if unknown else ""
    reason += _apart(apart) + _named(wanted, lacking, evidence)
    return Finding(ENFORCED, _status(counted, fails=bool(lacking), unknown=bool(unknown)), reason, evidence)


def administrators(wanted: Mfa, people: Sequence[Signer], *, untold: str = "") -> Finding:
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
        return Finding(ADMINISTRATORS, Status.UNKNOWN, NOBODY + _apart(apart), evidence)
    registration = untold or f"{has} of {len(counted)} have registered"
    reason = f"{asked} of {len(counted)} are always asked; {registration}"
    reason += _apart(apart) + _named(wanted, lacking, evidence)
    return Finding(ADMINISTRATORS, _status(counted, fails=bool(lacking), unknown=doubtful), reason, evidence)


def _split(people: Sequence[Signer]) -> tuple[Sequence[Signer], Sequence[Signer]]:
    return [one for one in people if not one.apart], [one for one in people if one.apart]


def _status(counted: Sequence[Signer], *, fails: bool, unknown: bool) -> Status:
    if fails:
        return Status.FAIL
    return Status.UNKNOWN if unknown or not counted else Status.PASS


def _apart(apart: Sequence[Signer]) -> str:
    if not apart:
        return ""
    has = sum(one.registered is True for one in apart)
    accounts = "1 protected account" if len(apart) == 1 else f"{len(apart)} protected accounts"
    told = f", {has} of them registered" if all(one.registered is not None for one in apart) else ""
    return f"; counted apart: {accounts}{told}"


def _named(wanted: Mfa, lacking: Sequence[Signer], evidence: dict[str, Json]) -> str:
    """Name them where the playbook asks for that."""
    if wanted.names == "none" or not lacking:
        return ""
    who = sorted(one.who for one in lacking)
    evidence["who"] = [*who]
    return f"; these are {', '.join(who)}"
