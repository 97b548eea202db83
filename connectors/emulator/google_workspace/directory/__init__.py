"""The Admin SDK's Directory API, and the directory of a new tenant: the same people as in Microsoft 365, in
organisational units.
"""

from collections.abc import Iterator, Sequence

from connectors.emulator.clock import text
from connectors.emulator.data_files import from_template
from connectors.emulator.google_workspace.api.administration import require_administrator
from connectors.emulator.google_workspace.api.read_only import read_only_handlers
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.directory import chromeos_devices, customer, members, orgunits, users
from connectors.emulator.google_workspace.directory.customer import ASSIGNMENTS, CUSTOMERS, ROLES
from connectors.emulator.google_workspace.directory.members import MEMBERS
from connectors.emulator.google_workspace.people import ADDRESSES, DOMAINS, GROUPS, ORG_UNITS, USERS
from connectors.emulator.google_workspace.seeded import NEVER, SEEDED_UNITS, Seat, list_seats
from connectors.emulator.google_workspace.values import customer_id, group_id, numeric_id, org_unit_id
from connectors.emulator.school import School, last_seen
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

_ROLES = {  # Google's own roles, with their purpose (support.google.com/a/answer/2405986)
    "_SEED_ADMIN_ROLE": "Google Apps Administrator Seed Role",
    "_GROUPS_ADMIN_ROLE": "Groups Administrator",
    "_USER_MANAGEMENT_ADMIN_ROLE": "User Management Administrator",
    "_HELP_DESK_ADMIN_ROLE": "Help Desk Administrator",
    "_SERVICE_ADMIN_ROLE": "Services Administrator",
}
_SUPER = "_SEED_ADMIN_ROLE"
_RESOURCES = "google.calendarResources"  # by id


def seed(school: School) -> Seed:
    """Return the objects of a new tenant that the Directory API reads."""
    everyone, customer = list(list_seats(school)), customer_id(school.tenant_id)
    seen = {numeric_id(key): text(instant) for key, instant in last_seen(school).items()}
    users = {seat.id: _seeded_user(school, seat, customer, seen.get(seat.id)) for seat in everyone}
    groups = {str(group["id"]): group for group in _seeded_groups(school)}
    addresses = {
        str(account.get("primaryEmail") or account.get("email")): account
        for account in (*users.values(), *groups.values())
    }
    return {
        CUSTOMERS: {customer: from_template(__file__, "customer", id=customer, domain=school.domain, name=school.name)},
        DOMAINS: {
            name: from_template(__file__, "domain", domain=name, primary=name == school.domain)
            for name in (school.domain, *school.further_domains)
        },
        ORG_UNITS: dict(_seeded_units(school)),
        USERS: users,
        GROUPS: groups,
        MEMBERS: dict(_seeded_members(school)),
        ROLES: {_role_id(school, name): _seeded_role(school, name) for name in _ROLES},
        ASSIGNMENTS: dict(_seeded_role_assignments(school, everyone)),
        _RESOURCES: dict(_seeded_calendar_resources(school)),
        ADDRESSES: {address.lower(): {"id": account["id"]} for address, account in addresses.items()},
    }


def _seeded_units(school: School) -> Iterator[tuple[str, Body]]:
    """Yield the units of a school. Lists contain the root unit only on request."""
    root = org_unit_id(school.tenant_id, "/")
    yield root, {"orgUnitId": f"id:{root}", "name": school.domain, "description": school.name, "orgUnitPath": "/"}
    for path, description in {**SEEDED_UNITS, **school.further_units}.items():
        key = org_unit_id(school.tenant_id, path)
        above, _, name = path.rpartition("/")
        above = above or "/"
        yield (
            key,
            from_template(
                __file__, "unit", id=key, name=name, description=description, path=path, above=above,
                parent=org_unit_id(school.tenant_id, above),
            ),
        )  # fmt: skip


