"""The holds that an emulated Google tenant stores in Vault, and the requests to Vault."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant
from toolkit.sdk.directory import Person
from toolkit.sdk.legal_holds import HoldStatus, Service, ServiceHold

MATTERS, HOLDS, MEMBERS = "google.vaultMatters", "google.vaultHolds", "google.members"
CASE = "2026-07"
MARK = f"[toolkit:{CASE}]"
WHOLE: Mapping[str, Mapping[str, Any]] = {
    "MAIL": {"mailQuery": {}},
    "DRIVE": {"driveQuery": {"includeSharedDriveFiles": True}},
    "HANGOUTS_CHAT": {"hangoutsChatQuery": {"includeRooms": True}},
    "GROUPS": {"groupsQuery": {}},
    "CALENDAR": {"calendarQuery": {}},
}


def person(connection: GoogleWorkspace, name: str = "gethin.leaver") -> Person:
    """Return the person whose address begins with a name."""
    people = connection.directory(people=True, groups=[]).people.values()
    return next(person for person in people if person.address.partition("@")[0] == name)


def nobody() -> Person:
    """Return a person without an account at Google."""
    return Person("100000000000000000001", "no.account@example-primary.example", "No Account")


def place_all(connection: GoogleWorkspace, person: Person, case: str = CASE) -> Sequence[ServiceHold]:
    """Place every hold on a person, in the order of the services."""
    return [connection.holding.place(case, person, service) for service in connection.holding.services]


def standings(connection: GoogleWorkspace, person: Person, case: str = CASE) -> Mapping[Service, HoldStatus]:
    """Return the statuses of a person's holds."""
    return {held.service: held.standing for held in connection.holding.read_existing_holds(case, [person])[person.id]}


def matters(tenant: Tenant, mark: str = MARK) -> Sequence[str]:
    """Return the ids of the matters with a mark in their description."""
    return [key for key, matter in tenant.objects(MATTERS).items() if mark in matter.get("description", "")]


def holds(tenant: Tenant, matter: str) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Return the holds of a matter by corpus."""
    stored = [hold for key, hold in tenant.objects(HOLDS).items() if key.startswith(f"{matter}/")]
    return {
        corpus: [hold for hold in stored if hold["corpus"] == corpus] for corpus in {hold["corpus"] for hold in stored}
    }


def the_hold(tenant: Tenant, corpus: str = "MAIL") -> tuple[str, Mapping[str, Any]]:
    """Return the only hold on a service in the only matter of the case: its key and its body."""
    (matter,) = matters(tenant)
    (hold,) = holds(tenant, matter)[corpus]
    return f"{matter}/{hold['holdId']}", hold


def accounts(hold: Mapping[str, Any]) -> set[str]:
    """Return the ids of the accounts on a hold."""
    return {account["accountId"] for account in hold.get("accounts", [])}


def groups_of(tenant: Tenant, person: Person) -> set[str]:
    """Return the ids of the groups that a person is a direct member of."""
    return {key.partition("/")[0] for key in tenant.objects(MEMBERS) if key.endswith(f"/{person.id}")}


def add_hold(tenant: Tenant, matter: str, key: str, **body: Any) -> None:
    """Store a hold that an administrator made in the console."""
    whole = {"holdId": key, "name": "By hand", "updateTime": "2026-11-01T09:00:00Z", **body}
    tenant.put(HOLDS, f"{matter}/{key}", whole)


def writes(tenant: Tenant, after: int = 0) -> Sequence[str]:
    """Return the calls to Vault that change something."""
    names = [name for name in tenant.operations(after) if name.startswith("vault.")]
    return [name for name in names if not name.endswith((".list", ".get"))]
