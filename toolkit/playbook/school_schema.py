"""The form of a school file: what may be written, and what each word means."""

import re
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from toolkit.playbook.calendar_schema import CalendarForm
from toolkit.playbook.field_types import Line, one_line
from toolkit.playbook.notices_schema import NoticesForm
from toolkit.playbook.windows_schema import FreezeForm, ScheduleForm, WindowForm
from toolkit.sdk.school import APPROVERS
from toolkit.yaml.messages import did_you_mean, shown

EMULATED = "emulated"
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+{_LABEL}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CUSTOMER = re.compile(r"C[0-9a-z]{5,}")


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text.lower()):
        raise ValueError(f"{shown(text)} is no domain; one looks like example-primary.example")
    return text.lower()


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{shown(text)} is no time zone{did_you_mean(text, available_timezones())}") from error
    return text


def _website(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s]+", text):
        raise ValueError("must be a whole address such as https://www.example-primary.example")
    return text


def _tenant_id(text: str) -> str:
    if text != EMULATED and not _GUID.fullmatch(text.lower()):
        raise ValueError(f"must be `{EMULATED}`, or the tenant's id such as 0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11")
    return text.lower()


def _customer_id(text: str) -> str:
    if text != EMULATED and not _CUSTOMER.fullmatch(text):
        raise ValueError(f"must be `{EMULATED}`, or the customer's id such as C03az79cb")
    return text


Domain = Annotated[str, AfterValidator(_domain)]


class _SchoolForm(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class TenantForm(_SchoolForm):
    """Which tenant of one provider is the school's: a domain, and the id by the vendor's name for it."""

    tenant_id: Annotated[str, AfterValidator(_tenant_id)] | None = Field(
        default=None, description="Microsoft 365: the tenant's id, or emulated."
    )
    customer_id: Annotated[str, AfterValidator(_customer_id)] | None = Field(
        default=None, description="Google Workspace: the customer's id, or emulated."
    )
    domain: Domain = Field(description="A domain that the tenant owns; compared before anything is written.")

    @model_validator(mode="after")
    def _one_id(self) -> "TenantForm":
        if (self.tenant_id is None) == (self.customer_id is None):
            raise ValueError("must have either `tenant_id` or `customer_id`")
        return self


class ProtectedForm(_SchoolForm):
    """What no plan may touch."""

    accounts: list[Line] = Field(default=[], description="Break-glass and synchronisation accounts.")
    mailboxes: list[Line] = Field(default=[], description="Mailboxes whose mail nothing may hold up.")
    apps: list[Line] = Field(default=[], description="Apps such as the filter's and monitoring's agents.")


class SchoolForm(_SchoolForm):
    """The school file."""

    school: Line = Field(description="The name of the school.")
    short_name: Annotated[str, Field(max_length=20), AfterValidator(one_line)] = Field(
        description="Typed to confirm a change, as in EPS."
    )
    domains: list[Domain] = Field(min_length=1, description="The school's domains; the first is its main one.")
    time_zone: Annotated[str, AfterValidator(_time_zone)] = Field(description="As in Europe/London.")
    phone: Line | None = Field(default=None, description="The school's telephone number, for texts.")
    website: Annotated[Line, AfterValidator(_website)] | None = Field(default=None, description="For texts.")
    tenants: dict[str, TenantForm] = Field(min_length=1, description="The school's tenants, by provider.")
    mode: Literal["enforce", "check"] = Field(
        default="check", description="enforce: write; check: only report; for whatever does not say its own."
    )
    roles: dict[str, dict[str, Line]] = Field(
        default={}, description="Roles: for each provider a group, or an organisational unit beginning with /."
    )
    protected: ProtectedForm = Field(default=ProtectedForm(), description="Who and what no plan may touch.")
    approvers: list[Line] = Field(
        default=[*APPROVERS],
        min_length=1,
        description="Who may approve exceptions and accept findings, as in Head Teacher: the `by` of these.",
    )
    calendar: CalendarForm | None = Field(
        default=None, description="Terms, holidays and who works when; without it nobody's absence can be judged."
    )
    windows: dict[str, WindowForm] = Field(
        default={}, description="When apply writes, each by a name of its own; at any time where there are none."
    )
    freezes: list[FreezeForm] = Field(default=[], description="Days on which apply writes nothing, as in exam weeks.")
    schedule: ScheduleForm | None = Field(
        default=None, description="When the jobs of `toolkit schedule` run; without it nobody misses a run."
    )
    notifications: NoticesForm | None = Field(
        default=None, description="Who is told of what is new, over or critical, by runs with --notify."
    )
