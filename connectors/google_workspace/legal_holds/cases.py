"""A case in Vault: the matter that bears our mark for it, and what it holds.

Names of matters are not unique, so a matter is known by the mark in its description alone.
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
    """What was read of a case; two matters bear one mark where a run ended before it heard that it had made one."""

    name: str
    matters: tuple[str, ...] = ()
    holds: tuple[Hold, ...] = ()

    def holds_on(self, service: Service) -> tuple[Hold, ...]:
        """Give the holds on accounts in one service."""
        corpus = CORPORA[service].name
        return tuple(hold for hold in self.holds if hold.corpus == corpus and hold.unit is None)

    def ours(self, service: Service, person: Person) -> tuple[Hold, ...]:
        """Give the holds that this tool made: by their name, since a hold has nothing else to mark it by."""
        name = hold_name(self.name, service, person)
        return tuple(sorted((hold for hold in self.holds_on(service) if hold.name == name), key=lambda hold: hold.id))

    def with_hold(self, hold: Hold) -> "Case":
        """Give the case as it is after a hold was made or changed."""
        return replace(self, holds=(*(other for other in self.holds if other.id != hold.id), hold))


class Cases:
    """The cases of one run: the list of matters is read once, what a case holds as often as that must be fresh."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._matters: Sequence[Matter] = ()
        self._known: dict[str, Case] = {}
        self._new: set[str] = set()

    def starts(self, name: str) -> None:
        """Hear that a case is new, so that its matter is opened without being looked for."""
        self._new.add(name)

    def open(self, name: str) -> Case:
        """Give a case as this run last saw it; its matter is opened where there is none."""
        if name in self._new:
            self._new.discard(name)
            matter = self._vault.open_matter(name, _mark(name))
            self._matters = [*self._matters, matter]
            self.keep(Case(name, (matter.id,)))
        case = self._known.get(name) or self.read(name)
        if case.matters:
            return case
        matter = self._vault.open_matter(name, _mark(name))
        self._matters = [*self._matters, matter]
        # What was looked for after a lost answer may be older than this run, and hold something.
        return self.read(name)

    def read(self, name: str) -> Case:
        """Read what a case holds; no matter, nothing held."""
        matters = self._find_matters(name)
        case = Case(name, matters, tuple(self._vault.holds(matters)) if matters else ())
        if matters:
            self._known[name] = case
        return case

    def find_all(self, name: str) -> tuple[str, ...]:
        """Find the matters of a case in any state; NotFound where none bears its mark."""
        if matters := _with_mark(_mark(name), self._vault.matters("STATE_UNSPECIFIED")):
            return matters
        raise NotFound("Vault shows no matter of this case, so its log cannot be searched for it")

    def keep(self, case: Case) -> None:
        """Remember what a case holds after a change."""
        self._known[case.name] = case

    def forget(self, name: str) -> None:
        """Forget what a case holds, so that it is read again before the next change."""
        self._known.pop(name, None)

    def _find_matters(self, name: str) -> tuple[str, ...]:
        """Find the matters of a case, in the list of now where an older one does not have it."""
        matters = _with_mark(_mark(name), self._matters)
        if not matters:
            self._matters = self._vault.matters()
            matters = _with_mark(_mark(name), self._matters)
        return matters


def hold_name(case: str, service: Service, person: Person) -> str:
    """Return a hold's name, made of its case and service alone, so that it names no person.

    All people of a case share one, but on groups each has one of their own: what is on it are groups, which others
    of the case may be in as well, and letting go one person must not let go theirs.
    """
    if service is not Service.GROUPS:
        return f"{case} {service}"
    return f"{case} {service} {sha256(f'{case} {person.id}'.encode()).hexdigest()[:8]}"


def _mark(name: str) -> str:
    return f"[toolkit:{name}]"


def _with_mark(mark: str, matters: Iterable[Matter]) -> tuple[str, ...]:
    return tuple(sorted(matter.id for matter in matters if mark in matter.description))


_DATES = {"startTime": "from {day} on", "endTime": "until {day}"}


@dataclass(frozen=True, slots=True)
class Corpus:
    """One of Vault's services; `query` is that of a hold that keeps everything."""

    name: str
    asking: str  # where its options stand in a query
    query: Body

    @property
    def whole(self) -> Body:
        """Give the query as the API takes it."""
        return {self.asking: self.query}

    def bounds(self, query: Body) -> tuple[str, ...]:
        """Say what a hold with this query leaves out, in words that do not tell what was searched for."""
        return tuple(_bounds(self, query))


CORPORA: Mapping[Service, Corpus] = {
    Service.MAIL: Corpus("MAIL", "mailQuery", {}),
    # Files in the shared drives that the account can open are no less theirs to have written, so they are kept too.
    Service.FILES: Corpus("DRIVE", "driveQuery", {"includeSharedDriveFiles": True}),
    Service.CHAT: Corpus("HANGOUTS_CHAT", "hangoutsChatQuery", {"includeRooms": True}),
    Service.GROUPS: Corpus("GROUPS", "groupsQuery", {}),
    Service.CALENDAR: Corpus("CALENDAR", "calendarQuery", {}),
}
_BY_NAME = {corpus.name: corpus for corpus in CORPORA.values()}
_LEFT_OUT = {"includeSharedDriveFiles": "shared drives are left out", "includeRooms": "spaces of chat are left out"}
_OLD_NAMES = {"includeTeamDriveFiles"}  # says again what includeSharedDriveFiles says


def is_whole(corpus: str, query: Body) -> bool:
    """Say whether a query bounds nothing; of a corpus that is not among ours, whether it asks for nothing at all."""
    known_corpus = _BY_NAME.get(corpus)
    return (
        not known_corpus.bounds(query)
        if known_corpus
        else not any(_used_options(options) for options in query.values())
    )


def _bounds(corpus: Corpus, query: Body) -> Iterator[str]:
    options = _used_options(query.get(corpus.asking))
    yield from (_LEFT_OUT[name] for name in corpus.query if name not in options)
    for name, value in sorted(options.items()):
        if name in corpus.query or name in _OLD_NAMES:
            continue
        if name in _DATES:
            yield f"only what is dated {_DATES[name].format(day=str(value)[:10])} is kept"
        else:
            criterion = "search terms" if name == "terms" else name
            yield f"only what matches its {criterion} is kept"


def _used_options(options: Json) -> Body:
    """Give the options that say something: the service may leave the others out or not."""
    return {name: value for name, value in options.items() if value} if isinstance(options, Mapping) else {}
