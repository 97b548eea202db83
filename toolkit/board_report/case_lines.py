"""Build the register of holds for investigators: the people on hold in each case, and the copies of evidence."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from toolkit.board_report.plain_language import title_of
from toolkit.holds.custody_text import copy_texts
from toolkit.holds.model import FAILED, WANTED, Case, Custodian, EvidenceCopy, Holds
from toolkit.records import dataclass
from toolkit.sdk.dates import day
from toolkit.sdk.legal_holds import HoldStatus

_STANDS = {
    WANTED: "not requested yet",
    FAILED: "the request failed",
    HoldStatus.ABSENT: "not held",
    HoldStatus.REQUESTED: "requested, but not confirmed yet",
    HoldStatus.CONFIRMED: "on hold, and confirmed",
    HoldStatus.WEAKER: "keeps less than an unlimited hold",
    HoldStatus.UNAVAILABLE: "cannot be held for this account",
}


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A person who agreed to the release of a hold, and the time of the agreement."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HeldPerson:
    """A person on hold, with the start of the hold and the state of each held part."""

    who: str
    since: datetime
    parts: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyLine:
    """A copy of evidence, with its chain of custody."""

    number: int
    name: str
    bytes: int
    sha256: str
    what: str
    state: str
    chain: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSection:
    """A case of the register of holds, with its people and copies of evidence."""

    matter: str
    review: date | None
    released: datetime | None
    consents: Sequence[ConsentLine]
    people: Sequence[HeldPerson]
    copies: Sequence[CopyLine]


def case_sections(holds: Holds) -> Mapping[str, CaseSection]:
    """Return every case by its name, with the people on hold and the copies of evidence."""
    return {name: _case_section(case) for name, case in holds.cases.items()}


def _case_section(case: Case) -> CaseSection:
    return CaseSection(
        matter=case.matter,
        review=case.review,
        released=case.released,
        consents=[ConsentLine(consent.by, consent.at) for consent in case.consents],
        people=[_held_person(custodian) for custodian in case.people.values()],
        copies=[_copy_line(copy) for copy in case.copies],
    )


def _copy_line(copy: EvidenceCopy) -> CopyLine:
    return CopyLine(
        number=copy.number,
        name=copy.name,
        bytes=copy.bytes,
        sha256=copy.sha256,
        what=copy.what,
        state=copy.state,
        chain=list(copy_texts(copy)),
    )


def _held_person(custodian: Custodian) -> HeldPerson:
    parts = [
        f"{service} on {title_of(cloud)}: {_STANDS.get(part.standing, part.standing)}"
        + (f", checked on {day(part.at.date())}, {part.at:%H:%M}" if part.at else "")
        for cloud, held in custodian.clouds.items()
        for service, part in held.parts.items()
    ]
    return HeldPerson(custodian.address, custodian.since, parts)
