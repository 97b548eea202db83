"""Reads the clouds' logs for the people who acted in a case, including people who have no part in the case."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from toolkit.errors import Exit, ServiceError
from toolkit.holds.model import Case, Consent
from toolkit.holds.session import HoldSession
from toolkit.records import dataclass
from toolkit.render.line import Line, Tone, row, rows, to_body
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.legal_holds import CaseAccess
from toolkit.values import Body

_KEPT = timedelta(days=180)  # by Google's log
_BY_HAND = (
    "toolkit cannot read the log of cases there: search Audit in the Microsoft Purview portal for eDiscovery activities"
)


@dataclass(frozen=True, slots=True)
class CloudAccess:
    """The log of a case in one cloud."""

    provider: str
    outsiders: Sequence[CaseAccess] = ()  # people without a part in the case
    participants: Sequence[CaseAccess] = ()
    failure: str = ""
    by_hand: str = ""

    @property
    def exit(self) -> Exit:
        return Exit.UNREAD if self.failure else Exit.PENDING if self.outsiders else Exit.AS_WANTED


def access_since(session: HoldSession, case: Case) -> datetime:
    """Return the start of a case, or the start of the log if the log does not reach back that far."""
    return max(min((custodian.since for custodian in case.people.values()), default=session.now), session.now - _KEPT)


def read_access(session: HoldSession, case: Case) -> Iterator[CloudAccess]:
    """Yield, for each cloud, the people who acted in a case since it began, as far back as the log goes."""
    begins = access_since(session, case)
    parts = {consent.by.casefold() for consent in _all_consents(case)}
    for name, error in session.unreachable.items():
        if _may_have_data(case, name):
            yield CloudAccess(name, failure=str(error))
    for name, connection in session.connections.items():
        if not _may_have_data(case, name):
            continue
        accesses = attempt("holds", partial(connection.holding.read_case_access, case.matter, begins, session.now))
        if isinstance(accesses, ServiceError):
            yield CloudAccess(name, failure=str(accesses))
            continue
        if accesses is None:
            yield CloudAccess(name, by_hand=_BY_HAND)
            continue
        participants = [access for access in accesses if access.who.casefold() in parts]
        yield CloudAccess(name, [access for access in accesses if access not in participants], participants)


def _may_have_data(case: Case, cloud: str) -> bool:
    """Return whether a cloud may have data of a case because a person in the case may have an account there."""
    accounts = [custodian.clouds.get(cloud) for custodian in case.people.values()]
    return any(held is None or held.id or held.unread for held in accounts) or any(
        search.cloud == cloud for search in case.searches
    )


def _all_consents(case: Case) -> Iterator[Consent]:
    yield from case.consents
    for search in case.searches:
        yield from ([search.asked] if search.asked else [])
        yield from search.consents


def access_lines(case: Case, since: datetime, accesses: Iterable[CloudAccess]) -> Iterator[Line]:
    """Yield lines about the people who acted in a case, grouped by cloud."""
    yield Line(f"Case {case.name}, called {case.matter} in the clouds, since {day(since.date())}", Tone.HEADING)
    for cloud in accesses:
        if text := cloud.failure or cloud.by_hand:
            yield Line(f"  ? {cloud.provider}: {text}", Tone.WARNING if cloud.failure else Tone.PLAIN)
            continue
        for sign, people in (("!", cloud.outsiders), ("=", cloud.participants)):
            for person in people:
                part = "asked or agreed in this case" if sign == "=" else "has no part in this case"
                sentence = (
                    f"{person.who}, {count_text(person.acts, 'act')}, the last on {day(person.last.date())}: {part}"
                )
                yield Line(f"  {sign} {cloud.provider}: {sentence}", Tone.WARNING if sign == "!" else Tone.PLAIN)
        if not cloud.outsiders and not cloud.participants:
            yield Line(f"  = {cloud.provider}: the log shows no one else in this case")


def access_answer(case: Case, since: datetime, accesses: Iterable[CloudAccess]) -> Body:
    """Return the people who acted in a case as JSON."""
    people = ("who", "acts", "last")
    clouds = [
        {
            **row(cloud, "provider", "unread?=failure", "by_hand?"),
            "others": rows(cloud.outsiders, *people),
            "known": rows(cloud.participants, *people),
        }
        for cloud in accesses
    ]
    return to_body({"format": 1, **row(case, "case=name", "matter"), "since": since, "clouds": clouds})
