"""The loaded and validated policy of the school, with the place of each entry."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from toolkit.playbook.playbook_schema import Day, FileEntry, Line, check_review_date
from toolkit.records import dataclass
from toolkit.sdk.resource import Origin
from toolkit.values import Json


class ClauseClass(StrEnum):
    """How a clause can be met: by a setting, by a measurement, by evidence, or only by people's conduct.

    A drafted clause gets a class when a person accepts its proposal.
    """

    SETTABLE = "settable"  # a setting can fulfil it: met
    VISIBLE = "visible"  # it can only be measured: met
    SUPPORTED = "supported"  # only evidence can be kept: evidence on file
    PEOPLE = "people"  # conduct, which a computer cannot judge: not technical
    UNRATIFIED = "UNRATIFIED"  # no person has accepted a class: not checked


class Evidence(StrEnum):
    """The evidence for a clause that no service shows."""

    REVIEW = "review"  # the document was reviewed in time
    SIGNATURE = "signature"  # the document was signed
    LINK = "link"  # its address returns the ratified file
    HISTORY = "history"  # each version has a date
    ACKNOWLEDGEMENTS = "acknowledgements"
    APPROVALS = "approvals"
    REQUESTS = "requests"
    LOANS = "loans"
    INCIDENTS = "incidents"
    ATTESTED = "attested"


OF_DOCUMENT = frozenset({Evidence.REVIEW, Evidence.SIGNATURE, Evidence.HISTORY})
"""The evidence that the document itself provides."""


class Test(StrEnum):
    """The comparison of a setting with a minimum."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    INCLUDES = "includes"
    EQUALS = "equals"
    ONE_OF = "one_of"
    COVERS = "covers"  # the audience of the control
    DECIDED = "decided"  # it is not `undecided`


@dataclass(frozen=True, slots=True)
class ClausePlace:
    """The place of a clause in the school's document."""

    section: str
    paragraph: int  # its number in the section, counting list items as paragraphs
    begins: str  # the first words
    number: str | None = None  # in the document, such as 4.2
    page: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The minimum that a clause requires of a setting, whatever the playbooks say."""

    control: str
    setting: str  # the key in the playbooks; `for` for the audience
    test: Test
    value: Json
    origin: Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A clause of the policy, with a summary of its requirement."""

    name: str
    says: str
    of_class: ClauseClass
    owner: str  # a role
    place: ClausePlace
    controls: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]]  # by control, the only parts that concern this clause
    resources: tuple[str, ...] = ()  # playbooks whose resources help to meet the clause
    evidence: tuple[Evidence, ...] = ()
    floor: tuple[Floor, ...] = ()
    uncovered: tuple[str, ...] = ()  # requirements of the clause that toolkit does not check
    origin: Origin


class Version(FileEntry):
    """A version in the history of the policy document."""

    version: Line = Field(description="The number of the version, in quotes.")
    came: Line = Field(description="The change.")
    on: Day | None = Field(default=None, description="The date of publication.")


class PolicyDocument(FileEntry):
    """The school's own policy document. Facts that the document leaves blank are None."""

    title: Line = Field(description="Its title.")
    committee: Line | None = Field(default=None, description="The committee that ratifies the policy.")
    ratified: Day | None = Field(default=None, description="The date of the last ratification.")
    review_due: Annotated[Day | None, check_review_date("ratified")] = Field(
        default=None, description="The date by which the policy must be reviewed."
    )
    review_every_months: Annotated[int, Field(ge=1, le=60)] = Field(
        default=12, description="The maximum number of months between two reviews of the policy."
    )
    signed_by: Line | None = Field(default=None, description="The role of the person who signed the policy.")
    signed: Day | None = Field(default=None, description="The date of the signature.")
    link: Annotated[Line, Field(pattern=r"^https?://\S+$")] | None = Field(
        default=None,
        description="The web address of the policy for staff. toolkit opens the address without signing in.",
        examples=["https://a.example/it.pdf"],
    )
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="The SHA-256 checksum of the ratified file, as `sha256sum FILE` prints it."
    )
    versions: list[Version] = Field(default=[], description="Its history.")


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy: its document, and its clauses in the order of their files."""

    clauses: tuple[Clause, ...] = ()
    document: PolicyDocument | None = None
