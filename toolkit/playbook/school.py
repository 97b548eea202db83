"""The form of the school file, and its conversion to a school."""

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationError, model_validator

from toolkit.errors import Problem
from toolkit.messages import did_you_mean, quoted
from toolkit.playbook.calendar import CalendarForm, calendar_problems, to_calendar
from toolkit.playbook.error_messages import SettingsPlace, problems_of
from toolkit.playbook.file_format import FORMAT
from toolkit.playbook.notices import NoticesForm, ReportsForm, notice_problems, report_recipients, to_notices
from toolkit.playbook.playbook_schema import FileForm, Line, RoleOrPerson, check_one_line
from toolkit.playbook.school_domains import foreign_domains
from toolkit.playbook.school_fields import (
    check_customer_id,
    check_domain,
    check_tenant_id,
    check_time_zone,
    check_website,
)
from toolkit.playbook.school_id import SAMPLE_ID, check_school_id, is_borrowed
from toolkit.playbook.signers import ReviewsForm, SignerForm, signer_problems, to_review_settings, to_signers
from toolkit.playbook.vocabulary import Vocabulary
from toolkit.playbook.windows import FreezeForm, ScheduleForm, WindowForm, to_schedule, to_windows, window_problems
from toolkit.school.school import APPROVERS, OFFICES, DnsKeeper, KnownApp, ProtectedList, Role, School, Tenant
from toolkit.school.signers import ChangeClass
from toolkit.sdk.directory import EVERYONE
from toolkit.sdk.resource import Mode
from toolkit.yaml.node import Source, Step, line_of, plain_table

Domain = Annotated[str, AfterValidator(check_domain)]


class TenantForm(FileForm):
    """The school's tenant on a cloud, with its domain and its `tenant_id` (Microsoft 365) or `customer_id` (Google)."""

    tenant_id: Annotated[str, AfterValidator(check_tenant_id)] | None = Field(
        default=None, description="Microsoft 365: the tenant's id, or emulated."
    )
    customer_id: Annotated[str, AfterValidator(check_customer_id)] | None = Field(
        default=None, description="Google Workspace: the customer's id, or emulated."
    )
    domain: Domain = Field(description="A domain that the tenant owns. It is compared before anything is written.")

    @model_validator(mode="after")
    def _check_one_id(self) -> "TenantForm":
        if (self.tenant_id is None) == (self.customer_id is None):
            raise ValueError("must have either `tenant_id` or `customer_id`")
        return self


class KnownAppForm(FileForm):
    """A supplier's app to which the school gave access to its accounts."""

    app: Line = Field(description="The app's name as the tenant shows it, or the app's id.", examples=["Web filter"])
    purpose: Line = Field(
        alias="for", description="The purpose for which the school uses the app.", examples=["filtering"]
    )
    supplier: Line = Field(description="Who supplies it.", examples=["Filter supplier"])
    dpia: Line = Field(
        description="The place of the app's impact assessment, or the reason why no assessment is needed.",
        examples=["DPIA-2026-02"],
    )
    owner: Line = Field(description="The role that is responsible for the app.", examples=["School Business Manager"])
    essential: Literal["mis", "filter", "monitor"] | None = Field(
        default=None, description="MIS sync, filter or classroom monitor, which the school cannot do without."
    )


class ProtectedForm(FileForm):
    """The `protected` section of the school file."""

    accounts: list[Line] = Field(default=[], description="Break-glass and synchronisation accounts.")
    mailboxes: list[Line] = Field(default=[], description="Mailboxes whose mail must never be delayed.")
    apps: list[Line] = Field(default=[], description="Apps such as the filter's and monitoring's agents.")
    exclude_group: Line | None = Field(
        default=None,
        description="A group with exactly these accounts. Intune assignments of controls exclude this group.",
    )


class DnsForm(FileForm):
    """The organisation that publishes records in the DNS of the school's domains."""

    run_by: Line = Field(description="The school, the trust, the local authority, a grid or a web firm.")
    contact: Line | None = Field(default=None, description="Their e-mail address.")


