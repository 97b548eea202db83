"""The facts that the status of a clause rests on, and the parts of controls that no cloud has."""

from dataclasses import dataclass, field
from datetime import datetime

from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import About, Reason, same_words
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import MEANS, NEUTRAL, Count, FactVerdict, Ground, PartOutcome, WireEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is known of a clause, or known not to be known."""

    outcome: PartOutcome
    reason: Reason
    says: Reason  # who says so
    provider: str = SCHOOL  # the cloud that it is about; what is the school's own counts for each cloud
    control: str = ""
    seen: datetime | None = None  # when a tenant said so
    about: About = field(default_factory=About)  # what it is about, in words that stay the same from run to run
    addresses: tuple[Address, ...] = ()  # the objects that it was seen on
    some: bool = False  # it holds for some of what it is about, though it fails
    needed: bool = True  # it can make the clause met
    count: Count | None = None  # how many are as required

    @property
    def verdict(self) -> FactVerdict:
        """Return what the outcome means for the clause."""
        means = MEANS[self.outcome]
        return FactVerdict.IN_PART if means is FactVerdict.FAILS and self.some else means


FOUND = same_words("found_about", "{about}: {found}")
"""What was found of a part or an object."""
UNCONFIRMED = same_words("no_one_confirmed", "no one has confirmed it yet")()
PLAYBOOKS_SAY = same_words("playbooks_say", "the playbooks")()
NOBODY = same_words("no_one_says", "no one")()


_WITHOUT = frozenset({PartOutcome.UNCONFIRMED, PartOutcome.UNAVAILABLE})
"""What an optional part may be without a clause lacking anything."""


def fact_of(ground: Ground, provider: str, control: str, about: About, *, needed: bool = True) -> Fact | None:
    """Return what one ground of a verdict means for a clause; None where it means nothing."""
    if ground.outcome in NEUTRAL or (ground.outcome in _WITHOUT and not needed):
        return None
    wire = ground.evidence if isinstance(ground.evidence, WireEvidence) else None
    return Fact(
        outcome=ground.outcome,
        some=bool(ground.count and ground.count.ok),
        reason=ground.reason,
        says=ground.says,
        provider=provider,
        control=control,
        seen=wire.read_at if wire else None,
        about=about,
        addresses=wire.addresses if wire else (),
        needed=needed,
        count=ground.count,
    )
