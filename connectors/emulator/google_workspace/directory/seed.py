"""The school's directory as Google shows it: the same people as at Microsoft, in organisational units."""

from collections.abc import Iterator, Sequence

from connectors.emulator.clock import text
from connectors.emulator.google_workspace.directory.domains import CUSTOMERS
from connectors.emulator.google_workspace.directory.members import MEMBERS
from connectors.emulator.google_workspace.directory.roles import ASSIGNMENTS, ROLES
from connectors.emulator.google_workspace.people import ADDRESSES, DOMAINS, GROUPS, ORG_UNITS, USERS
from connectors.emulator.google_workspace.seeded import CREATED, NEVER, SEEDED_UNITS, Seat, seats
from connectors.emulator.google_workspace.values import customer_id, group_id, number, org_unit_id
from connectors.emulator.school import School, last_seen
from connectors.emulator.service import Seed
from connectors.emulator.wire import Body

_ROLES = {  # the ones Google makes, with what they may do (support.google.com/a/answer/2405986)
    "_SEED_ADMIN_ROLE": "Google Apps Administrator Seed Role",
    "_GROUPS_ADMIN_ROLE": "Groups Administrator",
    "_USER_MANAGEMENT_ADMIN_ROLE": "User Management Administrator",
    "_HELP_DESK_ADMIN_ROLE": "Help Desk Administrator",
    "_SERVICE_ADMIN_ROLE": "Services Administrator",
}
_SUPER = "_SEED_ADMIN_ROLE"


def seed(school: School) -> Seed:
    """Make the collections that the Directory API reads."""
    everyone, customer = list(seats(school)), customer_id(school.tenant_id)
    seen = {number(key): text(instant) for key, instant in last_seen(school).items()}
    users = {seat.id: _user(school, seat, customer, seen.get(seat.id)) for seat in everyone}
    groups = {str(group["id"]): group for group in _groups(school)}
    addresses = {str(one.get("primaryEmail") or one.get("email")): one for one in (*users.values(), *groups.values())}
    return {
        CUSTOMERS: {customer: _customer(school)},
        DOMAINS: {school.domain: _domain(school)},
        ORG_UNITS: dict(_units(school)),
        USERS: users,
        GROUPS: groups,
        MEMBERS: dict(_members(school)),
        ROLES: {_role_id(school, name): _role(school, name) for name in _ROLES},
        ASSIGNMENTS: dict(_assignments(school, everyone)),
        ADDRESSES: {address.lower(): {"id": one["id"]} for address, one in addresses.items()},
    }


def _customer(school: School) -> Body:
    return {
        "id": customer_id(school.tenant_id),
        "customerDomain": school.domain,
        "alternateEmail": "office@example-council.example",
        "customerCreationTime": CREATED,
        "language": "en-GB",
        "phoneNumber": "+441632960001",
        "postalAddress": {
            "organizationName": school.name,
            "contactName": "School Business Manager",
            "addressLine1": "1 School Lane",
            "locality": "Exampleton",
            "postalCode": "EX1 1AA",
            "countryCode": "GB",
        },
    }


def _domain(school: School) -> Body:
    return {"domainName": school.domain, "isPrimary": True, "verified": True, "creationTime": "1504252800000"}


def _units(school: School) -> Iterator[tuple[str, Body]]:
    """Make the units of a school; the root is among them, though no list shows it unless asked."""
    root = org_unit_id(school.tenant_id, "/")
    yield root, {"orgUnitId": f"id:{root}", "name": school.domain, "description": school.name, "orgUnitPath": "/"}
    for path, description in SEEDED_UNITS.items():
        key = org_unit_id(school.tenant_id, path)
        above, _, name = path.rpartition("/")
        yield (
            key,
            {
                "orgUnitId": f"id:{key}",
                "name": name,
                "description": description,
                "orgUnitPath": path,
                "parentOrgUnitPath": above or "/",
                "parentOrgUnitId": f"id:{org_unit_id(school.tenant_id, above or '/')}",
            },
        )