class SchoolForm(FileForm):
    """The form of the school file."""

    school: Line = Field(description="The name of the school.")
    format: Annotated[int, Field(ge=1, le=FORMAT)] = Field(
        default=1, description="The format version of the school's files. Default: 1."
    )
    short_name: Annotated[str, Field(max_length=20), AfterValidator(check_one_line)] = Field(
        description="The initials that an admin types to confirm a change, such as EPS."
    )
    id: Annotated[str, AfterValidator(check_school_id)] | None = Field(
        default=None,
        description="Distinguishes the school's objects from other schools' objects in the same tenant. `toolkit "
        "validate --fix` writes one. It never changes.",
        examples=["k4v7m2qd"],
    )
    owns_tenant: bool = Field(
        default=False,
        description="true: the school manages settings for everyone in a tenant that it shares with other schools.",
    )
    phase: Literal["nursery", "primary", "secondary", "all-through", "special", "college"] | None = Field(
        default=None, description="The school's phase."
    )
    nation: Literal["England", "Scotland", "Wales", "Northern Ireland"] | None = Field(
        default=None, description="The school's nation within the United Kingdom."
    )
    domains: list[Domain] = Field(min_length=1, description="The school's domains, with its main domain first.")
    time_zone: Annotated[str, AfterValidator(check_time_zone)] = Field(description="For example Europe/London.")
    phone: Line | None = Field(default=None, description="The school's telephone number, for texts.")
    website: Annotated[Line, AfterValidator(check_website)] | None = Field(default=None, description="For texts.")
    tenants: dict[str, TenantForm] = Field(min_length=1, description="The school's tenants, by provider.")
    mode: Literal["enforce", "check"] = Field(
        default="check", description="enforce (write) or check (only report), unless an entry has its own mode."
    )
    roles: dict[str, dict[str, Line]] = Field(
        default={}, description="Roles: for each provider a group, or an organisational unit beginning with /."
    )
    protected: ProtectedForm = Field(
        default=ProtectedForm(), description="Accounts, mailboxes and apps that no plan may change."
    )
    approvers: list[RoleOrPerson] = Field(
        default=[*APPROVERS],
        min_length=1,
        description="The roles that may approve exceptions and accept findings (their `by`), such as Head Teacher.",
    )
    offices: list[RoleOrPerson] = Field(
        default=[*OFFICES],
        description="Other roles that the operator may name in `--by` and `--lead`, such as Data Protection Officer.",
    )
    run_by: Line | None = Field(
        default=None, description="Who runs the tenants: the school, the trust, the LA or a managed provider."
    )
    supported_by: Line | None = Field(default=None, description="Who supports IT, and how to reach them.")
    dns: DnsForm | None = Field(
        default=None, description="Who runs the DNS. `toolkit check` writes the e-mail that requests missing records."
    )
    other_systems: list[Line] = Field(
        default=[], description="Other systems that change settings in the tenants or send mail as the school."
    )
    known_apps: list[KnownAppForm] = Field(
        default=[], description="The register of apps that may access the school's accounts."
    )
    cyber_essentials: Literal["applying"] | None = Field(
        default=None,
        description="applying: page one of the report names the reasons why the school would fail Cyber Essentials.",
    )
    rpa: Literal["member"] | None = Field(
        default=None, description="member: the report includes the conditions of the Risk Protection Arrangement."
    )
    unanswered: list[Literal["protected", "run_by", "other_systems"]] = Field(
        default=[], description="Questions that are still open. No real tenant is changed until the list is empty."
    )
    calendar: CalendarForm | None = Field(
        default=None, description="Terms, holidays and working days. Absences cannot be judged without it."
    )
    windows: dict[str, WindowForm] = Field(
        default={}, description="The windows in which `toolkit apply` writes, by name. Default: at any time."
    )
    freezes: list[FreezeForm] = Field(
        default=[], description="Days on which `toolkit apply` does not change the tenants, such as exam weeks."
    )
    schedule: ScheduleForm | None = Field(
        default=None,
        description="When the jobs of `toolkit schedule` run. Without a schedule, missed runs are not reported.",
    )
    notifications: NoticesForm | None = Field(
        default=None,
        description="Who receives the new, resolved and critical findings of runs with --notify.",
    )
    reports: ReportsForm | None = Field(
        default=None, description="The head and the clerk, to whom `toolkit report release --mail` sends a report."
    )
    record_in_git: Literal["note", "tag"] | None = Field(
        default=None,
        description="Keep the ledger's head after a run in the playbooks' repository, as a git note or tag.",
    )
    approval: list[Literal["stops mail", "deletes", "over half"]] = Field(
        default=[],
        description="The changes that a second person approves with `toolkit approve`: changes that stop mail, "
        "deletions, or changes that reach over half of the people.",
    )
    reviews: ReviewsForm | None = Field(
        default=None, description="The reviews at GitHub that `toolkit apply PLANFILE --review` takes as an approval."
    )
    signers: list[SignerForm] = Field(
        default=[], description="The public SSH keys that may sign reports, plans and approvals."
    )


_ROLE = re.compile(r"[a-z][a-z0-9_]*")


