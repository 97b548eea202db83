"""The people of the sample school, and the holds that an emulated Microsoft 365 tenant stores."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.microsoft365 import PROVIDER
from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant
from tests.microsoft365.connected import target_of
from toolkit.school.school import Tenant as School
from toolkit.sdk.connector import Identity
from toolkit.sdk.directory import Person
from toolkit.sdk.legal_holds import Service

HEAD, LEAVER, OFFICE, CARETAKER = "amara.ashdown", "gethin.leaver", "office", "beth.birchall"
MATTER = "Matter 2026-B"
GET, SET = "Get-Mailbox", "Set-Mailbox"
CASES = "GET /security/cases/ediscoveryCases"
HOLDS = "GET /security/cases/ediscoveryCases/{id}/legalHolds"
SOURCES = "GET /security/cases/ediscoveryCases/{id}/legalHolds/{id}/userSources"
NEW_CASE, NEW_HOLD, NEW_SOURCE = (name.replace("GET", "POST") for name in (CASES, HOLDS, SOURCES))
MAILBOX, MAIL, FILES = Service.MAILBOX, Service.MAIL, Service.FILES
NOBODY = Person("00000000-0000-4000-8000-000000000001", "nobody@example-primary.example", "Nobody")


def person(tenant: Tenant, alias: str) -> Person:
    """Return a person of the school, as the directory returns them."""
    address = f"{alias}@{tenant.domain}"
    row = mailbox(tenant, alias)
    return Person(str(row["ExternalDirectoryObjectId"]), address, str(row["DisplayName"]))


def people(tenant: Tenant, count: int) -> Sequence[Person]:
    """Return people whose mailboxes can be held."""
    rows = sorted(tenant.objects("exchange.mailboxes").values(), key=lambda row: str(row["PrimarySmtpAddress"]))
    able = [row for row in rows if row["PersistedCapabilities"]][:count]
    assert len(able) == count
    return [
        Person(str(row["ExternalDirectoryObjectId"]), str(row["PrimarySmtpAddress"]), str(row["DisplayName"]))
        for row in able
    ]


def mailbox(tenant: Tenant, alias: str) -> dict[str, Any]:
    """Return the stored mailbox of an alias."""
    mailboxes = tenant.objects("exchange.mailboxes").values()
    (row,) = [row for row in mailboxes if row["PrimarySmtpAddress"] == f"{alias}@{tenant.domain}"]
    return row


def cases(tenant: Tenant, name: str = MATTER) -> list[dict[str, Any]]:
    """Return the stored eDiscovery cases of a name."""
    return [case for case in tenant.objects("graph.ediscoveryCases").values() if case["displayName"] == name]


def held_in_case(tenant: Tenant) -> list[tuple[str, str, str]]:
    """Return the sources of all holds: the hold's name, the address, and the included sources."""
    holds = tenant.objects("graph.legalHolds")
    sources = tenant.objects("graph.userSources").items()
    return sorted(
        (holds[key.rpartition("/")[0]]["displayName"], row["email"], row["includedSources"]) for key, row in sources
    )


def writes(tenant: Tenant, after: int = 0) -> list[str]:
    """Return the writes that the tenant received."""
    names = [name for name in tenant.operations(after) if not name.startswith(("GET", "Get-"))]
    return [name for name in names if name != "$batch"]


def reconnect(tenant: Tenant, *, patience: str = "30") -> Microsoft365:
    """Open a connection that has the tenant's present time and an empty cache."""
    tenant_description = next(
        description for description in tenant.emulator.control("GET", "/")["tenants"] if _is(description, tenant)
    )
    target = target_of(Tenant(tenant.emulator, tenant_description), {"TOOLKIT_PATIENCE": patience})
    school = School(tenant.tenant_id, tenant.domain)
    connection = PROVIDER.connect(replace(target, settles=0.0), school, identity=Identity.WRITE, read_only=False)
    assert isinstance(connection, Microsoft365)
    return connection


def pass_time(tenant: Tenant, instant: str) -> Microsoft365:
    """Set the tenant's clock, and open a connection that has this time."""
    tenant.set_now(datetime.fromisoformat(instant).isoformat())
    return reconnect(tenant)


def rename(tenant: Tenant, person: Person, alias: str) -> None:
    """Change a person's address.

    The old one becomes a second address, and the case knows the person by it and its own id.
    """
    ((key, source),) = tenant.objects("graph.userSources").items()
    other = "43434642-3137-3138-3432-374142313639"  # the service's ids of sources differ from the ids of accounts
    tenant.delete("graph.userSources", key)
    tenant.put("graph.userSources", f"{key.rpartition('/')[0]}/{other}", {**source, "id": other})
    address = f"{alias}@{tenant.domain}"
    row = mailbox(tenant, person.address.partition("@")[0])
    addresses = [f"SMTP:{address}", f"smtp:{person.address}"]
    tenant.patch("exchange.mailboxes", row["Guid"], PrimarySmtpAddress=address, EmailAddresses=addresses)


def place_all(connection: Microsoft365, person: Person) -> list[tuple[Service, str, str]]:
    """Place every hold, and return the status and reason of each."""
    placed = [connection.holding.place(MATTER, person, service) for service in connection.holding.services]
    return [(held.service, held.standing.value, held.reason) for held in placed]


def standing(connection: Microsoft365, person: Person, matter: str = MATTER) -> list[str]:
    """Return the statuses of a person's holds, in the order of the services."""
    return [held.standing.value for held in connection.holding.read_existing_holds(matter, [person])[person.id]]


def stored_holds(tenant: Tenant) -> tuple[bool, int, int, int]:
    """Return whether the head's mailbox is held, and the numbers of cases, holds and sources."""
    collections = ("graph.legalHolds", "graph.userSources")
    holds, sources = (len(tenant.objects(name)) for name in collections)
    return bool(mailbox(tenant, HEAD)["LitigationHoldEnabled"]), len(cases(tenant)), holds, sources


def _is(description: Any, tenant: Tenant) -> bool:
    return bool(description["microsoft365"]["tenant_id"] == tenant.tenant_id)
