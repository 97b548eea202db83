"""Controls: a name, a title, clauses, typed settings, and questions to the school."""

import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache
from importlib import import_module
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator

from toolkit.records import dataclass
from toolkit.sdk import EVERYONE, Finding, Mode, Part, declare, did_you_mean_date, switch

QUESTIONS = {
    "administrators": "Who administers the tenants: staff, the local authority, an IT firm?",
    "alert_readers": "Who reads the alerts, and who reads them in the holidays?",
    "automatic_sign_in": "Which computers sign in without anyone there, such as screens, tills or kiosks?",
    "audit_bypasses": "Which accounts are left out of mailbox auditing, and for what?",
    "device_register": "Who keeps the register of devices, and how is a new or a lost one entered?",
    "direct_senders": "Which copiers, payroll and alarm systems send mail without signing in?",
    "dns_operator": "Who runs the school's DNS: the local authority, the grid or a web firm?",
    "encrypted_readers": "Can parents on phones, social care and the NHS open an encrypted message?",
    "exempt_mailboxes": "Which mailboxes are exempt: DSL, union, HR, grievance and protected ones?",
    "export_roles": "Which two roles ask for a search and release its export?",
    "lost_devices": "Who locks a lost device at night and at weekends, and which two roles decide on a wipe?",
    "known_apps": "Which apps does the school know: MIS sync, filter and classroom monitor among them?",
    "consent_reviewers": "Which two people with mailboxes review requests for apps?",
    "monitoring_readers": "Who reads monitoring alerts, also in the holidays, and does the DSL know of the test?",
    "mail_filter": "Does another product filter mail before it reaches the tenant, and who releases quarantined mail?",
    "newsletter_senders": "Who sends newsletters, how often and to how many people?",
    "outside_posters": "Who outside the school wrote to these lists in the last 90 days?",
    "outside_senders": "Who else sends mail as the school: MIS, payments or a parent app?",
    "outside_services": "Which outside services must pupils write to or hear from: Classroom, MIS or exam boards?",
    "parent_mail": "Which system sends most mail to parents: the tenant, the MIS or a parent app?",
    "partner_domains": "Who receives records: the local authority, payroll, the next school, SEN teams?",
    "protected_software": "What must virus protection not stop: the MIS client, Office macros or SEN software?",
    "protected_mailboxes": "Which mailboxes must no tool open or impersonate?",
    "public_links": "Which public links do parents and the website use?",
    "report_mailbox": "Which mailbox gets reported mail unfiltered (no one's own, and not the office's)?",
    "restricted_groups": "Who decides on each restricted group, and does the MIS or an app change its members?",
    "shared_accounts": "Which accounts do several people use: class log-ins, the supply pool, job shares, machines?",
    "urgent_lists": "Which lists carry urgent mail and must never be moderated?",
    "urgent_senders": "Who sends lockdown, fire and snow-closure mail?",
    "website_editors": "Who authorises editors of the website, and which company looks after it?",
    "who_signs_in": "Who signs in to school devices: trust staff, trainees, visitors, exam kiosks, accounts for exams?",
    "word_reviewer": "Which role outside IT reviews what is found?",
}


def _content(path: str, info: ValidationInfo) -> str:
    """Return the content of a text file, with the school's values filled in."""
    read_text = (info.context or {}).get("read_text")
    if read_text is None:
        return path
    return str(read_text(path))


TextFile = Annotated[str, AfterValidator(_content)]
"""A text file in the folder of the playbook. After validation, its content."""


def _rows(text: str, info: ValidationInfo) -> str:
    """End the last line, so that a file with one line is not mistaken for its path."""
    is_read = (info.context or {}).get("read_text") is not None
    return f"{text}\n" if is_read and not text.endswith("\n") else text


CsvFile = Annotated[TextFile, AfterValidator(_rows)]
"""A CSV file in the folder of the playbook. After validation, its content, which ends with a new line."""


def read_day(written: object) -> object:
    """Return the date of a text. Other values are returned as they are, for the type's own error."""
    if not (isinstance(written, str) and _DAY.fullmatch(written)):
        return written
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"the calendar has no {written}{did_you_mean_date(written)}") from error


_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Precaution(BaseModel):
    """An event that must have happened before a setting stops anything. A future date is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True, defer_build=True)

    @property
    def happened_on(self) -> date:
        raise NotImplementedError


class Reviewed(Precaution):
    """A review of the effects of a setting, with a role and a date."""

    by: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^@]+$")] = Field(
        description="A role of the school, never a name or address."
    )
    on: Annotated[date, BeforeValidator(read_day)] = Field(description="The date on which they looked.")

    @property
    def happened_on(self) -> date:
        return self.on


class PilotSettings(BaseModel):
    """The role with which a control begins, and the day from which everybody has it."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)

    audience: str = Field(alias="for", description="The role of the school file that has it first.")
    until: Annotated[date, BeforeValidator(read_day)] = Field(
        description="The day on which, by the school's clock, it begins for all whom the control is for."
    )


