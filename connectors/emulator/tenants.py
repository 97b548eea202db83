"""Opens, describes and deletes tenants, and invents the school of a new tenant. None of its people is real."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from uuid import uuid4

from connectors.emulator import clock
from connectors.emulator.data_files import read_data
from connectors.emulator.discovery import Provider
from connectors.emulator.school import Account, Group, Person, Room, School, SharedMailbox, Use, identifier
from connectors.emulator.store import Body, Json, Store

STAFF = 46
PUPILS = 220
_TABLE = read_data(Path(__file__).parent / "school.json")
_GIVEN, _SURNAMES, _POSTS, _YEARS = (_TABLE[name] for name in ("given", "surnames", "posts", "years"))


def make_school(
    tenant_id: str,
    *,
    users: int | None = None,
    staff: int | None = None,
    names: Mapping[str, str] | None = None,
    people: tuple[Person, ...] = (),
) -> School:
    """Return an invented school with a number of people, 266 by default, or with the given people and names.

    If the number of staff is not given, it follows from the number of people.
    """
    names = names or {}
    name, domain = names.get("name", "Example Primary School"), names.get("domain", "example-primary.example")
    everyone = users or STAFF + PUPILS
    staff_count = max(1, min(everyone, staff or round(everyone * STAFF / (STAFF + PUPILS))))
    people = people or tuple(make_people(tenant_id, domain, staff_count, everyone - staff_count))
    return School(
        tenant_id=tenant_id,
        name=name,
        short_name=names.get("short_name", name.removesuffix(" School")),
        domain=domain,
        initial_domain=names.get("initial_domain", f"{domain.partition('.')[0]}.onmicrosoft.example"),
        people=people,
        shared=tuple(
            SharedMailbox(identifier(tenant_id, "shared", part), title, f"{part}@{domain}")
            for part, title in _TABLE["shared"].items()
        ),
        accounts=tuple(_make_accounts(tenant_id, domain)),
        rooms=tuple(
            Room(identifier(tenant_id, "room", part), title, f"{part}@{domain}", equipment)
            for part, title, equipment in _TABLE["rooms"]
        ),
        groups=tuple(_make_groups(tenant_id, domain, people)),
    )


def make_people(tenant_id: str, domain: str, staff: int, pupils: int, *, first: int = 0) -> Iterator[Person]:
    """Yield invented people. `first` is the number of people that the tenant has already."""
    taken: set[str] = set()
    for number in range(staff + pupils):
        # Both lists are walked at their own pace, so that a name comes again only after 575 others.
        place = first + number
        given, surname = _GIVEN[place % len(_GIVEN)], _SURNAMES[(place + place // 575) % len(_SURNAMES)]
        address = _unused_name(taken, f"{given}.{surname}".lower()) + "@" + domain
        post, department = _job_title_and_department(number, staff)
        yield Person(
            id=identifier(tenant_id, "person", str(place)),
            given_name=given,
            surname=surname,
            address=address,
            use=Use.STAFF if number < staff else Use.PUPIL,
            job_title=post,
            department=department,
            synced=number < staff and number % 3 == 0,
        )


def _unused_name(taken: set[str], base_name: str) -> str:
    names = (base_name if number == 1 else f"{base_name}{number}" for number in count(1))
    name = next(name for name in names if name not in taken)
    taken.add(name)
    return name


def _job_title_and_department(position: int, staff_count: int) -> tuple[str, str]:
    if position >= staff_count:
        return "Pupil", _YEARS[(position - staff_count) % len(_YEARS)]
    if position < len(_POSTS):
        post, department = _POSTS[position]
        return post, department
    return ("Teacher" if position % 2 == 0 else "Teaching Assistant"), _YEARS[position % len(_YEARS)]


def _make_accounts(tenant_id: str, domain: str) -> Iterator[Account]:
    for part, title, mailbox, roles in _TABLE["accounts"]:
        yield Account(identifier(tenant_id, "account", part), title, f"{part}@{domain}", mailbox, tuple(roles))
    leaver = identifier(tenant_id, "account", "leaver")
    # Nobody took the licence back.
    yield Account(leaver, "Gethin Leaver", f"gethin.leaver@{domain}", mailbox=True, enabled=False, licensed=True)


def _make_groups(tenant_id: str, domain: str, people: Sequence[Person]) -> Iterator[Group]:
    staff = [person for person in people if person.use is Use.STAFF]
    pupils = [person.id for person in people if person.use is Use.PUPIL]
    leaders = [person.id for person in staff if person.department == "Leadership" or person.job_title in _LEADERS]
    technicians = [person.id for person in staff if person.department == "IT"]
    for part, title, mail, members in (
        ("all-staff", "All staff", True, [person.id for person in staff]),
        ("all-pupils", "All pupils", True, pupils),
        ("leadership", "Senior leadership", True, leaders),
        ("dsl", "Designated safeguarding leads", True, leaders[:2]),
        ("it-support", "IT support", False, technicians),
        ("presentation-devices", "Presentation devices", False, []),
        ("trip-leaders", "Trip leaders", True, [person.id for person in staff if person.job_title == "Teacher"][:3]),
        ("teachers", "Teachers", False, [person.id for person in staff if person.job_title == "Teacher"]),
        ("leadership-and-it", "Leadership and IT", False,
         [identifier(tenant_id, "group", "leadership"), identifier(tenant_id, "group", "it-support")]),
    ):  # fmt: skip
        address = f"{part}@{domain}" if mail else None
        yield Group(identifier(tenant_id, "group", part), title, address, tuple(members))


_LEADERS = ("Chief Executive", "Head Teacher", "Deputy Head Teacher")
_REGISTER = ("", "tenants")  # the name and the domains of every tenant


def open_tenant(
    store: Store,
    providers: Sequence[Provider],
    *,
    users: int | None = None,
    staff: int | None = None,
    names: Mapping[str, str] | None = None,
    school: School | None = None,
    change: Callable[[Store, School], None] | None = None,
) -> str:
    """Create a tenant with a school, apply a seed if there is one, and return the tenant's id.

    Without `school`, the school is invented from the other arguments.
    """
    school = school or make_school(str(uuid4()), users=users, staff=staff, names=names)
    with store.transaction():
        for provider in providers:
            _seed_provider(store, provider, school)
        if change:
            change(store, school)
        store.put(*_REGISTER, school.tenant_id, _register_entry(school))
    return school.tenant_id


def _seed_provider(store: Store, provider: Provider, school: School) -> None:
    filled: set[str] = set()
    for seed in provider.seeds:
        for collection, bodies in seed(school).items():
            if collection in filled:
                raise ValueError(f"two services of {provider.name} have seed objects for the collection {collection}")
            filled.add(collection)
            store.replace(school.tenant_id, collection, bodies)


def _register_entry(school: School) -> Body:
    return {
        "tenant_id": school.tenant_id,
        "name": school.name,
        "short_name": school.short_name,
        "domain": school.domain,
        "initial_domain": school.initial_domain,
        "further_domains": school.further_domains,
    }


def all_tenants(store: Store) -> list[str]:
    """Return the ids of all tenants, oldest first."""
    return [str(entry["tenant_id"]) for entry in store.all(*_REGISTER)]


def find_tenant(store: Store, name: str) -> Body | None:
    """Return a tenant by its id or by one of its domains."""
    name = name.lower()
    tenant = store.get(*_REGISTER, name)
    if tenant or "." not in name:
        return tenant
    entries = store.all(*_REGISTER)
    return next((entry for entry in reversed(entries) if name in _domains(entry)), None)


def _domains(entry: Body) -> list[Json]:
    further = entry.get("further_domains")
    return [entry["domain"], entry["initial_domain"], *(further if isinstance(further, list) else ())]


def describe(store: Store, providers: Sequence[Provider], tenant_id: str) -> Body | None:
    """Return the facts that a client needs about a tenant. None for an unknown tenant."""
    entry = find_tenant(store, tenant_id)
    if entry is None:
        return None
    clouds = {provider.name: provider.cloud.describe(store, tenant_id) for provider in providers}
    named = {"name": entry["name"], "short_name": entry["short_name"], "now": clock.text(clock.now(store, tenant_id))}
    return {**named, "tenant_id": tenant_id, **clouds}


def close_tenant(store: Store, tenant_id: str) -> bool:
    """Remove a tenant with all its objects, and return whether it existed."""
    with store.transaction():
        store.forget(tenant_id)
        return store.delete(*_REGISTER, tenant_id)
