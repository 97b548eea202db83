"""The two holds of an eDiscovery case, for people's mail and for their OneDrive files.

Microsoft adds a person to a hold only once, with the mailbox, the site or both, and this cannot be changed later. With
two holds, toolkit can release the mail without the files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from connectors.microsoft365.legal_holds.cases import Cases, find_by_name, identifier
from connectors.microsoft365.legal_holds.mailbox import (
    INCLUDED,
    belongs_to,
    comparable_address,
    source_of,
    state_of_source,
)
from connectors.microsoft365.legal_holds.mailboxes import Mailboxes
from toolkit.errors import Conflict, Rejected, RequestFailed
from toolkit.records import dataclass
from toolkit.sdk import HoldStatus, Person, Service, ServiceHold, flag
from toolkit.values import Body

_CLOSED = frozenset({"closed", "closing", "closedWithError", "pendingDelete"})
_ADVICE = "Open the case in the Purview portal, and place the hold again"


def hold_name(matter: str, service: Service) -> str:
    """Return the name of a case's hold for a service. Hold names must be unique in a tenant."""
    return f"{matter} {service.value} hold"


@dataclass(slots=True)
class _Case:
    """A case with its holds, by name. `fresh` contains the holds to which no one was added yet."""

    id: str
    holds: dict[str, Body] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Hold:
    """A hold: the ids of its case and of itself, the service's data about it, and the sources that it already has."""

    place: tuple[str, str]
    body: Body
    sources: Sequence[Body]