class Asked(BaseModel):
    """The answers to a control's questions, with the role that answered and the date."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    by: Annotated[str, Field(min_length=1)] = Field(description="The role that answered. No name is needed.")
    on: Annotated[date, BeforeValidator(read_day)] = Field(description="The date of the answers.")
    answers: dict[str, Annotated[str, Field(min_length=1)]] = Field(
        description="The answer to each question of the control, by the question's name."
    )


class ControlSettings(BaseModel):
    """The settings that every control has. A subclass adds a control's own settings."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True, defer_build=True)

    needs_signals: ClassVar[bool] = False
    """Whether the control depends on signals of people (sdk/signals), which are read after the directory."""

    audience: str | None = declare("A role of the school file, or everyone.", "staff", alias="for")
    mode: Annotated[Mode | None, Field(strict=False)] = declare(
        "enforce (compare and write), check (compare and report) or off. If left out: the file's.", "check"
    )
    require: Literal["enforced"] | None = declare("Refuse a playbook that a provider cannot enforce.")
    adopt: str | dict[str, str] | None = declare(
        "The name of an existing object to make ours. If there are several: each by our name.",
        "Disclaimer (DO NOT DELETE)",
    )
    beside: bool = switch("Create ours although another object does the same job.")
    leave: bool = switch(
        "Leave the other object and do not create ours. If ours exists, leave changes that others keep making."
    )
    ours: bool = switch("Continue to repair settings that another admin keeps changing back.")
    rests_on: list[str] = declare(
        "Decisions for which the whole control waits. A setting refers to a decision as {decision: C15}.",
        ["C1"],
        default=[],
    )
    pilot: PilotSettings | None = declare(
        "`for`: the first role. `until`: the day from which everybody has it. Parts without groups wait.",
        {"for": "trial_devices", "until": "2027-01-11"},
    )
    asked: Asked | None = declare(
        "The answers to the control's questions, without which it does not enforce on a live tenant.",
        {"by": "Head Teacher", "on": "2026-11-20", "answers": {"newsletter_senders": "The office, on Fridays"}},
    )
    withdraw: bool = switch("With mode: off, remove the control's objects and settings from the tenants.")

    @property
    def counted_roles(self) -> Mapping[str, str]:
        """Return the roles of the school file that a check counts separately, by the setting that names them."""
        return {}

    @model_validator(mode="after")
    def _only_what_is_off_is_withdrawn(self) -> Self:
        if self.withdraw and self.mode is not Mode.OFF:
            raise ValueError("withdraw: true needs mode: off")
        return self


class TenantWideSettings(ControlSettings):
    """Settings of a control that is for everyone."""

    for_everyone: ClassVar[str] = "the clouds have this setting once for everybody"

    @model_validator(mode="after")
    def _is_for_everyone(self) -> Self:
        if self.audience not in {None, EVERYONE}:
            raise ValueError(f"{self.for_everyone}: leave `for` out, or write `for: everyone`")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A rule in the school's words, from `CONTROLS` of toolkit/controls/<area>."""

    name: str
    title: str
    clauses: tuple[str, ...]  # the clauses of the sample policy that it can serve
    settings: type[ControlSettings]
    reaches_people: bool = True  # then a playbook must have `for`
    by_people: tuple[Part, ...] = ()  # the parts that people confirm, because clouds do not have them
    shares: str = ""  # data that an exception lets third parties have, which needs an impact assessment (SYS-06)
    of_role: str = ""  # the role of the control, if `for: everyone` would reach people who must not have it
    confidential: bool = False  # no report shows the values of its objects, such as the words in a list
    by_people_alone: bool = False  # clouds do not have any of its parts
    goes_on_without: tuple[str, ...] = ()  # settings that accept `undecided`, so that only their parts wait
    asks: tuple[str, ...] = ()  # names of QUESTIONS, which must be answered before it enforces on a live tenant
    in_records: Callable[[Any, date], Iterable[Finding]] | None = None
    """Return findings from the school's own files for the checked parts of `by_people`, by the settings and today."""


@cache
def controls() -> Mapping[str, Control]:
    """Return every control by name."""
    package = import_module(__package__ or "toolkit.controls")
    modules = [import_module(f"{package.__name__}.{module.name}") for module in pkgutil.iter_modules(package.__path__)]
    controls_found = [control for module in modules for control in getattr(module, "CONTROLS", ())]
    return {control.name: control for control in sorted(controls_found, key=lambda control: control.name)}