def _seeded_user(school: School, seat: Seat, customer: str, seen: str | None) -> Body:
    """Return the account of a person, with one alias.

    Only staff and administrators are enrolled in 2-Step Verification. Super administrators must use it.
    """
    values: dict[str, Json] = {
        "alias": f"{seat.address.partition('@')[0]}@{school.domain}.test-google-a.com",
        "full": f"{seat.given_name} {seat.surname}".strip(),
        "super": seat.role == "super",
        "enrolled": seat.staff or bool(seat.role),
    }
    return from_template(
        __file__, "user", id=seat.id, address=seat.address, given=seat.given_name, surname=seat.surname,
        delegated=seat.role == "delegated", seen=seen.replace("Z", ".000Z") if seen else NEVER,
        suspended=not seat.enabled, title=seat.title, department=seat.department, customer=customer, unit=seat.unit,
        mailbox=seat.mailbox, **values,
    )  # fmt: skip


def _seeded_groups(school: School) -> Iterator[Body]:
    """Yield a group for each of the school's groups and shared mailboxes.

    In Google, a shared mailbox is a collaborative inbox.
    """
    for group in school.groups:
        address = group.address or f"{group.display_name.lower().replace(' ', '-')}@{school.domain}"
        yield _seeded_group(group.id, group.display_name, address, "")
    for box in school.shared:
        yield _seeded_group(box.id, box.display_name, box.address, "Shared inbox")


def _seeded_group(key: str, name: str, address: str, description: str) -> Body:
    return from_template(__file__, "group", id=group_id(key), name=name, address=address, description=description)


def _seeded_members(school: School) -> Iterator[tuple[str, Body]]:
    groups = {group.id: group for group in school.groups}
    addresses = {str(group["id"]): str(group["email"]) for group in _seeded_groups(school)}
    people = {person.id: person for person in school.people}
    office = [person.id for person in school.people if person.department == "Office"]
    lists = {**{group.id: group.members for group in school.groups}, **{box.id: office for box in school.shared}}
    for key, inside_it in lists.items():
        place = group_id(key)
        for member in inside_it:
            inside = member in groups
            member_id = group_id(member) if inside else numeric_id(member)
            address = addresses[member_id] if inside else people[member].address
            kind = "GROUP" if inside else "USER"
            # The head looks after the groups that the head is in.
            role = "MANAGER" if not inside and people[member].job_title == "Head Teacher" else "MEMBER"
            yield (
                f"{place}/{member_id}",
                from_template(__file__, "member", id=member_id, address=address, kind=kind, role=role),
            )


def _role_id(school: School, name: str) -> str:
    return numeric_id(school.identifier("google role", name))[:17]


def _seeded_role(school: School, name: str) -> Body:
    return from_template(
        __file__, "role", id=_role_id(school, name), name=name, description=_ROLES[name], super=name == _SUPER
    )


def _seeded_calendar_resources(school: School) -> Iterator[tuple[str, Body]]:
    """Yield the rooms and equipment that people book, by resource id."""
    for room in school.rooms:
        key = numeric_id(room.id)[:11]
        address = f"c_{room.id.replace('-', '')}@resource.calendar.google.com"
        category = "OTHER" if room.equipment else "CONFERENCE_ROOM"
        yield (
            key,
            from_template(
                __file__, "calendar_resource", id=key, name=room.display_name, address=address, category=category
            ),
        )


def _seeded_role_assignments(school: School, everyone: Sequence[Seat]) -> Iterator[tuple[str, Body]]:
    for seat in everyone:
        if seat.role:
            key = numeric_id(school.identifier("google role assignment", seat.address.partition("@")[0]))[:17]
            role = _role_id(school, _SUPER if seat.role == "super" else "_USER_MANAGEMENT_ADMIN_ROLE")
            yield key, from_template(__file__, "role_assignment", id=key, role=role, person=seat.id)


__all__ = ["SERVICE", "seed"]

_HANDLERS = {
    **chromeos_devices.HANDLERS,
    **customer.HANDLERS,
    **members.HANDLERS,
    **orgunits.HANDLERS,
    **users.HANDLERS,
}
SERVICE = google_api(
    "google directory",
    {
        **{name: require_administrator(handler) for name, handler in _HANDLERS.items()},
        **read_only_handlers(__file__),
    },
)