class CaseHolds:
    """Adds people to the holds of cases. A case that was read once is cached for the next person."""

    def __init__(self, cases: Cases, mailboxes: Mailboxes) -> None:
        self._cases = cases
        self._mailboxes = mailboxes
        self._cases_by_name: dict[str, _Case] = {}
        self._new_matters: set[str] = set()

    def record_new_case(self, matter: str) -> None:
        """Record that no case for this matter exists, so that toolkit creates the case without a search."""
        self._new_matters.add(matter)

    def place(self, matter: str, person: Person, service: Service) -> ServiceHold:
        """Put a person's mail or files on hold in a case. Create the case if it does not exist."""
        try:
            hold = self._find_or_create_hold(matter, service)
            if source := self._find_sources([person], hold, service)[person.id]:
                return _describe_existing_hold(state_of_source(service, hold.body, source))
            new_source = self._add_source(hold, person, service)
        except RequestFailed:
            self._cases_by_name.pop(matter, None)  # it may have been deleted or closed since it was read
            raise
        if new_source is None:
            reason = "this person has no mailbox in Exchange Online, and a case needs the mailbox's address"
            return ServiceHold(service, HoldStatus.UNAVAILABLE, reason, lacking=service is Service.FILES)
        return state_of_source(service, hold.body, new_source)

    def place_many(
        self, matter: str, people: Sequence[Person], service: Service
    ) -> Mapping[str, ServiceHold | RequestFailed]:
        """Put the mail or files of many people on hold in a case.

        Read the case again to confirm that they are in it.
        """
        self._cases_by_name.pop(matter, None)
        hold = self._find_or_create_hold(matter, service)
        sources_before = self._find_sources(people, hold, service)
        missing = [person for person in people if sources_before[person.id] is None]
        responses = self._cases.add_many(hold.place, [_make_source(person, service) for person in missing])
        errors = {
            person.id: response
            for person, response in zip(missing, responses, strict=True)
            if isinstance(response, RequestFailed)
        }
        sources = self._cases.sources([hold.place])[0] if missing else hold.sources
        outcomes: dict[str, ServiceHold | RequestFailed] = {}
        for person in people:
            if source := sources_before[person.id]:
                outcomes[person.id] = _describe_existing_hold(state_of_source(service, hold.body, source))
            elif source := source_of(person, self._list_known_addresses(person), sources, service):
                outcomes[person.id] = state_of_source(service, hold.body, source)
            else:
                outcomes[person.id] = errors.get(person.id) or ServiceHold(
                    service, HoldStatus.REQUESTED, "the service accepted the request, but does not list the person yet"
                )
        return outcomes

    def read_states(self, matter: str, people: Sequence[Person]) -> Mapping[str, Sequence[ServiceHold]]:
        """Return the states of the holds of people in a case, by person id. A person's mail comes before the files."""
        case = find_by_name(self._cases.all(), matter)
        holds = self._cases.holds([identifier(case)])[0] if case else []
        bodies = {service: find_by_name(holds, hold_name(matter, service)) for service in INCLUDED}
        existing = {service: body for service, body in bodies.items() if case and body}
        places = [(identifier(case), identifier(body)) for body in existing.values() if case]
        sources = dict(zip(existing, self._cases.sources(places), strict=True))

        def read_state(person: Person, service: Service) -> ServiceHold:
            source = source_of(person, self._list_known_addresses(person), sources.get(service, ()), service)
            return (
                state_of_source(service, existing[service], source)
                if source
                else ServiceHold(service, HoldStatus.ABSENT)
            )

        return {person.id: [read_state(person, service) for service in INCLUDED] for person in people}

    def release(self, matter: str, person: Person, service: Service) -> None:
        """Remove a person from the hold to which `place` added them. Other people stay in the hold."""
        case = find_by_name(self._cases.all(), matter)
        hold = find_by_name(self._cases.holds([identifier(case)])[0], hold_name(matter, service)) if case else None
        if case is None or hold is None:
            return
        self._mailboxes.read(person)  # for the mailbox's earlier addresses
        place = identifier(case), identifier(hold)
        for source in self._cases.sources([place])[0]:
            if belongs_to(person, self._list_known_addresses(person), source):
                self._cases.remove(place, identifier(source))

    def _find_or_create_hold(self, matter: str, service: Service) -> _Hold:
        """Return the hold of a case for a service, with its sources.

        Create the hold and the case if they do not exist.
        """
        case = self._cases_by_name.get(matter) or self._find_or_create_case(matter)
        name = hold_name(matter, service)
        if name not in case.holds:
            case.holds[name] = self._create_hold(case.id, name)
            case.fresh.add(name)
        self._cases_by_name[matter] = case
        body = case.holds[name]
        if not flag(body.get("isEnabled"), missing=True):
            raise Rejected(f"the hold {name!r} is off, so the hold keeps nothing. {_ADVICE}")
        place = case.id, identifier(body)
        is_fresh = name in case.fresh
        case.fresh.discard(name)
        return _Hold(place, body, () if is_fresh else self._cases.sources([place])[0])

    def _find_sources(self, people: Sequence[Person], hold: _Hold, service: Service) -> Mapping[str, Body | None]:
        """Return people's sources in a hold.

        If a person has none, look for one with an earlier address of their mailbox.
        """
        sources = {
            person.id: source_of(person, self._list_known_addresses(person), hold.sources, service) for person in people
        }
        unread = [
            person for person in people if sources[person.id] is None and person.id not in self._mailboxes.addresses
        ]
        if not hold.sources or not unread:
            return sources
        self._mailboxes.read_states(unread)
        return {
            **sources,
            **{
                person.id: source_of(person, self._list_known_addresses(person), hold.sources, service)
                for person in unread
            },
        }

    def _find_or_create_case(self, matter: str) -> _Case:
        if matter in self._new_matters:
            self._new_matters.discard(matter)
            try:
                return _Case(identifier(self._cases.create(matter)))
            except Conflict:
                pass  # the case existed after all
        case_row = find_by_name(self._cases.all(), matter)
        if case_row is None:
            return _Case(identifier(self._cases.create(matter)))
        if case_row.get("status") in _CLOSED:
            raise Rejected(f"the case {matter!r} is {case_row['status']}, so the case holds nothing. {_ADVICE}")
        key = identifier(case_row)
        return _Case(key, {str(row.get("displayName")): row for row in self._cases.holds([key])[0]})

    def _create_hold(self, case: str, name: str) -> Body:
        try:
            return self._cases.create_hold(case, name)
        except Conflict:
            if hold := find_by_name(self._cases.holds([case])[0], name):  # another administrator's run was faster
                return hold
            raise

    def _add_source(self, hold: _Hold, person: Person, service: Service) -> Body | None:
        """Add a person to a hold and return the source, or None if the person has no mailbox."""

        def find_existing() -> Body | None:
            return source_of(person, self._list_known_addresses(person), self._cases.sources([hold.place])[0], service)

        try:
            return self._cases.add(hold.place, _make_source(person, service), find_existing)
        except Rejected:
            if self._mailboxes.read(person) is None:
                return None
            raise
        except Conflict:
            if source := find_existing():  # another administrator's run was faster
                return source
            raise

    def _list_known_addresses(self, person: Person) -> frozenset[str]:
        return self._mailboxes.addresses.get(person.id, frozenset()) | {comparable_address(person.address)}


def _make_source(person: Person, service: Service) -> Body:
    return {"email": person.address, "includedSources": INCLUDED[service]}


def _describe_existing_hold(state: ServiceHold) -> ServiceHold:
    return state if state.reason else replace(state, reason="was already in this case")
