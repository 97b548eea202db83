"""The interface for checks of facts in a tenant that are not settings, for example the number of people with MFA."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

from toolkit.errors import NotLicensed, ServiceError, answered
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.directory import Audience, Person, Scope
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.measurement import Measurement
from toolkit.sdk.reason import Reason, reason_of
from toolkit.sdk.statement import Statement
from toolkit.values import Body


class Status(StrEnum):
    """The result of a check."""

    PASS = "pass"  # noqa: S105 - a result, not a secret
    FAIL = "fail"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    UNAVAILABLE = "unavailable"


Fact: TypeAlias = "bool | str | Sequence[Fact] | Mapping[str, Fact] | None"
Facts: TypeAlias = "Mapping[str, Fact]"
"""Results other than numbers. A number belongs to a measurement."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check for one subject: status, reason, numbers and other facts."""

    subject: str
    status: Status
    reason: Reason
    facts: Facts = field(default_factory=dict)
    letter: tuple[str, ...] = ()  # the lines of an e-mail that requests the missing things
    measurement: Measurement | None = None  # None if it counts nothing
    statement: Statement | None = None  # a person's statement on which the finding is based
    who: Sequence[str] | None = None  # addresses of the people who fail, if the playbook allows names
    has_failed: bool = False  # a test or a record of the school has a bad result

    @property
    def evidence(self) -> Body:
        """Return the numbers, the statement, the people and the facts of the finding as JSON, as the ledger stores
        them.
        """
        stored = [value.to_json() for value in (self.measurement, self.statement) if value]
        who: Body = {} if self.who is None else {"who": [*self.who]}
        failed: Body = {"result": "failed"} if self.has_failed else {}
        return {key: value for part in (*stored, who, self.facts, failed) for key, value in part.items()}


T = TypeVar("T")
S_contra = TypeVar("S_contra", contravariant=True)


AUDIENCE_UNREAD = "it is unknown to whom this control applies"


class AudienceUnread(ServiceError):
    """Raised if a finding depends on an audience that could not be read."""


@dataclass(frozen=True, slots=True)
class CheckOccasion:
    """The inputs of a check: the school, the people to whom the control applies, and the present time."""

    school: School
    known_scope: Scope | None
    now: datetime
    counted_people: Mapping[str, Sequence[Person] | None] = field(default_factory=dict)
    """People who are counted separately, by the name of the setting, and `everyone`. None if unknown."""
    other_domains: frozenset[str] = frozenset()
    """The domains of schools that share the tenant and are not checked, in lower case."""

    @property
    def scope(self) -> Scope:
        """Return the people to whom the control applies. Raise AudienceUnread if they are unknown."""
        if self.known_scope is None:
            raise AudienceUnread(AUDIENCE_UNREAD)
        return self.known_scope

    def reaches(self, person: str) -> bool:
        """Return whether the control applies to the person with this immutable id."""
        scope = self.scope
        if any(_contains_person(excepted, person) for excepted in scope.excepted_audiences):
            return False
        return _contains_person(scope.audience, person) and (
            scope.pilot is None or _contains_person(scope.pilot, person)
        )


class Check(Protocol[S_contra]):
    """Checks a control in a tenant. Defined as `check` in connectors/<provider>/checks/<area>/<name>.

    `settings` has the control's own type, S. `connection` is the provider's open connection. A check only reads. If a
    check cannot read its subject, its finding is unknown (see `check_subject`) and never passes. Reasons do not name
    people. Numbers go into a `Measurement` of the check.
    """

    def __call__(self, settings: S_contra, context: CheckOccasion, connection: Any, /) -> Iterable[Finding]: ...


def check_subject(subject: str, run_check: Callable[[], Finding]) -> Finding:
    """Run a check and return its finding. If the tenant cannot be read, the finding is unknown or unavailable."""
    finding = attempt(subject, run_check)
    return unread_finding(subject, finding) if isinstance(finding, ServiceError) else finding


def unread_finding(subject: str, error: ServiceError) -> Finding:
    """Return the finding about a subject that cannot be read.

    The finding is unavailable if the licences do not include the subject, otherwise unknown.
    """
    status = Status.UNAVAILABLE if isinstance(error, NotLicensed) else Status.UNKNOWN
    return Finding(subject, status, reason_of(error))


def check_subjects(subjects: Iterable[str], run_check: Callable[[], Iterable[Finding]]) -> Iterable[Finding]:
    """Run a check on several subjects that share one read, and return their findings.

    If the read fails, every finding is unknown or unavailable.
    """
    look_once = read_only_once(lambda: {finding.subject: finding for finding in run_check()})
    return [check_subject(subject, partial(_select_finding, subject, look_once)) for subject in subjects]


def _select_finding(subject: str, run_check: Callable[[], Mapping[str, Finding]]) -> Finding:
    return run_check()[subject]


def read_only_once(read: Callable[[], T]) -> Callable[[], T]:
    """Return a function that calls `read` only once. Later calls return the same value or raise the same error."""
    answers: list[T | ServiceError] = []

    def read_result() -> T:
        if not answers:
            answers.append(attempt("the tenant", read))
        (answer,) = answers
        return answered(answer)

    return read_result


def _contains_person(audience: Audience, person: str) -> bool:
    return audience.group is None or person in audience.group.members
