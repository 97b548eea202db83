"""What Google calls each service that can be held, what a hold without bounds asks of it, and what bounds one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolkit.sdk.legal_holds import Service
from toolkit.values import Body, Json

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
    known = _BY_NAME.get(corpus)
    return not known.bounds(query) if known else not any(_set(options) for options in query.values())


def _bounds(corpus: Corpus, query: Body) -> Iterator[str]:
    options = _set(query.get(corpus.asking))
    yield from (_LEFT_OUT[name] for name in corpus.query if name not in options)
    for name, value in sorted(options.items()):
        if name in corpus.query or name in _OLD_NAMES:
            continue
        if name in _DATES:
            yield f"only what is dated {_DATES[name].format(day=str(value)[:10])} is kept"
        else:
            what = "search terms" if name == "terms" else name
            yield f"only what matches its {what} is kept"


def _set(options: Json) -> Body:
    """Give the options that say something: the service may leave the others out or not."""
    return {name: value for name, value in options.items() if value} if isinstance(options, Mapping) else {}
