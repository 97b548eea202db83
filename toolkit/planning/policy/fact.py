"""What a clause's status rests on: single facts, each with who says so."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from toolkit.sdk.address import Address
from toolkit.sdk.part import SCHOOL


class FactVerdict(StrEnum):
    """What one fact says of a clause."""

    HOLDS = "holds"
    IN_PART = "in part"  # for some people or devices, and not for others
    FAILS = "fails"
    EXCEPTED = "excepted"  # different for some people, as somebody approved
    OPEN = "open"  # nobody looks at it, or confirmed it, or the licence lacks it: a known gap
    UNREAD = "unread"  # it should have been looked at and could not be


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is known of a clause, or known not to be known."""

    verdict: FactVerdict
    reason: str
    says: str  # who says so
    provider: str = SCHOOL  # the cloud that it is about; what is the school's own counts for each cloud
    control: str = ""
    seen: datetime | None = None  # when a tenant said so
    about: str = ""  # what it is about, in words that stay the same from run to run
    addresses: tuple[Address, ...] = ()  # the objects that it was seen on


PLAYBOOKS_SAY = "the playbooks"
NOBODY = "nobody"
