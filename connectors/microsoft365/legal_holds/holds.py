"""Places and releases legal holds on mailboxes and in cases, and reads all holds for comparison."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.microsoft365.directory import has_mailbox
from connectors.microsoft365.exchange.via import Exchange
from connectors.microsoft365.graph.service import GraphRequest, path_with
from connectors.microsoft365.graph.via import Graph
from connectors.microsoft365.legal_holds.case_holds import CaseHolds
from connectors.microsoft365.legal_holds.cases import PERMISSION, READ_PERMISSION, Cases, identifier
from connectors.microsoft365.legal_holds.mailbox import Mailbox, address_of, held_services
from connectors.microsoft365.legal_holds.mailboxes import Mailboxes
from connectors.microsoft365.legal_holds.purview_search import PurviewSearches
from connectors.microsoft365.mailboxes import chunks
from connectors.microsoft365.permissions import EXCHANGE, administrator, ediscovery, global_reader, graph
from toolkit.errors import NotFound, RequestFailed, answered
from toolkit.sdk import HeldAccount, OnHold, Pace, Permissions, Person, Searching, Service, ServiceHold, segment
from toolkit.values import Body, Settings, unique

PERMISSIONS = Permissions(
    read=(
        *global_reader("View-Only Recipients", "View-Only Configuration"),
        ediscovery(READ_PERMISSION),
        graph("User.Read.All"),
    ),
    write=(*administrator(EXCHANGE, "Legal Hold", "Mail Recipients"), ediscovery(PERMISSION)),
)


class Holds:
    """Places litigation holds in Exchange, and the legal holds of eDiscovery cases in Graph.

    The app needs PERMISSIONS, and the registration that `cases.REGISTRATION` describes. `clock` returns the service's
    time, or None if it is unknown. Follows https://learn.microsoft.com/purview/ediscovery-create-a-litigation-hold and
    https://learn.microsoft.com/graph/api/resources/security-ediscoverycase
    """

    services: tuple[Service, ...] = (Service.MAILBOX, Service.MAIL, Service.FILES)

    def __init__(
        self, exchange: Exchange, graph: Graph, *, pace: Pace, clock: Callable[[], datetime | None] = lambda: None
    ) -> None:
        self._graph = graph
        self._mailboxes = Mailboxes(exchange, clock)
        self._cases = Cases(graph, pace)
        self._case_holds = CaseHolds(self._cases, self._mailboxes)
        self.searching: Searching = PurviewSearches(self._cases)

    def mark_as_new(self, matter: str) -> None:
        """Record that the case of a matter is new.

        toolkit then looks for the case only if its name is already taken.
        """
        self._case_holds.record_new_case(matter)

    def place_first_hold(self, address: str) -> HeldAccount:
        """Put the mailbox with an address on hold at once.

        Return the account of its owner, which a second request reads.
        """
        return self._mailboxes.place_first_hold(address)

    def accounts(self, matter: str, people: Sequence[Person]) -> Mapping[str, frozenset[str]]:
        """Return the ids of the accounts to hold for each person: on Microsoft 365, only the person's own account."""
        del matter
        return {person.id: frozenset({person.id}) for person in people}

    def place(self, matter: str, person: Person, service: Service) -> ServiceHold:
        """Put a person's mailbox or files on hold.

        A mailbox takes two requests. Mail and files together take at most six.
        """
        if service is Service.MAILBOX:
            return self._mailboxes.place(person)
        return self._case_holds.place(matter, person, service)

    def place_many(
        self, matter: str, people: Sequence[Person], service: Service
    ) -> Mapping[str, ServiceHold | RequestFailed]:
        """Put the mail or files of many people on hold, and return the results by person id.

        One request is for ten mailboxes, or for twenty sources of a case. The result of a person who cannot be put on
        hold is an error. Raise an error if no mailbox can be read, or the case cannot be read. The service accepts
        about five requests a minute, so some of several hundred people may be Throttled. If they are requested again,
        people already on hold are unchanged.
        """
        if service is Service.MAILBOX:
            return self._mailboxes.place_many(people)
        return self._case_holds.place_many(matter, people, service)

    def read_existing_holds(self, matter: str, people: Sequence[Person]) -> Mapping[str, Sequence[ServiceHold]]:
        """Return the states of people's holds, by person id. One request reads ten mailboxes, and three read the case.

        A mailbox counts as confirmed four hours after it was put on hold, because Exchange needs up to four hours. A
        source in a case counts as confirmed if the service reports it as applied. Raise an error if Exchange or the
        case cannot be read.
        """
        mailboxes = self._mailboxes.read_states(people)
        in_case = self._case_holds.read_states(matter, people)
        return {person.id: (mailboxes[person.id], *in_case[person.id]) for person in people}

    def release(self, matter: str, person: Person, service: Service, *, since: datetime | None = None) -> bool:
        """Release a person's mail or files from hold.

        Return False if the mailbox stays on hold. Other people stay in the case. A mailbox is on litigation hold for
        all matters at once, so the caller must check that no other matter needs the hold. A mailbox that was on hold
        before `since` is not released. Exchange keeps content for another month after a release.
        """
        if service is Service.MAILBOX:
            return self._mailboxes.release(person, since)
        self._case_holds.release(matter, person, service)
        return True

    def read_case_access(self, matter: str, begins: datetime, ends: datetime) -> None:
        """Return None, because Microsoft does not document how Purview's log names a case."""

    def check_case_access(self) -> None:
        """Check in one request that eDiscovery accepts this app. Raise Refused if it does not."""
        self._cases.check_case_access()

    def read_held_accounts(self) -> Mapping[str, Settings]:
        """Return all mailboxes on litigation hold, and the people in holds of open cases, by account id.

        Each account has these settings: licensed (whether it has a licence with a mailbox), litigation_hold, duration
        ("unlimited", or days), comment and url (whether Outlook shows the person one), capable (whether the mailbox's
        licence allows the hold), cases ("case/hold/mailbox" or "case/hold/site", with "/query" after it if a query
        limits the hold). Holds that are off are left out. A source without a mailbox is listed by its address. Sites
        are left out, because they belong to no one.
        """
        held_accounts = read_all_held(self._mailboxes, self._cases)
        licensed = read_licensed(self._graph, [account for account in held_accounts if "@" not in account])
        return {key: {**settings, **licensed.get(key, {})} for key, settings in held_accounts.items()}

    def read_accounts_on_hold(self) -> OnHold:
        """Return whose mailboxes and files are on hold, from litigation holds, In-Place Holds and the holds of cases.

        Cases are read too, because Exchange shows a new hold on a mailbox only after a day, and nothing shows it on a
        site.
        """
        holds = _list_active_holds(self._cases)
        owners = self._mailboxes.owners()
        addresses_in_cases = _read_marks_by_address(self._cases, holds).keys()
        held_owners = [owner for owner in owners if owner.held or owner.addresses & addresses_in_cases]
        unclear = [owner for owner in owners if owner.held is None]
        without_mailbox = addresses_in_cases - {address for owner in owners for address in owner.addresses}
        return OnHold(
            accounts=frozenset({owner.account for owner in held_owners} | without_mailbox),
            everybody=self._mailboxes.organisation(),
            sites=any(self._cases.sites([(case, identifier(hold)) for case, hold in holds])),
            unclear=frozenset(owner.account for owner in unclear),
            people={
                **{address: frozenset({address}) for address in without_mailbox},
                **{owner.account: owner.addresses for owner in (*held_owners, *unclear)},
            },
        )


