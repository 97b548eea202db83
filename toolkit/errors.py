"""Everything that can go wrong, in the user's words.

ToolkitError
├── PlaybookError       every problem of the playbooks at once
├── UsageError          the command or the settings do not say what to do
├── WrongTenant         these credentials are for another school
├── UnsafePlan          a limit or a protected account refuses it
├── StalePlan           the tenant or the playbooks moved since the plan was reviewed
├── NotAllowed          a person has no say in what they asked for
├── EvidenceNeeded      an open case needs what was to be removed
├── LedgerError         the ledger is damaged, or cannot be written
│   ├── LeaseHeld           another run is writing to the school
│   └── LedgerUnreachable   the ledger's database does not answer
├── WriteInReadOnlyRun  a command that only reads tried to write
└── RequestFailed       a request to a vendor failed
    ├── SignInRefused       the sign-in service refused the credentials, so that every other request fails too
    └── ServiceError        a service of the vendor answered no
        ├── Refused             a permission or a role is missing
        ├── NotLicensed         the tenant's licences do not include it
        ├── NotFound            the object is not there
        ├── Conflict            an object of that name exists already
        ├── Rejected            the service does not accept what was sent
        ├── BadAnswer           the answer is not one, or not all of one
        ├── OutOfTime           a list or a run reached its limit of time
        ├── Unexpected          reading an answer failed in a way that toolkit does not know
        └── Transient           the same call may go through later
            ├── Throttled           too many calls
            └── Unavailable         no answer, or the service's own failure
                └── HostNotFound        this computer cannot find the host
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

T = TypeVar("T")


class Exit(IntEnum):
    """What a command's exit code says; of several the first of failed, refused, pending and unread wins."""

    AS_WANTED = 0
    FAILED = 1
    USAGE = 2
    PENDING = 3
    UNREAD = 4
    REFUSED = 5
    INTERRUPTED = 130
    TERMINATED = 143


class ToolkitError(Exception):
    """Something that is told to the user in one line, never as a traceback."""

    exit = Exit.FAILED


class Terminated(KeyboardInterrupt):
    """The process was told to end by SIGTERM, as cron and systemd do; it ends as after Ctrl-C."""

    exit = Exit.TERMINATED


class OverTime(KeyboardInterrupt):
    """The run went on working on this computer after its limit of time; it ends as after Ctrl-C, and says why."""

    exit = Exit.UNREAD


def exit_of_interrupt(cause: BaseException | None) -> Exit:
    """Return the exit code of a run that was interrupted."""
    return cause.exit if isinstance(cause, Terminated | OverTime) else Exit.INTERRUPTED


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong in one place of the playbooks."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class PlaybookError(ToolkitError):
    """The playbooks cannot be used; it carries every problem found."""

    exit = Exit.USAGE

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(ToolkitError):
    """The command or the settings do not say what to do."""

    exit = Exit.USAGE


class WrongTenant(ToolkitError):
    """The credentials lead to another tenant than the playbooks are for."""

    exit = Exit.USAGE


class UnsafePlan(ToolkitError):
    """The plan touches more than its limits allow, or something protected."""

    exit = Exit.REFUSED


class StalePlan(ToolkitError):
    """What a reviewed plan rests on has changed since."""

    exit = Exit.REFUSED


class NotAllowed(ToolkitError):
    """The person who signed in has no say in what they asked for."""

    exit = Exit.REFUSED


class EvidenceNeeded(ToolkitError):
    """A case that is not released may need what was to be removed; nothing was removed."""

    exit = Exit.REFUSED


class LedgerError(ToolkitError):
    """The ledger cannot be trusted or not be written."""


class LeaseHeld(LedgerError):
    """Another run is writing to the school; nothing was done, and nothing is wrong."""

    exit = Exit.REFUSED


class LedgerUnreachable(LedgerError):
    """The server of the ledger's database does not answer; nothing is known of the ledger, and nothing is wrong."""

    exit = Exit.UNREAD

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(f"{what}; {advice}" if advice else what)
        self.what = what


class WriteInReadOnlyRun(ToolkitError):
    """A command that only reads was about to write; nothing was sent."""


LONGEST_ERROR = 4_000
"""The most characters of a service's error. A longer one keeps its beginning, and the advice at its end."""
_KEPT = 1_500


class RequestFailed(ToolkitError):
    """A request failed. The text names the request, the service's words and the remedy.

    Catch ServiceError if one failed read leaves the others possible. Catch RequestFailed only if a refused sign-in
    counts as the failure of one request.
    """

    def __init__(self, message: str) -> None:
        super().__init__(_shorten(message))


def _shorten(text: str) -> str:
    if len(text) <= LONGEST_ERROR:
        return text
    beginning, end = text[:_KEPT].rpartition(" ")[0], text[-_KEPT:].partition(" ")[2]  # half a secret is not redacted
    return f"{beginning} [{len(text) - len(beginning) - len(end):,} characters cut] {end}"


class SignInRefused(RequestFailed):
    """The sign-in service refused the credentials. It is not a ServiceError, so it ends a run that reads."""


class ServiceError(RequestFailed):
    """A service answered no to one request. Other requests may succeed."""


class Refused(ServiceError):
    """A permission or a role is missing; `missing` names it where the call is known to need it."""

    def __init__(self, message: str, *, missing: str = "") -> None:
        super().__init__(message)
        self.missing = missing


class NotLicensed(ServiceError):
    """The tenant's licences do not include what was asked for: a known state, which no other call changes."""


class NotFound(ServiceError):
    """The object is not there; `code` is the service's own word for it, where it has one."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Conflict(ServiceError):
    """An object of that name exists already."""


class Rejected(ServiceError):
    """The service does not accept what was sent."""


class BadAnswer(ServiceError):
    """The answer could not be understood, or is known to be only a part."""

    exit = Exit.UNREAD


class OutOfTime(ServiceError):
    """A list or a run reached its limit of time; what was not read is unknown, what was not started is not done."""

    exit = Exit.UNREAD


class Unexpected(ServiceError):
    """Reading an answer failed in a way that toolkit does not know: a defect of it, with the error as its cause."""

    PHRASE = "the answer could not be read (unexpected, please report it)"


class Transient(ServiceError):
    """The same call may succeed later; `retry_after` is in seconds where the service says it."""

    exit = Exit.UNREAD

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Throttled(Transient):
    """Too many calls."""


class Unavailable(Transient):
    """No answer, or the service's own failure: what was sent may have taken effect."""


class HostNotFound(Unavailable):
    """A host whose address this computer cannot find, so nothing was sent to it."""


def answered(outcome: T | RequestFailed) -> T:
    """Return what a call of many came to; raises the error that it ended with."""
    if isinstance(outcome, RequestFailed):
        raise outcome
    return outcome
