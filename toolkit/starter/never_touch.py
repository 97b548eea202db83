"""Reads a school's tenants to propose accounts that no run should change."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from toolkit.engine.imports.new_school import school_without_name
from toolkit.engine.prepare_run import check_credentials, open_target
from toolkit.engine.tenants import open_tenants
from toolkit.errors import RequestFailed
from toolkit.records import dataclass
from toolkit.render.line import Line, Tone
from toolkit.school.school import Tenant
from toolkit.sdk.connector import Connection, Identity
from toolkit.sdk.directory import Person, SpecialAccounts
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.providers import providers
from toolkit.settings.settings import Settings

_BY_NAME = {
    "is for emergencies": r"break[\s._-]?glass|emergency",
    "is for safeguarding": r"safeguarding|dsl|child[\s._-]?protection",
    "belongs to a program or device": (
        r"svc|service|sync|backup|scanner|scan|copier|printer|mis|sims|wonde|filter|monitoring|no[\s._-]?reply|kiosk|mdm"
    ),
}
_NAMES = {
    meaning: re.compile(rf"(?<![a-z0-9])({words})(?![a-z0-9])", re.IGNORECASE) for meaning, words in _BY_NAME.items()
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """An account that may need protection, with the reasons."""

    address: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.address}: {'; '.join(self.reasons)}"


@dataclass(frozen=True, slots=True)
class Proposals:
    """The proposed accounts, and the reasons why some accounts could not be read."""

    accounts: Sequence[Proposal] = ()
    unknown: Sequence[str] = ()

    def lines(self) -> Iterator[Line]:
        """Yield a line for each proposed account with its reasons, and for each tenant that could not be read."""
        if self.accounts:
            yield Line("These accounts may need protection. None is protected until you confirm it:", Tone.HEADING)
        yield from (Line(f"  {proposal}") for proposal in self.accounts)
        yield from (
            Line(f"! could not be read, so accounts may be missing: {reason}", Tone.WARNING) for reason in self.unknown
        )


def read_proposals(settings: Settings, tenants: Mapping[str, str], domain: str) -> Proposals:
    """Read the tenants and propose accounts. Raise an error if no tenant can be reached."""
    by_provider = {provider: Tenant(identifier, domain) for provider, identifier in tenants.items()}
    (provider, tenant), *_ = by_provider.items()
    school = replace(school_without_name(provider, tenant), name=domain, domains=(domain,), tenants=by_provider)
    check_credentials(settings, school, Identity.READ)
    with (
        open_target(settings, school) as (target, now),
        open_tenants(school, providers(), target, identity=Identity.READ, read_only=True) as reached,
    ):
        read = [
            _read_tenant(providers()[name].title, connection, now) for name, connection in reached.connections.items()
        ]
        unreached = [f"{providers()[name].title}: {error}" for name, error in reached.unreached.items()]
    reasons: dict[str, tuple[str, ...]] = {}
    for proposals in read:
        for account in proposals.accounts:
            before = reasons.get(account.address, ())
            reasons[account.address] = tuple(dict.fromkeys((*before, *account.reasons)))
    accounts = [Proposal(address, reasons[address]) for address in sorted(reasons)]
    return Proposals(accounts, [*unreached, *(reason for proposals in read for reason in proposals.unknown)])


def propose(people: Mapping[str, Person], special: SpecialAccounts) -> Sequence[Proposal]:
    """Return the accounts that do not seem to belong to an ordinary person, by their name or the tenant's settings."""
    return [
        Proposal(person.address.casefold(), reasons)
        for key, person in people.items()
        if (reasons := (*special.reasons.get(key, ()), *_reasons_from_name(person)))
    ]


def _reasons_from_name(person: Person) -> Iterator[str]:
    texts = (person.name, person.address.partition("@")[0])
    for meaning, words in _NAMES.items():
        if match := next(filter(None, map(words.search, texts)), None):
            yield f"its name suggests that it {meaning} ({match.string})"


def _read_tenant(title: str, connection: Connection, now: datetime) -> Proposals:
    try:
        directory = read_safely("people", lambda: connection.directory(people=True, groups=()))
        special = read_safely("accounts", lambda: connection.special_accounts(directory.people, now))
    except RequestFailed as error:
        return Proposals(unknown=[f"{title}: {error}"])
    unknown = [*directory.unknown.values(), *special.unknown]
    return Proposals(propose(directory.people, special), [f"{title}: {reason}" for reason in unknown])
