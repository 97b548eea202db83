"""What a clause's status rests on: single facts, each with who says so."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from toolkit.sdk.address import Address
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import About, Reason, same_words


class FactVerdict(StrEnum):
    """What one fact means for a clause."""

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
    reason: Reason
    says: Reason  # who says so
    provider: str = SCHOOL  # the cloud that it is about; what is the school's own counts for each cloud
    control: str = ""
    seen: datetime | None = None  # when a tenant said so
    about: About = field(default_factory=About)  # what it is about, in words that stay the same from run to run
    addresses: tuple[Address, ...] = ()  # the objects that it was seen on


FOUND = same_words("found_about", "{about}: {found}")
"""What was found of a part or an object."""
UNCONFIRMED = same_words("no_one_confirmed", "nobody has confirmed it yet")()
PLAYBOOKS_SAY = same_words("playbooks_say", "the playbooks")()
NOBODY = same_words("no_one_says", "nobody")()
