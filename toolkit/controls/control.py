"""The `Control` class, the settings that all controls share, and the questions that a school must answer."""

import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from toolkit.part_modules import declared_controls
from toolkit.records import dataclass
from toolkit.sdk import EVERYONE, Finding, Mode, Part, declare, did_you_mean_date, switch

QUESTIONS = {
    "administrators": "Who administers the tenants: staff, the local authority, an IT firm?",
    "alert_readers": "Who reads the alerts, and who reads them in the holidays?",
    "automatic_sign_in": "Which computers sign in unattended, such as screens, tills or kiosks?",
    "audit_bypasses": "Which accounts are excluded from mailbox auditing, and why?",
    "device_register": "Who keeps the register of devices, and how are new and lost devices recorded?",
    "direct_senders": "Which copiers, payroll and alarm systems send mail without signing in?",
    "dns_operator": "Who runs the school's DNS: the local authority, the grid or a web firm?",
    "encrypted_readers": "Can parents on phones, social care and the NHS open an encrypted message?",
    "exempt_mailboxes": "Which mailboxes are exempt: DSL, union, HR, grievance and protected ones?",
    "export_roles": "Which two roles ask for a search and release its export?",
    "lost_devices": "Who locks a lost device at night and at weekends, and which two roles decide on a wipe?",
    "known_apps": "Which apps has the school approved, including MIS sync, web filter and classroom monitor?",
    "consent_reviewers": "Which two people with mailboxes review requests for apps?",
    "monitoring_readers": "Who reads monitoring alerts, in the holidays too, and does the DSL know about the test?",
    "mail_filter": "Does another product filter mail before it reaches the tenant, and who releases quarantined mail?",
    "newsletter_senders": "Who sends newsletters, how often and to how many people?",
    "outside_posters": "Who outside the school wrote to the large mailing lists in the last 90 days?",
    "outside_senders": "Who else sends mail as the school: MIS, payments or a parent app?",
    "outside_services": "Which outside services must pupils exchange e-mail with: Classroom, MIS or exam boards?",
    "parent_mail": "Which system sends most mail to parents: the tenant, the MIS or a parent app?",
    "partner_domains": "Who receives records: the local authority, payroll, the next school, SEN teams?",
    "protected_software": (
        "Which software must virus protection never stop: the MIS client, Office macros or SEN software?"
    ),
    "protected_mailboxes": "Which mailboxes must never be opened or impersonated by any tool?",
    "public_links": "Which public links do parents and the website use?",
    "report_mailbox": "Which shared mailbox (not a person's or the office's) gets reported mail unfiltered?",
    "restricted_groups": "Who decides on each restricted group, and does the MIS or an app change its members?",
    "shared_accounts": "Which accounts are shared: class log-ins, the supply pool, job shares, machines?",
    "urgent_lists": "Which lists carry urgent mail and must never be moderated?",
    "urgent_senders": "Who sends lockdown, fire and snow-closure mail?",
    "website_editors": "Who authorises website editors, and which company runs the website?",
    "who_signs_in": "Who may sign in to school devices: trust staff, trainees, visitors, exam kiosks, exam accounts?",
    "word_reviewer": "Which role outside IT reviews the results?",
}


def _read_text_file(path: str, info: ValidationInfo) -> str:
    """Return the content of a text file next to the playbook, with the school's values filled in."""
    read_text = (info.context or {}).get("read_text")
    if read_text is None:
        return path
    return str(read_text(path))


TextFile = Annotated[str, AfterValidator(_read_text_file)]
"""The path of a text file in the playbook's folder. Validation replaces it with the file's content."""


def _end_last_line(text: str, info: ValidationInfo) -> str:
    """Return the text with a line break at its end. A single line without a line break would be taken for a path."""
    is_read = (info.context or {}).get("read_text") is not None
    return f"{text}\n" if is_read and not text.endswith("\n") else text


CsvFile = Annotated[TextFile, AfterValidator(_end_last_line)]
"""The path of a CSV file in the playbook's folder. Validation replaces it with the content, ending in a newline."""


def read_day(written: object) -> object:
    """Parse a date. Return any other value unchanged, so that the field's type reports the error."""
    if not (isinstance(written, str) and _DAY.fullmatch(written)):
        return written
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"the calendar has no {written}{did_you_mean_date(written)}") from error


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Precaution(BaseModel):
    """A precondition of a setting that blocks, such as a review. Its date must not be in the future."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True, defer_build=True)

    @property
    def happened_on(self) -> date:
        raise NotImplementedError


class Reviewed(Precaution):
    """A review of the effects of a setting, with the reviewer's role and the date."""

    by: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^@]+$")] = Field(
        description="The reviewer's role at the school, never a name or address."
    )
    on: Annotated[date, BeforeValidator(read_day)] = Field(description="The date of the review.")

    @property
    def happened_on(self) -> date:
        return self.on


class PilotSettings(BaseModel):
    """A pilot: the role that gets a control first, and the date from which everyone else gets the control."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    audience: str = Field(alias="for", description="The role of the school file that gets the control first.")
    until: Annotated[date, BeforeValidator(read_day)] = Field(
        description="The date, by the school's clock, on which the control starts for its whole audience."
    )


class Asked(BaseModel):
    """The answers to a control's questions, with the role that answered and the date."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    by: Annotated[str, Field(min_length=1)] = Field(
        description="The role of the person who answered. No name is needed."
    )
    on: Annotated[date, BeforeValidator(read_day)] = Field(description="The date of the answers.")
    answers: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        description="The answer to each question of the control, by the question's name."
    )


