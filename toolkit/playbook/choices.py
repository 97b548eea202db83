"""The choices that the policy leaves to the school, with the permitted values of each choice.

The ids of the choices come from the list that accompanies the policy. Every value may also be `undecided`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from toolkit.controls.data import Period
from toolkit.playbook.playbook_schema import Day, FileForm, Line, check_review_date
from toolkit.records import dataclass

UNDECIDED = "undecided"
Role = Annotated[Line, Field(description="A role, such as Head Teacher. No name is needed.")]


class Streaming(FileForm):
    """Which streaming services are allowed, so that lessons and video meetings have enough bandwidth."""

    streaming: Literal["block", "allowlist", "staff_only"] = Field(description="Which streaming services are allowed.")
    sites: list[Line] = Field(default=[], description="With allowlist: the permitted sites.")

    @model_validator(mode="after")
    def _check_sites(self) -> Self:
        if (self.streaming == "allowlist") != bool(self.sites):
            raise ValueError("write both `streaming: allowlist` and `sites`, or neither")
        return self


class PrivateSites(FileForm):
    """Whether people may use social sites and private webmail."""

    social: Literal["block", "named_editors"] = Field(description="Who may open social sites at school.")
    webmail: Literal["block", "allow"] = Field(description="Whether private webmail may be opened at school.")


class Passwords(FileForm):
    """How long passwords must be, and which characters they need."""

    min_length: Annotated[int, Field(ge=8)] = Field(
        description="The number of characters. The policy requires at least eight."
    )
    composition: Literal["policy_literal", "strength_equivalent"] = Field(
        description="Whether passwords need the letters, numbers and special characters of the policy, or must only "
        "be as strong."
    )
    mfa_required: bool = Field(description="Whether staff sign in with a second factor.")


class Misdelivered(FileForm):
    """The treatment of mail that reached the wrong person."""

    misdelivered: Literal["notify_without_content", "return"] = Field(
        description="The way in which the sender is notified."
    )
    keep_until: Literal["head_informed"] = Field(description="The event or date until which the mail is kept.")


class Periods(FileForm):
    """How long the school keeps mail, files and chats."""

    mail: Period = Field(description="For example 7 years.")
    files: Period = Field(description="For example 7 years.")
    chat: Period = Field(description="For example 1 year.")
    schedule_ref: Line = Field(description="The place in the school's retention schedule.")


class Approvers(FileForm):
    """The roles that approve each type of request."""

    software: Annotated[list[Role], Field(min_length=1)]
    device: Annotated[list[Role], Field(min_length=1)]
    data_sharing: Annotated[list[Role], Field(min_length=1)]
    password: Annotated[list[Role], Field(min_length=1)]
    shared_drive: Annotated[list[Role], Field(min_length=1)]
    conflicted_head: Role = Field(description="The role that decides if the request concerns the head teacher.")


class Availability(FileForm):
    """When a person counts as away."""

    after_working_days: Annotated[int, Field(ge=0)] = Field(
        description="Working days of absence after which an automatic reply is needed."
    )
    non_working_days: Literal["ignored", "counted"] = Field(description="Whether non-working days count.")


class Screens(FileForm):
    """When a screen that no one uses locks, and when its user is signed out."""

    lock_minutes: Annotated[int, Field(ge=1)] = Field(description="Minutes without use after which the screen locks.")
    signout_minutes: Annotated[int, Field(ge=1)] = Field(
        description="Minutes without use after which the user is signed out."
    )
    lock_counts_as_logoff: bool = Field(description="Whether locking the screen counts as logging off.")


class DisclaimerChoice(FileForm):
    """Which mail gets the disclaimer, and the text of the disclaimer."""

    scope: Literal["all", "outgoing"] = Field(description="Every e-mail, or only e-mail to other organisations.")
    text_file: Line | None = Field(default=None, description="The file with the disclaimer's text.")
    version: Annotated[int, Field(ge=1)] | None = Field(
        default=None, description="The version of the disclaimer's text."
    )


class Confirmed(FileForm):
    """The role that confirmed that the law cited in the policy is in effect."""

    confirmed_by: Role
    confirmed_on: Day = Field(description="The day of the confirmation.")


class DocumentChoice(FileForm):
    """The facts that the policy's document control page leaves blank, such as its version."""

    version: Line = Field(description="The version of the policy.")
    ratified_on: Day = Field(description="The day on which the governors ratified the policy.")
    review_due: Annotated[Day, check_review_date("ratified_on")] = Field(
        description="The day by which the policy must be reviewed."
    )
    signed_by_role: Role | None = Field(
        default=None, description="The role of the person who signed the policy. Empty if no one has signed it."
    )
    file_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = Field(
        default=None, description="The checksum of the signed file."
    )


