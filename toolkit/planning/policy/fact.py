"""The facts that the status of a clause rests on, and the parts of controls that no cloud has."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from toolkit.errors import PlaybookError, Problem
from toolkit.planning.plan import RealisedControl
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.policy_entries import Clause
from toolkit.sdk.address import Address
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import About, Reason, same_words
from toolkit.yaml.messages import did_you_mean, quoted


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


def refuse_unknown_parts(playbooks: Playbooks, controls: Iterable[RealisedControl]) -> None:
    """Raise PlaybookError with a problem for each part of a control of the playbooks that no cloud has."""
    parts: dict[str, set[str]] = {}
    for one in controls:
        parts.setdefault(one.control, set()).update(part.name for part in one.realisation.parts)
    problems = [
        Problem(clause.origin.path, clause.origin.line, f"{clause.name}: {message}")
        for clause in playbooks.policy.clauses
        for message in _wrong(clause, parts)
    ]
    if problems:
        raise PlaybookError(problems)


def _wrong(clause: Clause, parts: dict[str, set[str]]) -> Iterator[str]:
    for control, names in clause.parts.items():
        known = parts.get(control)  # None: no playbook asks for it
        for name in names if known else ():
            if known and name not in known:
                yield f"{control} has no part {quoted(name)}{did_you_mean(name, known)}"
