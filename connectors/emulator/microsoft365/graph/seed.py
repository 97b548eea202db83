"""The school's directory and licences as Graph shows them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from connectors.emulator.clock import text
from connectors.emulator.microsoft365.applications import DIRECTORY_ROLES
from connectors.emulator.school import Account, Group, Person, Room, School, SharedMailbox, Use, identifier, last_seen
from connectors.emulator.service import Seed
from connectors.emulator.wire import Body, Json

CREATED = "2021-09-01T08:00:00Z"
# Product names and plan ids: learn.microsoft.com/entra/identity/users/licensing-service-plan-reference
LICENCES = {
    Use.STAFF: ("M365EDU_A3_FACULTY", "4b590615-0888-425a-a965-b3bf7789848d"),
    Use.PUPIL: ("M365EDU_A3_STUUSEBNFT", "18250162-5d87-4436-a834-d795c15c80f3"),
}
_PLANS = (
    ("exchange", "EXCHANGE_S_ENTERPRISE", "efb87545-963c-4e0d-99df-69c6916d9eb0"),
    ("SCO", "INTUNE_EDU", "da24caf9-af8e-485c-b7c8-e73336da2693"),
    ("AADPremiumService", "AAD_PREMIUM", "41781fb2-bc02-4b7c-bd55-b576c07bb09d"),
)


def assigned_plans() -> list[Body]:
    """Show the plans of everybody who has a licence; both licences include the same."""
    return [
        {"assignedDateTime": CREATED, "capabilityStatus": "Enabled", "service": service, "servicePlanId": key}
        for service, _, key in _PLANS
    ]


def includes(organizations: Iterable[Body], service: str) -> bool:
    """Tell whether a school has bought a service; taking its plan from the organization takes it away."""
    plans = [plan for one in organizations for plan in cast("list[Body]", one.get("assignedPlans") or [])]
    return any(plan.get("service") == service and plan.get("capabilityStatus") == "Enabled" for plan in plans)


def skus(school: School) -> Iterator[Body]:
    """Show what the school has bought and how much of it is used."""
    for use, (name, key) in LICENCES.items():
        used = sum(person.use is use for person in school.people)
        yield {
            "id": f"{school.tenant_id}_{key}",
            "skuId": key,
            "skuPartNumber": name,
            "appliesTo": "User",
            "capabilityStatus": "Enabled",
            "consumedUnits": used,
            "prepaidUnits": {"enabled": used + 20, "suspended": 0, "warning": 0, "lockedOut": 0},
            "servicePlans": [
                {"servicePlanId": plan, "servicePlanName": label, "provisioningStatus": "Success", "appliesTo": "User"}
                for _, label, plan in _PLANS
            ],
        }


_ADMINISTRATOR = "Global Administrator"


def seed(school: School) -> Seed:
    """Make the collections that Graph reads; `members` holds who is in a group or role, by its id."""
    seen = {key: text(instant) for key, instant in last_seen(school).items()}
    users = [
        *(_person(person, seen.get(person.id)) for person in school.people),
        *(_no_person(one, enabled=False) for one in school.shared),
        *(_account(one) for one in school.accounts),
        *(_no_person(one, enabled=False) for one in school.rooms),
    ]
    return {
        "organization": {school.tenant_id: _organization(school)},
        "domains": {str(domain["id"]): domain for domain in _domains(school)},
        "users": {str(user["id"]): user for user in users},
        "groups": {group.id: _group(group) for group in school.groups},
        "directoryRoles": {str(role["id"]): role for role in _directory_roles(school)},
        "members": {**{group.id: {"members": group.members} for group in school.groups}, **_role_members(school)},
        "subscribedSkus": {str(sku["id"]): sku for sku in skus(school)},
    }


def _organization(school: School) -> Body:
    return {
        "id": school.tenant_id,
        "displayName": school.name,
        "businessPhones": ["01632 960001"],
        "city": "Exampleton",
        "country": None,
        "countryLetterCode": "GB",
        "createdDateTime": CREATED,
        "onPremisesSyncEnabled": True,
        "preferredLanguage": "en",
        "technicalNotificationMails": [f"office@{school.domain}"],
        "tenantType": "AAD",
        "assignedPlans": assigned_plans(),
        "verifiedDomains": [_verified(school, school.initial_domain), _verified(school, school.domain)],
    }


def _verified(school: School, name: str) -> Body:
    return {
        "capabilities": "Email, OfficeCommunicationsOnline",
        "isDefault": name == school.domain,
        "isInitial": name == school.initial_domain,
        "name": name,
        "type": "Managed",
    }


def _domains(school: School) -> Iterator[Body]:
    for name in (school.initial_domain, school.domain):
        yield {
            "id": name,
            "authenticationType": "Managed",
            "availabilityStatus": None,
            "isAdminManaged": True,
            "isDefault": name == school.domain,
            "isInitial": name == school.initial_domain,
            "isRoot": True,
            "isVerified": True,
            "supportedServices": ["Email", "OfficeCommunicationsOnline"],
            "passwordValidityPeriodInDays": 2147483647,
            "passwordNotificationWindowInDays": 14,
            "state": None,
        }


def _person(person: Person, seen: str | None) -> Body:
    name, licence = person.display_name, LICENCES[person.use][1]
    return {
        **_user(person.id, name, person.address, enabled=person.enabled),
        "givenName": person.given_name,
        "surname": person.surname,
        "jobTitle": person.job_title,
        "department": person.department,
        "onPremisesSyncEnabled": True if person.synced else None,
        "onPremisesLastSyncDateTime": "2026-11-10T08:30:00Z" if person.synced else None,
        "assignedLicenses": [{"disabledPlans": [], "skuId": licence}],
        "assignedPlans": assigned_plans(),
        **_activity(person.id, seen),
    }


def _activity(key: str, seen: str | None) -> Mapping[str, Json]:
    """Tell of the last sign-in; of somebody who never signed in Graph has nothing to tell."""
    if seen is None:
        return {}
    request = identifier(key, "sign-in")
    return {
        "signInActivity": {
            "lastSignInDateTime": seen,
            "lastSignInRequestId": request,
            "lastNonInteractiveSignInDateTime": seen,
            "lastNonInteractiveSignInRequestId": request,
            "lastSuccessfulSignInDateTime": seen,
            "lastSuccessfulSignInRequestId": request,
        }
    }


def _account(account: Account) -> Body:
    user = _no_person(account, enabled=account.enabled)
    if account.licensed:
        licence = LICENCES[Use.STAFF][1]
        user |= {"assignedLicenses": [{"disabledPlans": [], "skuId": licence}], "assignedPlans": assigned_plans()}
    return user if account.mailbox else {**user, "mail": None, "proxyAddresses": []}


def _no_person(one: SharedMailbox | Account | Room, *, enabled: bool) -> dict[str, Json]:
    return _user(one.id, one.display_name, one.address, enabled=enabled)


def _user(key: str, display_name: str, address: str, *, enabled: bool) -> dict[str, Json]:
    return {
        "id": key,
        "displayName": display_name,
        "givenName": None,
        "surname": None,
        "userPrincipalName": address,
        "mail": address,
        "mailNickname": address.partition("@")[0],
        "proxyAddresses": [f"SMTP:{address}"],
        "accountEnabled": enabled,
        "userType": "Member",
        "jobTitle": None,
        "department": None,
        "businessPhones": [],
        "mobilePhone": None,
        "officeLocation": None,
        "preferredLanguage": None,
        "usageLocation": "GB",
        "createdDateTime": CREATED,
        "onPremisesSyncEnabled": None,
        "onPremisesLastSyncDateTime": None,
        "assignedLicenses": [],
        "assignedPlans": [],
    }


def _group(group: Group) -> Body:
    return {
        "id": group.id,
        "displayName": group.display_name,
        "description": None,
        "mail": group.address,
        "mailEnabled": group.address is not None,
        "mailNickname": (group.address or group.display_name.lower().replace(" ", "-")).partition("@")[0],
        "securityEnabled": not group.unified,
        "groupTypes": ["Unified"] if group.unified else [],
        "membershipRule": None,
        "proxyAddresses": [f"SMTP:{group.address}"] if group.address else [],
        "visibility": "Private" if group.unified else None,
        "isAssignableToRole": None,
        "onPremisesSyncEnabled": None,
        "createdDateTime": CREATED,
        "deletedDateTime": None,
    }


def _directory_roles(school: School) -> Iterator[Body]:
    for name, template in DIRECTORY_ROLES.items():
        yield {
            "id": school.identifier("directory role", name),
            "deletedDateTime": None,
            "description": None,
            "displayName": name,
            "roleTemplateId": template,
        }


def _role_members(school: School) -> Mapping[str, Body]:
    return {
        school.identifier("directory role", name): {
            "members": [
                *(one.id for one in school.accounts if name in one.directory_roles),
                *([school.administrator.id] if name == _ADMINISTRATOR else []),
            ]
        }
        for name in DIRECTORY_ROLES
    }
