"""Test assumptions about the vendors at the first run on a live tenant, and hold back changes that rely on an
untested assumption.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import field
from enum import StrEnum

from toolkit.engine.apply.outcome import Result
from toolkit.engine.run_report import Report
from toolkit.errors import Exit, ServiceError, UsageError
from toolkit.messages import did_you_mean, quoted
from toolkit.planning.unproven import UnprovenFact, relies_on
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.first_run import VendorFact
from toolkit.sdk.providers import facts, kinds
from toolkit.sdk.reason import Reason, reason_of
from toolkit.sdk.request_log import REQUESTS
from toolkit.settings.settings import Settings
from toolkit.settings.verified_file import Verification, read_verified, tenant_key, write_verified

READ, WRITE = "read", "write"


class FactState(StrEnum):
    """The possible results of testing an assumption about a vendor in a tenant."""

    VERIFIED = "verified"
    CONTRADICTED = "contradicted"
    UNREAD = "unread"
    NOT_SHOWN = "not_shown"  # no object shows the fact yet, but the first write will
    NEEDS_WRITE = "needs_write"
    NOT_USED = "not_used"


_CODES = {FactState.CONTRADICTED: Exit.UNREAD, FactState.UNREAD: Exit.UNREAD}


@dataclass(frozen=True, slots=True)
class SeenFact:
    """An assumption about a vendor, whether a tenant confirms it, and the requests that tested it."""

    provider: str
    fact: VendorFact
    state: FactState
    requests: Sequence[tuple[str, str]] = ()  # the status and the service's id of each request
    reason: Reason | None = None
    verification: Verification | None = None


def exit_code_of_facts(seen_facts: Sequence[SeenFact]) -> Exit:
    """Return exit code 4 if a tenant contradicts an assumption, or if an assumption could not be tested.

    Otherwise return 0.
    """
    return max((_CODES.get(seen_fact.state, Exit.AS_WANTED) for seen_fact in seen_facts), default=Exit.AS_WANTED)


def test_vendor_facts(
    connections: Mapping[str, Connection],
    earlier_verifications: Mapping[str, Mapping[str, Verification]],
    new_verification: Verification,
) -> Iterator[SeenFact]:
    """Test the assumptions about vendors in each tenant, and yield the results.

    `earlier_verifications` contains earlier verifications by provider.
    """
    for provider, connection in connections.items():
        for fact in facts(provider):
            yield _test_vendor_fact(
                provider, fact, connection, earlier_verifications[provider].get(fact.name), new_verification
            )


def _test_vendor_fact(
    provider: str,
    fact: VendorFact,
    connection: Connection,
    earlier_verification: Verification | None,
    new_verification: Verification,
) -> SeenFact:
    settle = fact.settle
    if settle is None:
        waits = FactState.NEEDS_WRITE if fact.rests or fact.command else FactState.NOT_USED
        state = FactState.VERIFIED if earlier_verification else waits
        return SeenFact(provider, fact, state, verification=earlier_verification)
    with _record_requests() as made:
        shown = attempt(fact.name, lambda: settle(connection))
        if isinstance(shown, ServiceError):
            return SeenFact(provider, fact, FactState.UNREAD, tuple(made.responses), reason_of(shown))
    if shown is None:
        state = FactState.VERIFIED if earlier_verification else FactState.NOT_SHOWN
        return SeenFact(provider, fact, state, tuple(made.responses), verification=earlier_verification)
    state = FactState.VERIFIED if shown else FactState.CONTRADICTED
    return SeenFact(provider, fact, state, tuple(made.responses), verification=new_verification if shown else None)


class _RequestRecorder(logging.Handler):
    """A log handler that keeps the status and the id of each request, and no text that could name a person."""

    def __init__(self) -> None:
        super().__init__()
        self.responses: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.args, tuple):
            self.responses.append((str(record.args[3]), str(record.args[5])))


@contextmanager
def _record_requests() -> Iterator[_RequestRecorder]:
    handler, level, propagates = _RequestRecorder(), REQUESTS.level, REQUESTS.propagate
    REQUESTS.addHandler(handler)
    REQUESTS.setLevel(logging.INFO)
    REQUESTS.propagate = False
    try:
        yield handler
    finally:
        REQUESTS.removeHandler(handler)
        REQUESTS.setLevel(level)
        REQUESTS.propagate = propagates


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The assumptions about vendors that a school's tenants have confirmed. They are stored in the school's folder."""

    settings: Settings
    school: School
    _before: dict[str, dict[str, Verification]] = field(default_factory=dict)

    @classmethod
    def read(cls, settings: Settings, school: School) -> "FirstRun":
        """Read the school's `verified.yaml`. Raise UsageError if the file was edited or has another format."""
        read = read_verified(settings.folder.path)
        return cls(settings, school, {key: dict(verifications) for key, verifications in read.items()})

    def verifications_of(self, provider: str) -> dict[str, Verification]:
        """Return the assumptions that the tenant of a provider has confirmed, by name."""
        return self._before.setdefault(tenant_key(self.settings.target, self.school.tenants[provider].id), {})

    def store_read_facts(self, seen_facts: Sequence[SeenFact]) -> None:
        """Store the facts that a read of the tenants has confirmed.

        If a read contradicts a fact, its verification is removed.
        """
        for seen_fact in seen_facts:
            if seen_fact.state is FactState.CONTRADICTED:
                self.verifications_of(seen_fact.provider).pop(seen_fact.fact.name, None)
            elif seen_fact.verification:
                self.verifications_of(seen_fact.provider)[seen_fact.fact.name] = seen_fact.verification
        write_verified(self.settings.folder.path, self._before)

    def store_written_facts(self, report: Report) -> Sequence[str]:
        """Store the assumptions that the writes of a run have confirmed, and return their names."""
        done = [outcome.change for outcome in report.outcomes or () if outcome.result is Result.DONE]
        now = Verification(report.context.now.date(), WRITE, report.context.run)
        shown = [
            (name, fact.name)
            for name in self.school.tenants
            for fact in facts(name)
            if (fact.shown_by_write or not fact.settle) and any(relies_on(change, name, fact) for change in done)
        ]
        new = [(provider, name) for provider, name in shown if name not in self.verifications_of(provider)]
        for provider, name in new:
            self.verifications_of(provider)[name] = now
        if new:
            write_verified(self.settings.folder.path, self._before)
        return [name for _, name in new]


def find_unproven_facts(settings: Settings, school: School, allowed_kinds: Sequence[str]) -> Sequence[UnprovenFact]:
    """Return the assumptions about vendors that no tenant of the school has confirmed yet, so that no write relies on
    them. Raise UsageError for an unknown kind in `allowed_kinds`.
    """
    kind_names = [f"{name}.{kind}" for name in school.tenants for kind in (kinds(name) if allowed_kinds else ())]
    for word in allowed_kinds:
        if word not in kind_names:
            raise UsageError(f"--unverified: unknown kind {quoted(word)}{did_you_mean(word, kind_names)}")
    if settings.target != "live":
        return ()
    first = FirstRun.read(settings, school)
    return [
        UnprovenFact(name, fact)
        for name in school.tenants
        for fact in facts(name)
        if fact.rests and fact.name not in first.verifications_of(name) and not _is_allowed(name, fact, allowed_kinds)
    ]


def _is_allowed(provider: str, fact: VendorFact, allowed_kinds: Sequence[str]) -> bool:
    return any(f"{provider}.{rests.kind}" in allowed_kinds for rests in fact.rests)
