"""The school's policy and its registers as files say them: checked, typed, each entry with its place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from toolkit.sdk.resource import Origin
from toolkit.values import Json


class ClauseClass(StrEnum):
    """What a clause could earn at best."""

    SETTABLE = "settable"  # something can be set that prevents or does it: met
    VISIBLE = "visible"  # nothing prevents it, but it can be measured: met
    SUPPORTED = "supported"  # only evidence can be held of it: evidence on file
    PEOPLE = "people"  # conduct that no computer judges: not technical


class Evidence(StrEnum):
    """What shows a clause that no service shows."""

    REVIEW = "review"  # the document was reviewed in time
    SIGNATURE = "signature"  # somebody signed it
    HISTORY = "history"  # each of its versions has a day
    ACKNOWLEDGEMENTS = "acknowledgements"
    APPROVALS = "approvals"
    INCIDENTS = "incidents"
    ATTESTED = "attested"


class Test(StrEnum):
    """How a setting is compared with what is enough."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    INCLUDES = "includes"
    EQUALS = "equals"
    ONE_OF = "one_of"
    COVERS = "covers"  # for whom the control is
    DECIDED = "decided"  # it is not `undecided`


@dataclass(frozen=True, slots=True)
class ClausePlace:
    """Where a clause stands in the school's own document."""

    section: str
    paragraph: int  # of the section, lines of lists counted like paragraphs
    begins: str  # its first words


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The least that is enough for a clause, whatever the playbooks ask."""

    control: str
    setting: str  # the word in the playbooks; `for` where it is about people
    test: Test
    value: Json
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of the policy, in words of our own."""

    name: str
    says: str
    of_class: ClauseClass
    owner: str  # a role
    place: ClausePlace
    controls: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]]  # by control, the only parts that are about this clause
    resources: tuple[str, ...] = ()  # playbooks whose single objects serve it
    evidence: tuple[Evidence, ...] = ()
    floor: tuple[Floor, ...] = ()
    uncovered: tuple[str, ...] = ()  # what it asks for beside, at which nothing of ours looks
    origin: Origin


@dataclass(frozen=True, slots=True)
class Version:
    """One line of the document's history."""

    version: str
    came: str
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    """The school's own policy document; what is blank there is None here."""

    title: str
    committee: str | None
    ratified: date | None
    review_due: date | None
    review_every_months: int
    signed_by: str | None  # a role
    signed: date | None
    versions: tuple[Version, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Policy:
    """All clauses, in the order of their files."""

    clauses: tuple[Clause, ...] = ()
    document: PolicyDocument | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Somebody allowed what a clause leaves to them; what it was about stands elsewhere, under the reference."""

    clause: str
    what: str
    by: str  # a role
    on: date
    until: date
    reference: str | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something happened: the day, what kind of thing, and when it was closed; never its content."""

    clause: str
    what: str
    on: date
    closed: date | None
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """So many people of a role said that they know the policy, on a day; nobody is named."""

    role: str
    on: date
    signed: int
    of: int
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """Somebody's word that a clause is kept, and for how long it counts."""

    clause: str
    by: str  # a role
    on: date
    until: date
    note: str | None
    operator: bool  # it is the word of whoever runs the tool
    origin: Origin


@dataclass(frozen=True, slots=True)
class Registers:
    """What no service can show."""

    approvals: tuple[Approval, ...] = ()
    incidents: tuple[Incident, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()
    attested: tuple[Attested, ...] = ()
