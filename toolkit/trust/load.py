"""Load trust.yaml, and report all of its problems at once."""

import re
from pathlib import Path

from toolkit.errors import PlaybookError, Problem
from toolkit.messages import quoted
from toolkit.playbook.calendar import calendar_problems, to_calendar
from toolkit.playbook.error_messages import read_form
from toolkit.playbook.file_format import refuse_newer
from toolkit.playbook.files import TRUST_FILE
from toolkit.playbook.trust_schema import (
    TRUST,
    PeopleForm,
    SchoolGroupsForm,
    SchoolUnitsForm,
    TrustForm,
    TrustSchoolForm,
    TrustTenantForm,
)
from toolkit.records import dataclass
from toolkit.school.school import ProtectedList, Tenant
from toolkit.sdk.resource import Mode
from toolkit.trust.homes import read_homes
from toolkit.trust.model import Homes, SchoolPlace, Trust, TrustSchool, TrustTenant
from toolkit.trust.problems import find_problems
from toolkit.yaml.node import Source, Step, line_of
from toolkit.yaml.source import read_source

_NAMED_ROLES = ("everyone", "staff", "pupils", "devices")
_UNIT_ROLES = {"staff": "Staff", "pupils": "Pupils", "devices": "Devices"}


def load_trust(path: Path) -> Trust:
    """Load the trust of a folder, or of its trust.yaml. Raise PlaybookError with every problem of the file."""
    file = path if path.name == TRUST_FILE else path / TRUST_FILE
    source = read_source(file, relative=TRUST_FILE)
    if source.first != TRUST:
        raise PlaybookError([source.problem(source.root.line, f"the first key of {TRUST_FILE} must be `{TRUST}:`")])
    refuse_newer(source)
    problems: list[Problem] = []
    form = read_form(TrustForm, source, TRUST_FILE, problems)
    if form is None:
        raise PlaybookError(problems)
    reading = _Reading(source, form, problems)
    trust = reading.to_trust()
    problems += calendar_problems(form.calendar, _NAMED_ROLES, source)
    problems += find_problems(trust, form, source)
    if problems:
        raise PlaybookError(sorted(set(problems)))
    return trust


@dataclass(frozen=True, slots=True)
class _Reading:
    """The form of trust.yaml, which is converted to a trust."""

    source: Source
    form: TrustForm
    problems: list[Problem]

    def to_trust(self) -> Trust:
        form, root = self.form, self.source.file.parent
        protected = form.protected
        return Trust(
            name=form.trust,
            short_name=form.short_name or _initials(form.trust),
            root=root,
            base=root / form.base,
            tenants={name: self._to_tenant(name, tenant) for name, tenant in form.tenants.items()},
            schools={name: self._to_school(name, school) for name, school in form.schools.items()},
            mode=Mode(form.mode),
            protected=ProtectedList(
                accounts=tuple(protected.accounts),
                mailboxes=tuple(protected.mailboxes),
                apps=tuple(protected.apps),
                exclude_group=protected.exclude_group or "",
            ),
            time_zone=form.time_zone,
            origin=self.source.origin(self.source.root.line),
            lines=self.source.root.lines(),
            id=form.id or "",
            calendar=to_calendar(form.calendar, form.time_zone),
            decided_by_school=frozenset(form.decides.school),
            may_tighten=frozenset(form.decides.school_may_tighten),
            homes=self._to_homes(),
            waves=tuple(tuple(wave) for wave in form.waves or ()),
            settle=form.settle,
        )

    def _line(self, *path: Step) -> int:
        return line_of(self.source.root, path, otherwise=self.source.root.line)

    def _to_tenant(self, name: str, form: TrustTenantForm) -> TrustTenant:
        clouds: dict[str, Tenant] = {}
        if form.microsoft365:
            clouds["microsoft365"] = Tenant(form.microsoft365.tenant_id, form.microsoft365.domain)
        if form.google_workspace:
            clouds["google_workspace"] = Tenant(form.google_workspace.customer_id, form.google_workspace.domain)
        return TrustTenant(
            name=name,
            clouds=clouds,
            origin=self.source.origin(self._line("tenants", name)),
            env=self.source.file.parent / form.env if form.env else None,
            env_command=tuple(form.env_command or ()),
        )

    def _to_school(self, short_name: str, form: TrustSchoolForm) -> TrustSchool:
        forms = {"microsoft365": form.microsoft365, "google_workspace": form.google_workspace}
        places = {
            provider: self._to_place(short_name, provider, place, derives_units=not form.central)
            for provider, place in forms.items()
            if place
        }
        return TrustSchool(
            short_name=short_name,
            name=form.name,
            domains=tuple(form.domains),
            places=places,
            origin=self.source.origin(self._line("schools", short_name)),
            central=form.central,
            folder=self.source.file.parent / form.folder if form.folder else None,
            owner=form.owner or "",
            phone=form.phone,
            website=form.website,
        )

    def _to_place(
        self, school: str, provider: str, form: SchoolGroupsForm | SchoolUnitsForm, *, derives_units: bool
    ) -> SchoolPlace:
        unit = form.unit if isinstance(form, SchoolUnitsForm) else None
        everyone = form.everyone if isinstance(form, SchoolGroupsForm) else unit
        written = {"everyone": everyone, "staff": form.staff, "pupils": form.pupils, "devices": form.devices}
        derived = {role: f"{unit}/{child}" for role, child in _UNIT_ROLES.items()} if unit and derives_units else {}
        roles = {**derived, **{role: name for role, name in written.items() if name}, **form.roles}
        return SchoolPlace(
            tenant=form.tenant or self._only_tenant(school, provider),
            roles=roles,
            origin=self.source.origin(self._line("schools", school, provider)),
        )

    def _only_tenant(self, school: str, provider: str) -> str:
        """Return the only tenant on a cloud. If there is none, or more than one, add a problem and return ""."""
        names = [name for name, tenant in self.form.tenants.items() if getattr(tenant, provider) is not None]
        if len(names) == 1:
            return names[0]
        message = (
            f"{school} does not name its tenant, and the trust has {len(names)} on {provider}: add `tenant: {names[0]}`"
            if names
            else f"{school} is on {provider}, but no entry of `tenants` has {quoted(provider)}"
        )
        self.problems.append(self.source.problem(self._line("schools", school, provider), message))
        return ""

    def _to_homes(self) -> Homes:
        people = self.form.people
        if isinstance(people, PeopleForm):
            return Homes(property=people.home_from, by_value=dict(people.homes))
        if people is None:
            return Homes()
        place = self.source.origin(self._line("people"))
        return Homes(by_address=read_homes(self.source.file.parent / people, place, self.form.schools, self.problems))


def _initials(name: str) -> str:
    return "".join(word[0].upper() for word in re.findall(r"[^\W_]+", name))[:20]
