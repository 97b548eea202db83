"""The school's Google accounts and their organisational units, from which all Google services are seeded."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from connectors.emulator.google_workspace.accounts import ADMINISTRATOR
from connectors.emulator.google_workspace.values import numeric_id
from connectors.emulator.school import Account, Person, School, Use

NEVER = "1970-01-01T00:00:00.000Z"  # how the last of something is written that never was
_YEARS = ("Reception", "Year 1", "Year 2", "Year 3", "Year 4", "Year 5", "Year 6")
SEEDED_UNITS: Mapping[str, str] = {
    "/Staff": "Everyone who works here",
    "/Pupils": "",
    **{f"/Pupils/{year}": "" for year in _YEARS},
    "/Shared devices": "Chromebook trolleys and library tablets",
    "/Shared devices/Presentation devices": "Whatever drives a whiteboard",
    "/Service accounts": "Accounts that are not a person's",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """A Google account of the school, from which all Google services are seeded."""

    id: str
    given_name: str
    surname: str
    address: str
    unit: str
    title: str
    department: str
    staff: bool
    mailbox: bool = True
    enabled: bool = True
    role: str = ""  # super, delegated


def list_seats(school: School) -> Iterator[Seat]:
    """Yield people's accounts, then the other accounts."""
    for person in school.people:
        yield _person_seat(person)
    for account in school.accounts:
        yield _account_seat(account)
    yield Seat(
        id=numeric_id(school.identifier("google", ADMINISTRATOR)),
        given_name="Workspace",
        surname="Administrator",
        address=f"{ADMINISTRATOR}@{school.domain}",
        unit="/Service accounts",
        title="",
        department="",
        staff=False,
        role="super",
    )


def _person_seat(person: Person) -> Seat:
    staff = person.use is Use.STAFF
    return Seat(
        id=numeric_id(person.id),
        given_name=person.given_name,
        surname=person.surname,
        address=person.address,
        unit=person.unit or ("/Staff" if staff else f"/Pupils/{person.department}"),
        title=person.job_title,
        department=person.department,
        staff=staff,
        enabled=person.enabled,
        role="delegated" if person.department == "IT" else "",
    )


def _account_seat(account: Account) -> Seat:
    given, _, surname = account.display_name.partition(" ")
    return Seat(
        id=numeric_id(account.id),
        given_name=given,
        surname=surname,
        address=account.address,
        unit="/Service accounts",
        title="",
        department="",
        staff=False,
        mailbox=account.mailbox,
        enabled=account.enabled,
        role="super" if "Global Administrator" in account.directory_roles else "",
    )
