"""The schema of a file of the policy."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from toolkit.catalogue.naming import OfCategory
from toolkit.messages import one_of, quoted
from toolkit.playbook.playbook_schema import Clause, FileForm, Line, Slug
from toolkit.playbook.policy_entries import ClauseClass, Evidence, PolicyDocument, Test

_FEW = 8  # maximum number of words, because the document must not be copied


def _check_first_words(text: str) -> str:
    if len(text.split()) > _FEW:
        raise ValueError(
            f"a clause is identified by its first words. Write at most {_FEW} words instead of the whole sentence"
        )
    return text


class PlaceForm(FileForm):
    """The place of a clause in the school's document."""

    section: Line | None = Field(default=None, description="The heading of the section. Default: the file's section.")
    paragraph: Annotated[int, Field(ge=1)] = Field(
        description="The number of the paragraph in the section, counting list items as paragraphs."
    )
    begins: Annotated[Line, AfterValidator(_check_first_words)] = Field(
        description="The first few words of the clause.", examples=["The School standard disclaimer"]
    )
    number: Line | None = Field(default=None, description="The clause's number in the document.", examples=["4.2"])
    page: Annotated[int, Field(ge=1)] | None = Field(default=None, description="The clause's page in the document.")


class ProposedForm(FileForm):
    """The proposal of `toolkit policy draft` for a clause. Nothing is checked until a person has accepted it."""

    proposed_class: Annotated[ClauseClass, Field(strict=False)] = Field(
        alias="class", description="The proposed class."
    )
    controls: list[Line] = Field(default=[], description="The proposed controls, best first.")
    evidence: list[Annotated[Evidence, Field(strict=False)]] = Field(default=[], description="The proposed evidence.")
    words: dict[str, list[Line]] = Field(
        default={}, description="By control or evidence, the words of the clause that led to the proposal."
    )
    earlier: Line | None = Field(
        default=None, description="The accepted wording of the clause in the earlier version of the document."
    )


class FloorForm(FileForm):
    """The minimum for one setting of a control, with exactly one comparison."""

    control: Line = Field(description="The control, such as mail.disclaimer.", examples=["mail.disclaimer"])
    setting: Line | None = Field(default=None, description="The setting that is compared. Not used with `covers`.")
    at_least: int | None = Field(default=None, description="The smallest number that the setting may have.")
    at_most: int | None = Field(default=None, description="The largest number that the setting may have.")
    includes: list[str | OfCategory] | None = Field(
        default=None, min_length=1, description="The entries that the list must contain.", examples=[["whatsapp"]]
    )
    equals: bool | int | str | None = Field(default=None, description="The value that the setting must have.")
    one_of: list[bool | int | str] | None = Field(
        default=None, min_length=1, description="The values that the setting may have."
    )
    covers: Line | None = Field(default=None, description="The control must be for this role, or for everyone.")
    decided: Literal[True] | None = Field(default=None, description="The setting must not be undecided.")

    @model_validator(mode="after")
    def _check_one_comparison(self) -> Self:
        tests = [test for test in Test if getattr(self, test) is not None]
        if len(tests) != 1:
            raise ValueError(f"write exactly one of {one_of(quoted(test) for test in Test)}")
        if (tests == [Test.COVERS]) is not (self.setting is None):
            raise ValueError("every comparison except `covers`, which is about people, needs `setting`")
        return self

    @property
    def test(self) -> Test:
        """Return the comparison that the minimum uses."""
        return next(test for test in Test if getattr(self, test) is not None)


class ClauseForm(FileForm):
    """The schema of a clause of the policy."""

    clause: Clause = Field(description="The name of the clause, such as EML-18.")
    says: Line = Field(description="The requirement, in your own words.")
    of_class: Annotated[ClauseClass, Field(strict=False)] = Field(
        alias="class",
        description="settable (a setting can fulfil it), visible (it can be measured), supported (evidence can "
        "be kept), people (conduct that no computer judges) or UNRATIFIED (no person has accepted a class yet).",
    )
    proposed: ProposedForm | None = Field(
        default=None, description="The proposal of `toolkit policy draft`, until `toolkit policy review` accepts it."
    )
    owner: Line | None = Field(default=None, description="The role of the lead. Default: the file's owner.")
    place: PlaceForm = Field(description="The place in the school's document.")
    controls: list[Line] = Field(
        default=[], description="The controls that help to meet the clause.", examples=[["mail.disclaimer"]]
    )
    parts: dict[str, list[Line]] = Field(
        default={},
        description="For each control, the parts that concern this clause. The other parts are ignored.",
        examples=[{"a.b": ["mail"]}],
    )
    resources: list[Slug] = Field(default=[], description="Playbooks whose resources help to meet the clause.")
    evidence: list[Annotated[Evidence, Field(strict=False)]] = Field(
        default=[], description="The evidence that the clause is met, if no service shows it."
    )
    floor: list[FloorForm] = Field(
        default=[], description="The minimum that the clause requires, whatever the playbooks say."
    )
    uncovered: list[Line] = Field(default=[], description="Requirements that toolkit does not check yet.")

    @model_validator(mode="after")
    def _check_class(self) -> Self:
        unlisted = [
            name for name in (*(floor.control for floor in self.floor), *self.parts) if name not in self.controls
        ]
        if unlisted:
            raise ValueError(f"{quoted(unlisted[0])} is not under `controls`")
        if self.proposed and self.of_class is not ClauseClass.UNRATIFIED:
            raise ValueError("a clause with a class of its own is accepted. Delete `proposed`")
        if self.of_class is ClauseClass.UNRATIFIED and (
            self.controls or self.evidence or self.uncovered or self.resources
        ):
            raise ValueError(
                "an UNRATIFIED clause is not checked. Write its `class` to accept its controls and evidence"
            )
        if self.of_class is ClauseClass.PEOPLE and (self.controls or self.evidence or self.uncovered or self.resources):
            raise ValueError(
                "a clause of the class people cannot be checked. Delete its controls and evidence, or change `class`"
            )
        return self


class PolicyForm(FileForm):
    """A file of the policy, with one section of the school's document."""

    policy: Slug = Field(description="A short name, such as mail-etiquette.")
    section: Line = Field(description="The heading in the school's document.")
    owner: Line = Field(description="The role that is responsible for clauses without their own owner.")
    document: PolicyDocument | None = Field(
        default=None, description="The policy document. Describe it in only one of the school's files."
    )
    clauses: list[ClauseForm] = Field(default=[], description="The clauses of the section.")