def _check_program_extensions(extensions: list[str]) -> list[str]:
    if missing := [extension for extension in ("exe", "cmd", "vbe") if extension not in extensions]:
        raise ValueError(f"must contain {', '.join(missing)}, because these files run programs")
    return extensions


Extensions = Annotated[list[Line], AfterValidator(_check_program_extensions)]
_CHAT = Annotated[list[Literal["teams", "google_chat"]], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice that the policy leaves open: its question, its permitted values, and the clauses that depend on it."""

    question: str
    value: Any  # the type of the value
    clauses: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the names of the values that the choice decides, or an empty tuple if the choice decides a single
        value.
        """
        fixed = isinstance(self.value, type) and issubclass(self.value, BaseModel)
        return tuple(self.value.model_fields) if fixed else ()


CHOICES: Mapping[str, Choice] = {
    "C1": Choice(
        "Whether staff may use school e-mail privately",
        Literal["prohibited", "serious_only", "incidental_labelled"],
        ("EML-02", "EML-03", "GEN-14", "PER-01", "PER-04", "MIS-01"),
    ),
    "C2": Choice("When personal use becomes an offence", Literal["any", "excessive"], ("PER-10",)),
    "C3": Choice("Whether access to WhatsApp is allowed", Literal["block", "allow_groups", "allow"]),
    "C4": Choice("Which chat services the school itself uses", _CHAT, ("SYS-10", "MIS-10")),
    "C5": Choice("Which streaming services are allowed", Streaming, ("SYS-09",)),
    "C6": Choice(
        "Whether access to social sites and private webmail is allowed", PrivateSites, ("SYS-12", "SYS-13", "PER-01")
    ),
    "C7": Choice("The length and required characters of passwords", Passwords, ("SEC-03",)),
    "C8": Choice(
        "How staff work on behalf of a colleague",
        Literal["delegated_only", "disclosure_with_approval"],
        ("SEC-02", "SEC-04", "GEN-11"),
    ),
    "C9": Choice("How offensive mail is treated", Literal["report_then_quarantine", "delete"], ("EML-24", "GEN-15")),
    "C10": Choice("How misdelivered mail is treated", Misdelivered, ("GEN-17", "GEN-18", "GEN-19")),
    "C11": Choice("How e-mail is filed", Literal["retention_label", "paper"], ("EML-12", "EML-16")),
    "C12": Choice("How long mail, files and chats are kept", Periods, ("EML-14", "EML-15", "EML-16")),
    "C13": Choice("Who approves what", Approvers, ("SEC-04", "SYS-02", "SYS-06", "SYS-14", "NET-08")),
    "C14": Choice(
        "Whether people's own devices may reach the school's data",
        Literal["none", "approved_list", "app_protection_only"],
        ("SYS-14", "INT-09", "EML-20"),
    ),
    "C15": Choice("How long a person must be absent to count as away", Availability, ("EML-19", "EML-21")),
    "C16": Choice("When idle screens lock", Screens, ("SEC-08",)),
    "C17": Choice("Which attachments are blocked", Extensions, ("SYS-17",)),
    "C18": Choice("Which e-mail gets the disclaimer", DisclaimerChoice, ("EML-18",)),
    "C19": Choice("How confidential matters are sent", Literal["encrypt", "block", "secure_link"], ("GEN-12",)),
    "C20": Choice(
        "Whether the school reads mail that is labelled personal", Literal["metadata_only", "full"], ("PER-09",)
    ),
    "C21": Choice("Who confirmed that the law cited in the policy is in effect", Confirmed, ("INT-05",)),
    "C22": Choice("The facts on the policy's document control page", DocumentChoice, ("GOV-02", "GOV-03", "GOV-05")),
}
