"""The school's directory and licences as Graph shows them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from connectors.emulator.clock import text
from connectors.emulator.data_files import from_template
from connectors.emulator.microsoft365.applications import DIRECTORY_ROLES
from connectors.emulator.school import Account, Group, Person, Room, School, SharedMailbox, Use, identifier, last_seen
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

# Product names and plan ids: learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
LICENCES = {
    Use.STAFF: ("M365EDU_A3_FACULTY", "4b590615-0888-425a-a965-b3bf7789848d"),
    Use.PUPIL: ("M365EDU_A3_STUUSEBNFT", "18250162-5d87-4436-a834-d795c15c80f3"),
}


def has_service(organizations: Iterable[Body], service: str) -> bool:
    """Return whether a school has bought a service. The organisation lists the plans of the services that it has."""
    plans = [
        plan for organization in organizations for plan in cast("list[Body]", organization.get("assignedPlans") or [])
    ]
    return any(plan.get("service") == service and plan.get("capabilityStatus") == "Enabled" for plan in plans)


def seeded_licences(school: School) -> Iterator[Body]:
    """Yield the school's licences, with the number bought and the number used."""
    for use, (name, key) in LICENCES.items():
        used = sum(person.use is use for person in school.people)
        yield from_template(
            __file__, "sku", tenant_id=school.tenant_id, key=key, name=name, used=used, bought=used + 20
        )  # fmt: skip


_ADMINISTRATOR = "Global Administrator"


def seed(school: School) -> Seed:
    """Return the collections of a new tenant that Graph reads.

    `members` contains the members of each group or role, by id.
    """
    seen = {key: text(instant) for key, instant in last_seen(school).items()}
    users = [
        *(_seeded_person(person, seen.get(person.id)) for person in school.people),
        *(_seeded_user(mailbox, enabled=False) for mailbox in school.shared),
        *(_seeded_account(account) for account in school.accounts),
        *(_seeded_user(room, enabled=False) for room in school.rooms),
    ]
    return {
        "organization": {school.tenant_id: _seeded_organization(school)},
        "domains": {str(domain["id"]): domain for domain in _seeded_domains(school)},
        "users": {str(user["id"]): user for user in users},
        "groups": {group.id: _seeded_group(group) for group in school.groups},
        "directoryRoles": {str(role["id"]): role for role in _seeded_roles(school)},
        "members": {**{group.id: {"members": group.members} for group in school.groups}, **_role_members(school)},
        "subscribedSkus": {str(sku["id"]): sku for sku in seeded_licences(school)},
    }


def _seeded_organization(school: School) -> Body:
    return from_template(
        __file__, "organization", tenant_id=school.tenant_id, name=school.name, domain=school.domain,
        initial_domain=school.initial_domain,
    )  # fmt: skip


def _seeded_domains(school: School) -> Iterator[Body]:
    for name in (school.initial_domain, school.domain, *school.further_domains):
        default, initial = name == school.domain, name == school.initial_domain
        yield from_template(__file__, "domain", name=name, default=default, initial=initial)


def _seeded_person(person: Person, seen: str | None) -> Body:
    return {
        **_seeded_user(person, enabled=person.enabled),
        "givenName": person.given_name,
        "surname": person.surname,
        "jobTitle": person.job_title,
        "department": person.department,
        "onPremisesSyncEnabled": True if person.synced else None,
        "onPremisesLastSyncDateTime": "2026-11-10T08:30:00Z" if person.synced else None,
        **_assigned_licences(person.use),
        **_sign_in_activity(person.id, seen),
    }


def _sign_in_activity(key: str, seen: str | None) -> Mapping[str, Json]:
    """Return the property with the time of the last sign-in. Empty for a person who has never signed in."""
    if seen is None:
        return {}
    request = identifier(key, "sign-in")
    return {"signInActivity": from_template(__file__, "sign_in_activity", seen=seen, request=request)}


def _seeded_account(account: Account) -> Body:
    user = {
        **_seeded_user(account, enabled=account.enabled),
        **(_assigned_licences(Use.STAFF) if account.licensed else {}),
    }
    return user if account.mailbox else {**user, "mail": None, "proxyAddresses": []}


def _assigned_licences(use: Use) -> Body:
    """Return a licence with its plans. Both licences include the same plans."""
    return from_template(__file__, "licensed", sku=LICENCES[use][1])


def _seeded_user(owner: Person | SharedMailbox | Account | Room, *, enabled: bool) -> dict[str, Json]:
    alias = owner.address.partition("@")[0]
    return from_template(
        __file__, "user", id=owner.id, name=owner.display_name, address=owner.address, alias=alias, enabled=enabled
    )  # fmt: skip


def _seeded_group(group: Group) -> Body:
    unified, address = group.unified, group.address
    return from_template(
        __file__, "group", id=group.id, name=group.display_name, address=address, mail=address is not None,
        alias=(address or group.display_name.lower().replace(" ", "-")).partition("@")[0], security=not unified,
        types=["Unified"] if unified else [], addresses=[f"SMTP:{address}"] if address else [],
        visibility="Private" if unified else None,
    )  # fmt: skip


def _seeded_roles(school: School) -> Iterator[Body]:
    for name, template in DIRECTORY_ROLES.items():
        key = school.identifier("directory role", name)
        yield from_template(__file__, "directory_role", id=key, name=name, template=template)


def _role_members(school: School) -> Mapping[str, Body]:
    return {
        school.identifier("directory role", name): {
            "members": [
                *(account.id for account in school.accounts if name in account.directory_roles),
                *([school.administrator.id] if name == _ADMINISTRATOR else []),
            ]
        }
        for name in DIRECTORY_ROLES
    }