class ControlSettings(BaseModel):
    """The settings that all controls have in common. Subclasses add a control's own settings."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True, defer_build=True)

    needs_signals: ClassVar[bool] = False
    """Whether the control needs signals about people (sdk/signals), which are read after the directory."""

    is_tenant_wide: ClassVar[bool] = False
    """Whether its values are for the whole tenant and not for the audience. In a trust, no school has its own."""

    audience: str | None = declare("A role of the school file, or everyone.", "staff", alias="for")
    mode: Annotated[Mode | None, Field(strict=False)] = declare(
        "enforce (compare and write), check (compare and report) or off. Default: the mode of the file.", "check"
    )
    require: Literal["enforced"] | None = declare("Refuse a playbook that a provider cannot enforce.")
    adopt: str | dict[str, str] | None = declare(
        "The name of an existing object that this control takes over. For several objects, write the "
        "existing name after each name in the playbook.",
        "Disclaimer (DO NOT DELETE)",
    )
    beside: bool = switch("Create the control's object even if another object already does the same job.")
    leave: bool = switch(
        "Leave the existing object in place instead of creating the control's own object. If the "
        "control's object already exists, leave changes that another admin keeps making to it."
    )
    ours: bool = switch("Repair settings again and again, even if another admin keeps changing them back.")
    rests_on: list[str] = declare(
        "Decisions that must be made before the control applies. A setting refers to a decision as {decision: C15}.",
        ["C1"],
        default=[],
    )
    pilot: PilotSettings | None = declare(
        "`for`: the role that gets the control first. `until`: the date from which everyone gets it. Parts of the "
        "control that cannot be limited to a group wait until that date.",
        {"for": "trial_devices", "until": "2027-01-11"},
    )
    asked: Asked | None = declare(
        "The answers to the control's questions. Without answers, the control is not enforced on a live tenant.",
        {"by": "Head Teacher", "on": "2026-11-20", "answers": {"newsletter_senders": "The office, on Fridays"}},
    )
    withdraw: bool = switch("With `mode: off`, remove the control's objects and settings from the tenants.")

    @property
    def counted_roles(self) -> Mapping[str, str]:
        """Return the roles that a check counts separately. The keys are the settings that name the roles."""
        return {}

    @model_validator(mode="after")
    def _check_withdraw(self) -> Self:
        if self.withdraw and self.mode is not Mode.OFF:
            raise ValueError("`withdraw: true` needs `mode: off`")
        return self


class Stricter(StrEnum):
    """The order of a setting: which of two values is stricter. Written in the setting's Annotated type."""

    LOWER = "a lower number"
    HIGHER = "a higher number"
    MORE = "a longer list with the same entries"
    FEWER = "a shorter list of the same entries"
    ON = "true"

    def is_stricter(self, value: object, other: object) -> bool:
        """Return whether a value is stricter than another value. Values that cannot be compared are not."""
        match value, other:
            case bool(), bool():
                return self is Stricter.ON and value and not other
            case int(), int() if self in {Stricter.LOWER, Stricter.HIGHER}:
                return value < other if self is Stricter.LOWER else value > other
            case (list() | tuple(), list() | tuple()) if self in {Stricter.MORE, Stricter.FEWER}:
                first, second = set(map(str, value)), set(map(str, other))
                return first > second if self is Stricter.MORE else first < second
            case _:
                return False


class TenantWideSettings(ControlSettings):
    """Settings of a control that applies to the whole tenant."""

    is_tenant_wide = True
    for_everyone: ClassVar[str] = "the clouds have only one setting of this type, for the whole tenant"

    @model_validator(mode="after")
    def _check_audience(self) -> Self:
        if self.audience not in {None, EVERYONE}:
            raise ValueError(f"{self.for_everyone}. Delete `for`, or write `for: everyone`")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A rule that a school can choose, in plain words. It is defined in `CONTROLS` of toolkit/controls/<area>."""

    name: str
    title: str
    clauses: tuple[str, ...]  # the clauses of the sample policy that it helps to meet
    settings: type[ControlSettings]
    reaches_people: bool = True  # if true, a playbook must set `for`
    by_people: tuple[Part, ...] = ()  # manual parts, which a person confirms because no cloud has them
    shares: str = ""  # data that an exception gives to third parties, which needs an impact assessment (SYS-06)
    of_role: str = ""  # the default role, if `for: everyone` would reach people who must not have the control
    confidential: bool = False  # reports never show the values of its objects, such as a list of words
    by_people_alone: bool = False  # all of its parts are manual
    goes_on_without: tuple[str, ...] = ()  # settings that may be `undecided`, so that only their own parts wait
    asks: tuple[str, ...] = ()  # keys of QUESTIONS that must be answered before it is enforced on a live tenant
    in_records: Callable[[Any, date], Iterable[Finding]] | None = None
    """A function of the settings and today's date that returns findings from the school's own files for `by_people`."""


@cache
def controls() -> Mapping[str, Control]:
    """Return every control by name. The controls of a broken module are left out."""
    package = import_module(__package__ or "toolkit.controls")
    names = [f"{package.__name__}.{module.name}" for module in pkgutil.iter_modules(package.__path__)]
    declared = [control for name in names for control in declared_controls(name, Control)]
    return {control.name: control for control in sorted(declared, key=lambda control: control.name)}