def read_school(source: Source, vocabulary: Vocabulary, problems: list[Problem]) -> School | None:
    """Validate a school file and return the school. If it is invalid, add the problems and return None."""
    line = source.root.line
    try:
        form = SchoolForm.model_validate(plain_table(source.root))
    except ValidationError as error:
        place = SettingsPlace(source=source, table=source.root, line=line, subject="the school file", model=SchoolForm)
        problems += problems_of(error, place)
        return None
    wrong = [
        *_unknown_provider_problems(form, source, vocabulary),
        *_borrowed_id_problems(form, source),
        *_role_problems(form, source),
        *calendar_problems(form.calendar, form.roles, source),
        *window_problems(form.windows, form.freezes, source, vocabulary),
        *notice_problems(form.notifications, form.reports, form.tenants, source),
        *signer_problems(form.signers, form.approval, source, has_reviews=form.reviews is not None),
    ]
    school = _to_school(form, source) if not wrong else None
    if school:
        wrong += [foreign.problem for foreign in foreign_domains(school, source) if foreign.wrong]
    problems += wrong
    return None if wrong else school


def _unknown_provider_problems(form: SchoolForm, source: Source, vocabulary: Vocabulary) -> Iterable[Problem]:
    named: list[tuple[Step, ...]] = [("tenants", provider) for provider in form.tenants]
    named += [("roles", role, provider) for role, groups in form.roles.items() for provider in groups]
    for path in named:
        provider = str(path[-1])
        if provider not in vocabulary.kinds:
            line = line_of(source.root, path, otherwise=source.root.line)
            message = f"unknown provider {quoted(provider)}{did_you_mean(provider, vocabulary.kinds)}"
            yield source.problem(line, message)


def _borrowed_id_problems(form: SchoolForm, source: Source) -> Iterable[Problem]:
    if is_borrowed(form.id, (tenant.tenant_id or tenant.customer_id for tenant in form.tenants.values())):
        line = line_of(source.root, ("id",), otherwise=source.root.line)
        message = "is the sample's id. Delete the line and run `toolkit validate --fix`, which writes a new id"
        yield source.problem(line, f"`id: {SAMPLE_ID}` {message}")


def _role_problems(form: SchoolForm, source: Source) -> Iterable[Problem]:
    for role, places in form.roles.items():
        if not _ROLE.fullmatch(role) or role == EVERYONE:
            line = line_of(source.root, ("roles", role), otherwise=source.root.line)
            yield source.problem(line, f"{quoted(role)} is not a name for a role, such as `year_6`")
        place = places.get("google_workspace", "@")
        if "@" not in place and not place.startswith("/"):
            line = line_of(source.root, ("roles", role, "google_workspace"), otherwise=source.root.line)
            message = f"{quoted(place)} is neither a group's address nor a unit: did you mean {quoted(f'/{place}')}?"
            yield source.problem(line, message)


def _to_school(form: SchoolForm, source: Source) -> School:
    return School(
        name=form.school,
        short_name=form.short_name,
        domains=tuple(form.domains),
        time_zone=form.time_zone,
        tenants={
            name: Tenant(tenant.tenant_id or tenant.customer_id or "", tenant.domain)
            for name, tenant in form.tenants.items()
        },
        roles={name: _to_role(name, groups) for name, groups in form.roles.items()},
        protected=ProtectedList(
            accounts=tuple(form.protected.accounts),
            mailboxes=tuple(form.protected.mailboxes),
            apps=tuple(form.protected.apps),
            exclude_group=form.protected.exclude_group or "",
        ),
        mode=Mode(form.mode),
        phone=form.phone,
        website=form.website,
        origin=source.origin(source.root.line),
        calendar=to_calendar(form.calendar, form.time_zone),
        windows=to_windows(form.windows, form.freezes, form.time_zone),
        schedule=to_schedule(form.schedule, form.calendar, form.time_zone),
        approvers=tuple(form.approvers),
        offices=tuple(form.offices),
        unanswered_keys=tuple(form.unanswered),
        dns=DnsKeeper(form.dns.run_by, form.dns.contact or "") if form.dns else None,
        notices=to_notices(form.notifications, form.tenants, form.time_zone),
        report_readers=report_recipients(form.reports, form.tenants),
        alive=form.notifications is not None and form.notifications.alive is not None,
        cyber_essentials=form.cyber_essentials == "applying",
        known_apps=tuple(KnownApp(row.app, bool(row.essential)) for row in form.known_apps),
        rpa=form.rpa == "member",
        id=form.id or "",
        owns_tenant=form.owns_tenant,
        record_in_git=form.record_in_git or "",
        signers=to_signers(form.signers),
        approval=frozenset(map(ChangeClass, form.approval)),
        reviews=to_review_settings(form.reviews),
    )


def _to_role(name: str, written: dict[str, str]) -> Role:
    units = {provider: place for provider, place in written.items() if place.startswith("/")}
    return Role(name, {provider: group for provider, group in written.items() if provider not in units}, units)
