"""The cases of a school in Vault: a matter for each case, and the holds in the matter.

Names of matters are not unique, so a mark in the description identifies the matter of a case.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from connectors.google_workspace.legal_holds.vault import Hold, Matter, Vault
from toolkit.errors import NotFound
from toolkit.records import dataclass
from toolkit.sdk import Person, Service
from toolkit.values import Body, Json


@dataclass(frozen=True, slots=True)
class Case:
    """A case as toolkit read it, with its matters and holds.

    It has two matters if a run ended before Vault confirmed that the first matter was created.
    """

    name: str
    matters: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()

    def holds_on(self, service: Service) -> tuple[Hold, ...]:
        """Return the holds on accounts in a service. Holds on units are left out."""
        corpus = CORPORA[service].name
        return tuple(hold for hold in self.holds if hold.corpus == corpus and hold.unit is None)

    def own_holds(self, service: Service, person: Person) -> tuple[Hold, ...]:
        """Return toolkit's own holds in a service. Their names identify them, because a hold has no description."""
        name = hold_name(self.name, service, person)
        return tuple(sorted((hold for hold in self.holds_on(service) if hold.name == name), key=lambda hold: hold.id))

    def with_hold(self, hold: Hold) -> "Case":
        """Return a copy of the case in which this hold is new or changed."""
        return replace(self, holds=(*(other for other in self.holds if other.id != hold.id), hold))


class Cases:
    """The cases that a run uses.

    The list of matters is read once, and holds are read again if they may have changed.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._matters: Sequence[Matter] = ()
        self._known: dict[str, Case] = {}
        self._new: set[str] = set()

    def mark_as_new(self, name: str) -> None:
        """Record that a case is new, so that toolkit creates its matter without a search for an existing matter."""
        self._new.add(name)

    def open(self, name: str) -> Case:
        """Return a case as this run last read it. Create the matter of the case if there is none."""
        if name in self._new:
            self._new.discard(name)
            matter = self._vault.open_matter(name, _make_mark(name))
            self._matters = [*self._matters, matter]
            self.keep(Case(name, (matter.id,)))
        case = self._known.get(name) or self.read(name)
        if case.matters:
            return case
        matter = self._vault.open_matter(name, _make_mark(name))
        self._matters = [*self._matters, matter]
        # A matter found after a lost response may be older than this run, and may have holds.
        return self.read(name)

    def read(self, name: str) -> Case:
        """Return a case with its holds, read again. A case without a matter has no holds."""
        matters = self._find_matters(name)
        case = Case(name, matters, tuple(self._vault.holds(matters)) if matters else ())
        if matters:
            self._known[name] = case
        return case

    def find_all(self, name: str) -> tuple[str, ...]:
        """Return the ids of a case's matters in any state. Raise NotFound if no matter has the mark of the case."""
        if matters := _find_matters_with_mark(_make_mark(name), self._vault.matters("STATE_UNSPECIFIED")):
            return matters
        raise NotFound("Vault shows no matter of this case, so toolkit cannot search its log for the case")

    def keep(self, case: Case) -> None:
        """Store a case after this run has changed it."""
        self._known[case.name] = case

    def forget(self, name: str) -> None:
        """Forget the holds of a case, so that they are read again before the next change."""
        self._known.pop(name, None)

    def _find_matters(self, name: str) -> tuple[str, ...]:
        """Return the ids of a case's matters. If the list of matters has none for the case, read the list again."""
        matters = _find_matters_with_mark(_make_mark(name), self._matters)
        if not matters:
            self._matters = self._vault.matters()
            matters = _find_matters_with_mark(_make_mark(name), self._matters)
        return matters


def hold_name(case: str, service: Service, person: Person) -> str:
    """Return the name of a hold, from the case and the service. The name contains no person's name.

    All people of a case share one hold in a service. For groups, each person has a separate hold, because people of a
    case may be in the same groups. If a person is released, the other people's groups must stay on hold.
    """
    if service is not Service.GROUPS:
        return f"{case} {service}"
    return f"{case} {service} {sha256(f'{case} {person.id}'.encode()).hexdigest()[:8]}"


def _make_mark(name: str) -> str:
    return f"[toolkit:{name}]"


def _find_matters_with_mark(mark: str, matters: Iterable[Matter]) -> tuple[str, ...]:
    return tuple(sorted(matter.id for matter in matters if mark in matter.description))


_DATES = {"startTime": "from {day} on", "endTime": "until {day}"}


@dataclass(frozen=True, slots=True)
class Corpus:
    """A service of Vault. `query` is the query of a hold that keeps everything in the service."""

    name: str
    asking: str  # the key of its options in a query
    query: Body

    @property
    def whole(self) -> Body:
        """Return the query in the format of Vault's API."""
        return {self.asking: self.query}

    def bounds(self, query: Body) -> tuple[str, ...]:
        """Return the restrictions of a hold with this query, as sentences that do not reveal search terms."""
        return tuple(_list_restrictions(self, query))


CORPORA: Mapping[Service, Corpus] = {
    Service.MAIL: Corpus("MAIL", "mailQuery", {}),
    # Files in shared drives that the account can open may also be the person's work, so they are held too.
    Service.FILES: Corpus("DRIVE", "driveQuery", {"includeSharedDriveFiles": True}),
    Service.CHAT: Corpus("HANGOUTS_CHAT", "hangoutsChatQuery", {"includeRooms": True}),
    Service.GROUPS: Corpus("GROUPS", "groupsQuery", {}),
    Service.CALENDAR: Corpus("CALENDAR", "calendarQuery", {}),
}
_BY_NAME = {corpus.name: corpus for corpus in CORPORA.values()}
_LEFT_OUT = {"includeSharedDriveFiles": "shared drives are left out", "includeRooms": "chat spaces are left out"}
_OLD_NAMES = {"includeTeamDriveFiles"}  # means the same as includeSharedDriveFiles


def is_whole(corpus: str, query: Body) -> bool:
    """Return whether a hold with this query keeps everything.

    For an unknown service, the query must have no options.
    """
    known_corpus = _BY_NAME.get(corpus)
    return (
        not known_corpus.bounds(query)
        if known_corpus
        else not any(_list_used_options(options) for options in query.values())
    )


def _list_restrictions(corpus: Corpus, query: Body) -> Iterator[str]:
    options = _list_used_options(query.get(corpus.asking))
    yield from (_LEFT_OUT[name] for name in corpus.query if name not in options)
    for name, value in sorted(options.items()):
        if name in corpus.query or name in _OLD_NAMES:
            continue
        if name in _DATES:
            yield f"only data {_DATES[name].format(day=str(value)[:10])} is kept"
        else:
            criterion = "search terms" if name == "terms" else name
            yield f"only data that matches the hold's {criterion} is kept"


def _list_used_options(options: Json) -> Body:
    """Return the options that have a value. Vault may leave out options without a value."""
    return {name: value for name, value in options.items() if value} if isinstance(options, Mapping) else {}
