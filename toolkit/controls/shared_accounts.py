"""The control for shared accounts: accounts that are named after a place or a job instead of a person."""

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Literal

from pydantic import Field

from toolkit.controls.control import Control, TenantWideSettings
from toolkit.sdk import (
    CheckOccasion,
    Finding,
    Measurement,
    Part,
    Person,
    ReasonCode,
    Status,
    Things,
    checked,
    declare,
    same_words,
)

NAMED = "accounts named after a place or a job"
_WORDS = frozenset(
    "admin administration admissions board class classroom copier desk eyfs exam exams finance frontdesk guest hall "
    "head headteacher ict intern it kitchen ks lab laptop library loan lunch nursery office pe pool preschool print "
    "printer pupil reception room scan scanner school shared site sports staff staffroom student supply teacher temp "
    "test trainee trolley user visitor volunteer welfare year yr".split()
)
_PIECES = re.compile(r"[^\W\d_]+")
_SHORT = 1  # a class letter, such as the b in class-3b
_FOUND = ReasonCode(
    "accounts_named_after_places",
    admin="{short} of {all} enabled accounts are named after a place or a job and are not in `known`. Ask who "
    "uses them",
    governor="{short} of {all} enabled accounts are named after a place or a job, and the school has not recorded who "
    "uses them",
    lacking="{short} {short:account is|accounts are} named after a place or a job, and the school has not recorded who "
    "uses {short:it|them}",
)
_NONE = same_words(
    "no_account_named_after_a_place", "no enabled account outside the school's list is named after a place or a job"
)
_KNOWN = same_words("accounts_known_as_shared", "; on the school's list: {known}")
LISTED = ReasonCode("accounts_listed", admin="; these are {who}", governor="")


class NoSharedAccounts(TenantWideSettings):
    """Accounts that several people might share.

    They are listed and never blocked. Class log-ins, the supply pool, job shares and machines need shared accounts, so
    list these accounts under `known`.
    """

    known: dict[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")], Annotated[str, Field(min_length=1)]] = declare(
        "Shared accounts that the school has approved, each with its purpose. `*` matches any text.",
        {"class-*@example-primary.example": "class log-ins of key stage 1"},
        default={},
    )
    words: list[Annotated[str, Field(pattern=r"^\w+$")]] = declare(
        "Further words that suggest a shared account, in addition to words such as office, class and supply.",
        ["breakfast"],
        default=[],
    )
    names: Literal["none", "listed"] = declare(
        "listed: `toolkit check` names the accounts. Reports for other people never name them.", default="listed"
    )


class NamedAccounts(Measurement):
    """Counts of accounts that are named after a place or a job, in total and listed in `known`."""

    accounts: int
    found: int
    known: int


def account_names_part() -> Part:
    return checked(
        NAMED,
        "enabled accounts whose address is made of words such as office, class or supply",
        "`toolkit check` only lists these accounts, and blocks nothing",
        "a shared account that has a person's name is not detected",
        "sign-ins from several places at once are not read, because that would track people",
    )


def account_names_finding(settings: NoSharedAccounts, context: CheckOccasion) -> Finding:
    """Return the finding about enabled accounts that are named after a place or job, without protected accounts."""
    protected = {address.casefold() for address in context.school.protected.accounts}
    people = [person for person in context.scope.audience.people if person.address.casefold() not in protected]
    with_place_names = [person for person in people if is_named_after_place_or_job(person.address, settings.words)]
    known_people = [person for person in people if _is_known(person, settings)]
    amiss = sorted({person.address for person in with_place_names if person not in known_people})
    measurement = NamedAccounts(accounts=len(people), found=len(amiss), known=len(known_people))
    more = _KNOWN(known=Things(len(known_people))) if known_people else None
    if not amiss:
        return Finding(NAMED, Status.PASS, _NONE().then(more), measurement=measurement)
    listed = LISTED(who=", ".join(amiss)) if settings.names == "listed" else None
    reason = _FOUND(short=Things(len(amiss)), all=Things(len(people))).then(more, listed)
    return Finding(NAMED, Status.FAIL, reason, measurement=measurement)


def is_named_after_place_or_job(address: str, extra_words: Sequence[str] = ()) -> bool:
    """Return whether an address consists only of words for places or jobs, ignoring digits and single letters."""
    name, words = address.partition("@")[0].casefold(), _WORDS | {word.casefold() for word in extra_words}
    pieces = [piece for piece in _PIECES.findall(name) if len(piece) > _SHORT]
    return name in words or (bool(pieces) and all(piece in words for piece in pieces))


def _is_known(person: Person, settings: NoSharedAccounts) -> bool:
    return any(fnmatchcase(person.address.casefold(), pattern.casefold()) for pattern in settings.known)


CONTROLS = (
    Control(
        name="identity.no_shared_accounts",
        title="One account for each person",
        clauses=("SEC-02",),
        settings=NoSharedAccounts,
        reaches_people=False,
        asks=("shared_accounts",),
    ),
)