def read_licensed(graph: Graph, accounts: Sequence[str]) -> Mapping[str, Settings]:
    """Return whether accounts have a licence with a mailbox. One request reads twenty accounts.

    A deleted account has no licence. A mailbox still shows its former licence after the licence was removed, so the
    account is read.
    """
    licences: dict[str, Settings] = {}
    for chunk in chunks(accounts):
        paths = [path_with(f"/users/{segment(account)}", {"select": "id,assignedPlans"}) for account in chunk]
        responses = graph.batch([GraphRequest("GET", path) for path in paths])
        for account, response in zip(chunk, responses, strict=True):
            row: Body = {} if isinstance(response, NotFound) else answered(response)
            licences[account] = {"licensed": has_mailbox(row)}
    return licences


_CLOSED = "closed"


def read_all_held(mailboxes: Mailboxes, cases: Cases) -> Mapping[str, Settings]:
    """Return the settings of all mailboxes on litigation hold, and of all sources of cases, by account id.

    The owner of a source is found by the source's address.
    """
    held_mailboxes = mailboxes.held()
    in_cases = _read_marks_by_address(cases, _list_active_holds(cases))
    known_addresses = {address for mailbox in held_mailboxes for address in mailbox.addresses}
    other_mailboxes = list(mailboxes.find_by_addresses(sorted(in_cases.keys() - known_addresses)))
    settings_by_account = {
        mailbox.account: _to_mailbox_settings(mailbox, _find_marks_of_mailbox(mailbox, in_cases))
        for mailbox in (*held_mailboxes, *other_mailboxes)
    }
    owned = {address for mailbox in (*held_mailboxes, *other_mailboxes) for address in mailbox.addresses}
    ownerless = {
        address: _make_settings_without_mailbox(marks) for address, marks in in_cases.items() if address not in owned
    }
    return {**settings_by_account, **ownerless}


def _list_active_holds(cases: Cases) -> Sequence[tuple[str, Body]]:
    """Return each active hold with the id of its case. Holds that are off, and closed cases, are left out."""
    open_cases = [identifier(case) for case in cases.all() if case.get("status") != _CLOSED]
    return [
        (case, hold)
        for case, holds_of_case in zip(open_cases, cases.holds(open_cases), strict=True)
        for hold in holds_of_case
        if hold.get("isEnabled") is not False
    ]


def _read_marks_by_address(cases: Cases, holds: Sequence[tuple[str, Body]]) -> Mapping[str, Sequence[str]]:
    sources = cases.sources([(case, identifier(hold)) for case, hold in holds])
    marks_by_address: dict[str, list[str]] = {}
    for (case, hold), sources_of_hold in zip(holds, sources, strict=True):
        for source in sources_of_hold:
            marks_by_address.setdefault(address_of(source), []).extend(_list_source_marks(case, hold, source))
    return marks_by_address


def _list_source_marks(case: str, hold: Body, source: Body) -> Iterator[str]:
    suffix = "/query" if hold.get("contentQuery") else ""
    return (f"{case}/{identifier(hold)}/{service}{suffix}" for service in held_services(source))


def _find_marks_of_mailbox(mailbox: Mailbox, in_cases: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return unique(mark for address in mailbox.addresses for mark in in_cases.get(address, ()))


def _to_mailbox_settings(mailbox: Mailbox, marks: tuple[str, ...]) -> Settings:
    return {
        "litigation_hold": mailbox.held,
        "duration": mailbox.duration if mailbox.held else None,
        "comment": mailbox.comment,
        "url": mailbox.url,
        "capable": mailbox.capable,
        "cases": marks,
    }


def _make_settings_without_mailbox(marks: Sequence[str]) -> Settings:
    return {
        "litigation_hold": False,
        "duration": None,
        "comment": False,
        "url": False,
        "capable": False,
        "cases": unique(marks),
    }
