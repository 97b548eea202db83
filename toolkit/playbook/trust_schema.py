"""The form of trust.yaml, the file of a trust that runs several schools."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from toolkit.messages import shown
from toolkit.playbook.calendar import CalendarForm
from toolkit.playbook.file_format import FORMAT
from toolkit.playbook.files import TRUST_FILE
from toolkit.playbook.playbook_schema import FileForm, Line, RoleOrPerson
from toolkit.playbook.school import Domain, ProtectedForm
from toolkit.playbook.school_fields import check_customer_id, check_tenant_id, check_time_zone, check_website
from toolkit.playbook.school_id import check_school_id

TRUST = "trust"
DEFAULT_SETTLE = 2  # school days
_SHORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")
_TENANT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def _check_short_name(text: str) -> str:
    if not _SHORT_NAME.fullmatch(text) or text.lower() == "all":
        raise ValueError(f"{shown(text)} is not a school's short name, such as OAK: at most 20 letters and digits")
    return text


def _check_tenant_name(text: str) -> str:
    if not _TENANT_NAME.fullmatch(text):
        raise ValueError(f"{shown(text)} is not a name for a tenant, such as main")
    return text


def _check_unit(text: str) -> str:
    if not text.startswith("/") or text != text.rstrip("/"):
        raise ValueError(f"{shown(text)} is not an organisational unit below the top, such as /Oak")
    return text


def _check_below(text: str) -> str:
    if text.startswith("/") or ".." in text.split("/"):
        raise ValueError(f"{shown(text)} must be a path below the folder of {TRUST_FILE}")
    return text


ShortName = Annotated[str, AfterValidator(_check_short_name)]
TenantName = Annotated[str, AfterValidator(_check_tenant_name)]
PathBelow = Annotated[Line, AfterValidator(_check_below)]
Unit = Annotated[Line, AfterValidator(_check_unit)]


class MicrosoftTenantForm(FileForm):
    """A Microsoft 365 tenant."""

    tenant_id: Annotated[str, AfterValidator(check_tenant_id)] = Field(description="The tenant's id, or emulated.")
    domain: Domain = Field(description="A domain that the tenant owns. It is compared before anything is written.")


class GoogleCustomerForm(FileForm):
    """A Google Workspace customer."""

    customer_id: Annotated[str, AfterValidator(check_customer_id)] = Field(
        description="The customer's id, or emulated."
    )
    domain: Domain = Field(description="A domain that the customer owns. It is compared before anything is written.")


class TrustTenantForm(FileForm):
    """An entry of `tenants`: one ledger, one lock and one set of credentials, on one cloud or both."""

    microsoft365: MicrosoftTenantForm | None = Field(default=None, description="The Microsoft 365 tenant.")
    google_workspace: GoogleCustomerForm | None = Field(default=None, description="The Google Workspace customer.")
    env: PathBelow | None = Field(
        default=None, description="A file with the tenant's TOOLKIT_ settings that only its owner can read."
    )
    env_command: list[Line] | None = Field(
        default=None,
        min_length=1,
        description="Instead of `env`: a command and its arguments. It prints the tenant's TOOLKIT_ settings.",
        examples=[["pass", "show", "toolkit/main"]],
    )

    @model_validator(mode="after")
    def _check_complete(self) -> "TrustTenantForm":
        if self.microsoft365 is None and self.google_workspace is None:
            raise ValueError("must have `microsoft365` or `google_workspace`, or both")
        if self.env is not None and self.env_command is not None:
            raise ValueError("write only one of `env` and `env_command`")
        return self


class SchoolGroupsForm(FileForm):
    """The groups of a school in a Microsoft 365 tenant."""

    tenant: TenantName | None = Field(
        default=None, description="The name in `tenants`. Default: the only tenant on this cloud."
    )
    everyone: Line | None = Field(
        default=None, description="The group of everyone in the school. Required in a tenant with other schools."
    )
    staff: Line | None = Field(default=None, description="The group of the school's staff.")
    pupils: Line | None = Field(default=None, description="The group of the school's pupils.")
    devices: Line | None = Field(default=None, description="The group of the school's devices.")
    roles: dict[str, Line] = Field(default={}, description="The groups of other roles, by role.")


class SchoolUnitsForm(FileForm):
    """The unit of a school in a Google Workspace customer, and the units or groups of its roles."""

    tenant: TenantName | None = Field(
        default=None, description="The name in `tenants`. Default: the only tenant on this cloud."
    )
    unit: Unit | None = Field(
        default=None, description="The unit of everyone in the school. Required in a customer with other schools."
    )
    staff: Line | None = Field(default=None, description="Default: the unit's child Staff.")
    pupils: Line | None = Field(default=None, description="Default: the unit's child Pupils.")
    devices: Line | None = Field(default=None, description="Default: the unit's child Devices.")
    roles: dict[str, Line] = Field(default={}, description="The units or groups of other roles, by role.")


class TrustSchoolForm(FileForm):
    """A school of the trust, with its part of a tenant or of several tenants."""

    name: Line = Field(description="The name of the school.")
    central: bool = Field(default=False, description="true: the trust's central team, which is not a school.")
    domains: list[Domain] = Field(default=[], description="The school's domains, with its main domain first.")
    microsoft365: SchoolGroupsForm | None = Field(default=None, description="Its groups. None: not on that cloud.")
    google_workspace: SchoolUnitsForm | None = Field(default=None, description="Its unit. None: not on that cloud.")
    folder: PathBelow | None = Field(
        default=None, description="The folder with the school's own values. Most schools need none."
    )
    owner: RoleOrPerson | None = Field(default=None, description="Who is responsible for the school.")
    phone: Line | None = Field(default=None, description="The school's telephone number, for texts.")
    website: Annotated[Line, AfterValidator(check_website)] | None = Field(default=None, description="For texts.")


class DecidesForm(FileForm):
    """The scheme of delegation. A control that is not listed is decided by the trust."""

    school: list[Line] = Field(default=[], description="Controls that each school decides.")
    school_may_tighten: list[Line] = Field(
        default=[], description="Controls whose ordered settings a school may make stricter."
    )


class PeopleForm(FileForm):
    """The home of people who work in two schools: a value of the directory, and the school for each value."""

    home_from: Literal["department", "companyName", "officeLocation"] = Field(
        description="The property of the directory that names the person's home."
    )
    homes: dict[str, Line] = Field(min_length=1, description="The school for each value of the property.")


class TrustForm(FileForm):
    """The form of trust.yaml."""

    trust: Line = Field(description="The name of the trust.")
    format: Annotated[int, Field(ge=1, le=FORMAT)] = Field(
        default=1, description="The format version of the trust's files. Default: 1."
    )
    short_name: ShortName | None = Field(
        default=None,
        description="The initials that an admin types to confirm a change. Default: from the trust's name.",
    )
    id: Annotated[str, AfterValidator(check_school_id)] | None = Field(
        default=None,
        description="Distinguishes the trust's objects from objects of others in the same tenant. It never changes.",
        examples=["k4v7m2qd"],
    )
    tenants: dict[TenantName, TrustTenantForm] = Field(min_length=1, description="The trust's tenants, by name.")
    base: PathBelow = Field(description="The folder of the trust's playbooks, policy and texts.")
    mode: Literal["enforce", "check"] = Field(
        default="check", description="enforce (write) or check (only report), unless an entry has its own mode."
    )
    time_zone: Annotated[str, AfterValidator(check_time_zone)] = Field(
        default="Europe/London", description="The schools' time zone. Default: Europe/London."
    )
    calendar: CalendarForm | None = Field(default=None, description="Terms, holidays and working days of all schools.")
    protected: ProtectedForm = Field(
        default=ProtectedForm(), description="The trust's break-glass accounts. A school may add to them."
    )
    decides: DecidesForm = Field(
        default=DecidesForm(), description="The scheme of delegation. The trust decides a control that is not listed."
    )
    schools: dict[ShortName, TrustSchoolForm] = Field(min_length=1, description="The schools, by short name.")
    people: PeopleForm | PathBelow | None = Field(
        default=None,
        description="The homes of people who work in two schools: from the directory, or a CSV file with the columns "
        "address and school.",
        examples=["home.csv"],
    )
    waves: list[Annotated[list[Line], Field(min_length=1)]] | None = Field(
        default=None, min_length=1, description="The schools that get a change first, second and so on."
    )
    settle: Annotated[int, Field(ge=0, le=20)] = Field(
        default=DEFAULT_SETTLE, description="The school days between two waves. Default: 2."
    )
