"""The invented trust of a new tenant: a central team and the schools that share the tenant, from a seed file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import ConfigDict

from connectors.emulator.school import Group, Person, School, Use, identifier
from connectors.emulator.tenants import make_people, make_school

_PARTS = {"Staff": "Everyone who works here", "Pupils": "", "Devices": "Chromebooks and tablets"}
_CENTRAL = "Central"


@dataclass(frozen=True, slots=True)
class TrustSchool:
    """A school of a trust in a seed file."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    domain: str
    posts: Sequence[str]  # the job title of each member of staff
    pupils: int


@dataclass(frozen=True, slots=True)
class TrustTenant:
    """A tenant of a trust in a seed file. Its own people are the central team."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    tenant_id: str
    name: str
    domain: str
    users: int | None = None
    staff: int | None = None
    posts: Sequence[tuple[str, str]] = ()  # the job title and department of each member of the central team
    schools: Mapping[str, TrustSchool] = field(default_factory=dict)  # by department, such as Oak
    in_two_schools: Mapping[str, str] = field(default_factory=dict)  # the first teacher also works there
    lists: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # address part: title, job title of the members


def make_trust(tenant: TrustTenant, tenant_id: str = "") -> School:
    """Return the invented people, groups and units of a trust's tenant. `tenant_id` replaces the id in the seed."""
    tenant_id = tenant_id or tenant.tenant_id
    names = {"name": tenant.name, "domain": tenant.domain}
    users = len(tenant.posts) or tenant.users
    school = make_school(tenant_id, users=users, staff=len(tenant.posts) or tenant.staff, names=names)
    if not tenant.schools:
        return school
    central = tuple(
        replace(person, job_title=post, department=department, unit=f"/{_CENTRAL}")
        for person, (post, department) in zip(school.people, tenant.posts, strict=True)
    )
    people = {"": central, **dict(_people_by_school(tenant, tenant_id, first=len(central)))}
    everyone = tuple(person for group in people.values() for person in group)
    regrouped = make_school(tenant_id, names=names, people=everyone)
    return replace(
        regrouped,
        groups=(*regrouped.groups, *_trust_groups(tenant, tenant_id, people)),
        further_domains=tuple(member.domain for member in tenant.schools.values()),
        further_units=dict(_units(tenant)),
    )


def _people_by_school(tenant: TrustTenant, tenant_id: str, first: int) -> Iterator[tuple[str, Sequence[Person]]]:
    for department, school in tenant.schools.items():
        people = tuple(make_people(tenant_id, school.domain, len(school.posts), school.pupils, first=first))
        first += len(people)
        titles = [*school.posts, *["Pupil"] * school.pupils]
        yield (
            department,
            tuple(
                replace(
                    person,
                    job_title=title,
                    department=department,
                    unit=f"/{department}/{'Staff' if person.use is Use.STAFF else 'Pupils'}",
                )
                for person, title in zip(people, titles, strict=True)
            ),
        )


def _trust_groups(tenant: TrustTenant, tenant_id: str, people: Mapping[str, Sequence[Person]]) -> Iterator[Group]:
    """Yield the central team's group, four groups for each school, and the lists that schools share."""

    def group(part: str, title: str, members: Sequence[Person], *, mail: bool = True) -> Group:
        address = f"{part}@{tenant.domain}" if mail else None
        return Group(identifier(tenant_id, "group", part), title, address, tuple(person.id for person in members))

    yield group("hq-all", "Central team", people[""])
    guests = {host: people[home][_first_teacher(people[home])] for home, host in tenant.in_two_schools.items()}
    for department in tenant.schools:
        members = [*people[department], *([guests[department]] if department in guests else [])]
        part = department.lower()
        yield group(f"{part}-all", f"{department} everyone", members)
        yield group(f"{part}-staff", f"{department} staff", [member for member in members if member.use is Use.STAFF])
        yield group(f"{part}-pupils", f"{department} pupils", [member for member in members if member.use is Use.PUPIL])
        yield group(f"{part}-devices", f"{part}-devices", [], mail=False)
    everyone = [person for members in people.values() for person in members]
    for part, (title, post) in tenant.lists.items():
        yield group(part, title, [person for person in everyone if person.job_title == post])


def _first_teacher(people: Sequence[Person]) -> int:
    return next(place for place, person in enumerate(people) if person.job_title == "Teacher")


def _units(tenant: TrustTenant) -> Iterator[tuple[str, str]]:
    yield f"/{_CENTRAL}", "The central team"
    for department, school in tenant.schools.items():
        yield f"/{department}", school.name
        yield from ((f"/{department}/{part}", description) for part, description in _PARTS.items())
