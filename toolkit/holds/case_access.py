"""Who did something in a case in the clouds, beside those who have a part in it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from toolkit.errors import Exit, ServiceError
from toolkit.holds.model import Case, Consent
from toolkit.holds.session import Desk
from toolkit.records import dataclass
from toolkit.render.line import Line, Tone, row, rows, to_body
from toolkit.render.values_text import counted
from toolkit.sdk.dates import day
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.legal_holds import CaseAccess
from toolkit.values import Body

_KEPT = timedelta(days=180)  # by Google's log
_BY_HAND = "toolkit reads no log of cases there: search Audit in the Microsoft Purview portal for eDiscovery activities"


@dataclass(frozen=True, slots=True)
class CloudAccess:
    """What one cloud shows of a case."""

    provider: str
    others: Sequence[CaseAccess] = ()  # without those who have a part in the case
    known: Sequence[CaseAccess] = ()
    unread: str = ""
    by_hand: str = ""

    @property
    def exit(self) -> Exit:
        return Exit.UNREAD if self.unread else Exit.PENDING if self.others else Exit.AS_WANTED


def access_since(desk: Desk, case: Case) -> datetime:
    """Return when a case began, or the date before which the log has nothing any more."""
    return max(min((one.since for one in case.people.values()), default=desk.now), desk.now - _KEPT)


def read_access(desk: Desk, case: Case) -> Iterator[CloudAccess]:
    """Read from each cloud who did something in a case since it began, as far back as the log goes."""
    begins = access_since(desk, case)
    parts = {consent.by.casefold() for consent in _consents(case)}
    yield from (CloudAccess(name, unread=str(error)) for name, error in desk.unreached.items() if _is_in(case, name))
    for name, connection in desk.connections.items():
        if not _is_in(case, name):
            continue
        found = attempt("holds", partial(connection.holding.opened_by, case.matter, begins, desk.now))
        if isinstance(found, ServiceError):
            yield CloudAccess(name, unread=str(found))
            continue
        if found is None:
            yield CloudAccess(name, by_hand=_BY_HAND)
            continue
        known = [one for one in found if one.who.casefold() in parts]
        yield CloudAccess(name, [one for one in found if one not in known], known)


def _is_in(case: Case, cloud: str) -> bool:
    """Return whether a cloud may have anything of a case: not where no one of it has an account there."""
    accounts = [one.clouds.get(cloud) for one in case.people.values()]
    return any(held is None or held.id or held.unread for held in accounts) or any(
        search.cloud == cloud for search in case.searches
    )


def _consents(case: Case) -> Iterator[Consent]:
    yield from case.consents
    for search in case.searches:
        yield from ([search.asked] if search.asked else [])
        yield from search.consents


def access_lines(case: Case, since: datetime, found: Iterable[CloudAccess]) -> Iterator[Line]:
    """Show who did something in a case, cloud by cloud."""
    yield Line(f"Case {case.name}, called {case.matter} in the clouds, since {day(since.date())}", Tone.HEADING)
    for cloud in found:
        if text := cloud.unread or cloud.by_hand:
            yield Line(f"  ? {cloud.provider}: {text}", Tone.WARNING if cloud.unread else Tone.PLAIN)
            continue
        for sign, people in (("!", cloud.others), ("=", cloud.known)):
            for one in people:
                part = "asked or agreed in this case" if sign == "=" else "has no part in this case"
                told = f"{one.who}, {counted(one.acts, 'act')}, the last on {day(one.last.date())}: {part}"
                yield Line(f"  {sign} {cloud.provider}: {told}", Tone.WARNING if sign == "!" else Tone.PLAIN)
        if not cloud.others and not cloud.known:
            yield Line(f"  = {cloud.provider}: the log shows no one else in this case")


def access_answer(case: Case, since: datetime, found: Iterable[CloudAccess]) -> Body:
    """Return the same as JSON."""
    people = ("who", "acts", "last")
    clouds = [
        {
            **row(cloud, "provider", "unread?", "by_hand?"),
            "others": rows(cloud.others, *people),
            "known": rows(cloud.known, *people),
        }
        for cloud in found
    ]
    return to_body({"format": 1, **row(case, "case=name", "matter"), "since": since, "clouds": clouds})
