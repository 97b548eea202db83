"""The errors of toolkit, in the user's words.

ToolkitError
├── PlaybookError       every problem of the playbooks at once
├── UsageError          the command or the settings do not say what to do
├── WrongTenant         these credentials are for another school
├── UnsafePlan          a limit or a protected account refuses it
├── StalePlan           the tenant or the playbooks moved since the plan was reviewed
├── NotAllowed          a person is not permitted to do this
├── EvidenceNeeded      an open case needs the objects of a deletion
├── LedgerError         the ledger is damaged, or cannot be written
│   ├── LeaseHeld           another run is writing to the school
│   └── LedgerUnreachable   the ledger's database does not answer
├── WriteInReadOnlyRun  a command that only reads tried to write
└── RequestFailed       a request to a vendor failed
    ├── SignInRefused       the sign-in service refused the credentials, so that every other request fails too
    └── ServiceError        a service of the vendor refused one request
        ├── Refused             a permission or a role is missing
        ├── NotLicensed         the tenant's licences do not include it
        ├── NotFound            the object does not exist
        ├── Conflict            an object with this name exists already
        ├── Rejected            the service does not accept the request
        ├── BadAnswer           the response is not valid, or incomplete
        ├── OutOfTime           a list or a run reached its limit of time
        ├── Unexpected          a response could not be read for an unknown reason
        └── Transient           the same call may succeed later
            ├── Throttled           too many calls
            └── Unavailable         no response, or the service's own failure
                └── HostNotFound        this computer cannot find the host
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

T = TypeVar("T")


class Exit(IntEnum):
    """The meaning of a command's exit code.

    If several apply, the first of failed, refused, pending and unread is used.
    """

    AS_WANTED = 0
    FAILED = 1
    USAGE = 2
    PENDING = 3
    UNREAD = 4
    REFUSED = 5
    INTERRUPTED = 130
    TERMINATED = 143


class ToolkitError(Exception):
    """An error that is shown to the user as one line, never as a traceback."""

    exit = Exit.FAILED


class Terminated(KeyboardInterrupt):
    """SIGTERM stopped the process, for example from cron or systemd. It ends as after Ctrl-C."""

    exit = Exit.TERMINATED


class OverTime(KeyboardInterrupt):
    """The run used this computer for longer than its time limit. It ends as after Ctrl-C, with the reason."""

    exit = Exit.UNREAD


def exit_of_interrupt(cause: BaseException | None) -> Exit:
    """Return the exit code of a run that was interrupted."""
    return cause.exit if isinstance(cause, Terminated | OverTime) else Exit.INTERRUPTED


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A problem at a place in the playbooks."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class PlaybookError(ToolkitError):
    """The playbooks are invalid. The error contains every problem."""

    exit = Exit.USAGE

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UsageError(ToolkitError):
    """The command or the settings are incomplete or invalid."""

    exit = Exit.USAGE


class WrongTenant(ToolkitError):
    """The credentials belong to a different tenant from the playbooks."""

    exit = Exit.USAGE


class UnsafePlan(ToolkitError):
    """The plan exceeds its limits, or would change a protected object."""

    exit = Exit.REFUSED


class StalePlan(ToolkitError):
    """The tenant or the playbooks have changed since the plan was reviewed."""

    exit = Exit.REFUSED


class NotAllowed(ToolkitError):
    """The person who signed in is not permitted to do this."""

    exit = Exit.REFUSED


class EvidenceNeeded(ToolkitError):
    """An open case may need objects that would be deleted. No object was deleted."""

    exit = Exit.REFUSED


class LedgerError(ToolkitError):
    """The ledger cannot be trusted or cannot be written."""


class LeaseHeld(LedgerError):
    """Another run is writing to the school. This run changed nothing, and nothing has failed."""

    exit = Exit.REFUSED


class LedgerUnreachable(LedgerError):
    """The ledger's database server does not respond, so the ledger could not be read."""

    exit = Exit.UNREAD

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(f"{what}; {advice}" if advice else what)
        self.what = what


class WriteInReadOnlyRun(ToolkitError):
    """A command that only reads tried to write. No request was sent."""


LONGEST_ERROR = 4_000
"""The maximum length of a service's error. A longer error keeps its beginning and the advice at its end."""
_KEPT = 1_500


class RequestFailed(ToolkitError):
    """A request failed.

    The text names the request, the service's message and the remedy. Catch ServiceError if other requests may still
    succeed. Catch RequestFailed only if a refused sign-in should count as the failure of a request.
    """

    def __init__(self, message: str) -> None:
        super().__init__(_shorten(message))


def _shorten(text: str) -> str:
    if len(text) <= LONGEST_ERROR:
        return text
    beginning, end = text[:_KEPT].rpartition(" ")[0], text[-_KEPT:].partition(" ")[2]  # half a secret is not redacted
    return f"{beginning} [{len(text) - len(beginning) - len(end):,} characters cut] {end}"


class SignInRefused(RequestFailed):
    """The sign-in service refused the credentials. This is not a ServiceError, so it ends a run."""


class ServiceError(RequestFailed):
    """A service refused a request. Other requests may succeed."""


class Refused(ServiceError):
    """A permission or a role is missing. `missing` names it if the call's permission is known."""

    def __init__(self, message: str, *, missing: str = "") -> None:
        super().__init__(message)
        self.missing = missing


class NotLicensed(ServiceError):
    """The tenant's licences do not include the service. Other calls have the same result."""


class NotFound(ServiceError):
    """The object does not exist. `code` is the service's own error code, if it has one."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Conflict(ServiceError):
    """An object with this name exists already."""


class Rejected(ServiceError):
    """The service does not accept the request."""


class BadAnswer(ServiceError):
    """The response could not be parsed, or is known to be incomplete."""

    exit = Exit.UNREAD


class OutOfTime(ServiceError):
    """A list or a run reached its time limit. Unread objects are unknown, and no later write was started."""

    exit = Exit.UNREAD


class Unexpected(ServiceError):
    """A response could not be read for a reason unknown to toolkit. This is a defect, with the error as its cause."""

    PHRASE = "the answer could not be read (unexpected, please report it)"


class Transient(ServiceError):
    """The same call may succeed later. `retry_after` is the wait in seconds, if the service specifies it."""

    exit = Exit.UNREAD

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Throttled(Transient):
    """Too many calls."""


class Unavailable(Transient):
    """No response, or a failure of the service. The request may have taken effect."""


class HostNotFound(Unavailable):
    """The host's address cannot be found, so no request was sent."""


def answered(outcome: T | RequestFailed) -> T:
    """Return the result of a call in a batch, or raise its error."""
    if isinstance(outcome, RequestFailed):
        raise outcome
    return outcome