def _user(school: School, seat: Seat, customer: str, seen: str | None) -> Body:
    local = seat.address.partition("@")[0]
    alias = f"{local}@{school.domain}.test-google-a.com"  # every account has one that nobody can take away
    full = f"{seat.given_name} {seat.surname}".strip()
    return {
        "id": seat.id,
        "primaryEmail": seat.address,
        "name": {"givenName": seat.given_name, "familyName": seat.surname, "fullName": full},
        "isAdmin": seat.role == "super",
        "isDelegatedAdmin": seat.role == "delegated",
        "lastLoginTime": seen.replace("Z", ".000Z") if seen else NEVER,
        "creationTime": CREATED,
        "agreedToTerms": True,
        "suspended": not seat.enabled,
        "archived": False,
        "changePasswordAtNextLogin": False,
        "ipWhitelisted": False,
        "emails": [{"address": seat.address, "primary": True}, {"address": alias}],
        "languages": [{"languageCode": "en-GB", "preference": "preferred"}],
        "nonEditableAliases": [alias],
        "organizations": [
            {"title": seat.title, "department": seat.department, "primary": True, "customType": ""},
        ],
        "customerId": customer,
        "orgUnitPath": seat.unit,
        "isMailboxSetup": seat.mailbox,
        "isEnrolledIn2Sv": seat.staff or bool(seat.role),
        "isEnforcedIn2Sv": seat.staff or bool(seat.role),  # Google itself makes super administrators use it
        "includeInGlobalAddressList": True,
    }


def _groups(school: School) -> Iterator[Body]:
    """Make a group of each group, and of each shared mailbox, which Google has as a collaborative inbox."""
    for group in school.groups:
        address = group.address or f"{group.display_name.lower().replace(' ', '-')}@{school.domain}"
        yield _group(group.id, group.display_name, address, "")
    for box in school.shared:
        yield _group(box.id, box.display_name, box.address, "Shared inbox")


def _group(key: str, name: str, address: str, description: str) -> Body:
    return {
        "id": group_id(key),
        "email": address,
        "name": name,
        "description": description,
        "adminCreated": True,
        "nonEditableAliases": [f"{address}.test-google-a.com"],
    }


def _members(school: School) -> Iterator[tuple[str, Body]]:
    groups = {group.id: group for group in school.groups}
    addresses = {str(one["id"]): str(one["email"]) for one in _groups(school)}
    people = {person.id: person for person in school.people}
    office = [person.id for person in school.people if person.department == "Office"]
    lists = {**{group.id: group.members for group in school.groups}, **{box.id: office for box in school.shared}}
    for key, members in lists.items():
        place = group_id(key)
        for member in members:
            inside = member in groups
            found = group_id(member) if inside else number(member)
            address = addresses[found] if inside else people[member].address
            kind = "GROUP" if inside else "USER"
            yield (
                f"{place}/{found}",
                {"id": found, "email": address, "role": "MEMBER", "status": "ACTIVE", "type": kind},
            )


def _role_id(school: School, name: str) -> str:
    return number(school.identifier("google role", name))[:17]


def _role(school: School, name: str) -> Body:
    return {
        "roleId": _role_id(school, name),
        "roleName": name,
        "roleDescription": _ROLES[name],
        "rolePrivileges": [],
        "isSystemRole": True,
        "isSuperAdminRole": name == _SUPER,
    }


def _assignments(school: School, everyone: Sequence[Seat]) -> Iterator[tuple[str, Body]]:
    for seat in everyone:
        if seat.role:
            key = number(school.identifier("google role assignment", seat.address.partition("@")[0]))[:17]
            yield (
                key,
                {
                    "roleAssignmentId": key,
                    "roleId": _role_id(school, _SUPER if seat.role == "super" else "_USER_MANAGEMENT_ADMIN_ROLE"),
                    "assignedTo": seat.id,
                    "assigneeType": "user",
                    "scopeType": "CUSTOMER",
                },
            )
