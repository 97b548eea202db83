"""The errors of toolkit.

ToolkitError
├── PlaybookError       the playbooks are invalid (contains every problem)
├── UsageError          the command or the settings are incomplete or invalid
│   └── UnusableModule      a module of a kind or a control cannot be loaded
├── WrongTenant         the credentials belong to another school's tenant
├── UnsafePlan          the plan exceeds a limit, or would change a protected object
├── StalePlan           the tenant or the playbooks have changed since the plan was reviewed
├── NotAllowed          a person is not permitted to do this
├── EvidenceNeeded      objects that would be deleted may be needed for an open case
├── LedgerError         the ledger is damaged, or cannot be written
│   ├── LeaseHeld           another run is writing to the school
│   └── LedgerUnreachable   the ledger's database does not respond
├── WriteInReadOnlyRun  a command that only reads tried to write
└── RequestFailed       a request to a vendor failed
    ├── SignInRefused       the sign-in service refused the credentials, so all other requests would fail too
    └── ServiceError        a service refused a request
        ├── Refused             a permission or a role is missing
        ├── NotLicensed         the tenant's licences do not include the service
        ├── NotFound            the object does not exist
        ├── Conflict            an object with this name already exists
        ├── Rejected            the service does not accept the request
        ├── BadAnswer           the response is invalid or incomplete
        ├── OutOfTime           a read or a run reached its time limit
        ├── Unexpected          a response could not be read for an unknown reason
        └── Transient           the same request may succeed later
            ├── Throttled           too many requests
            └── Unavailable         the service did not respond, or failed
                └── HostNotFound        this computer cannot find the host
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

T = TypeVar("T")


class Exit(IntEnum):
    """The exit codes of commands. If several apply, the first of failed, refused, pending and unread is used."""

    AS_WANTED = 0
    FAILED = 1
    USAGE = 2
    PENDING = 3
    UNREAD = 4
    REFUSED = 5
    INTERRUPTED = 130
    TERMINATED = 143


class ToolkitError(Exception):
    """An error that a user sees as a single line, never as a traceback."""

    exit = Exit.FAILED


class Terminated(KeyboardInterrupt):
    """SIGTERM stopped the process, for example from cron or systemd. The run ends as if Ctrl-C had been pressed."""

    exit = Exit.TERMINATED


class OverTime(KeyboardInterrupt):
    """The run exceeded its time limit on this computer. It ends as if Ctrl-C had been pressed, and shows the reason."""

    exit = Exit.UNREAD


def exit_of_interrupt(cause: BaseException | None) -> Exit:
    """Return the exit code of a run that was interrupted."""
    return cause.exit if isinstance(cause, Terminated | OverTime) else Exit.INTERRUPTED


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """A mistake in the playbooks, with its file and line."""

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


class UnusableModule(UsageError):
    """A module of a kind or a control cannot be loaded. `place` is file:line of the cause, and `cause` is one line."""

    def __init__(self, message: str, *, place: str = "", cause: str = "") -> None:
        super().__init__(message)
        self.place = place
        self.cause = cause


class WrongTenant(ToolkitError):
    """The credentials belong to a tenant that is not in the playbooks."""

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
    """Objects that would be deleted may be needed for an open case. Nothing was deleted."""

    exit = Exit.REFUSED


class LedgerError(ToolkitError):
    """The ledger is damaged or cannot be written."""


class LeaseHeld(LedgerError):
    """Another run is writing to the school's tenants, so this run changed nothing. This is not a failure."""

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
    """A request failed. The text names the request, the service's message and the remedy.

    `request` is the refused request: its method, path and status, without people's names. It is "" if no response came.
    Catch ServiceError if other requests may still succeed. Catch RequestFailed only if a refused sign-in should be
    handled like any failed request.
    """

    request = ""

    def __init__(self, message: str) -> None:
        super().__init__(_shorten(message))


def refused_request(error: BaseException | None) -> str:
    """Return the refused request of an error or of its causes: method, path and status, or "" if there is none."""
    while error is not None:
        if isinstance(error, RequestFailed) and error.request:
            return error.request
        error = error.__cause__
    return ""


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
    """A permission or a role is missing. `missing` names the permission if it is known."""

    def __init__(self, message: str, *, missing: str = "") -> None:
        super().__init__(message)
        self.missing = missing


class NotLicensed(ServiceError):
    """The tenant's licences do not include the service. Other requests to the service fail in the same way."""


class NotFound(ServiceError):
    """The object does not exist. `code` is the service's error code, if there is one."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Conflict(ServiceError):
    """An object with this name already exists."""


class Rejected(ServiceError):
    """The service does not accept the request."""


class BadAnswer(ServiceError):
    """The response could not be parsed, or is known to be incomplete."""

    exit = Exit.UNREAD


class OutOfTime(ServiceError):
    """A read or a run reached its time limit.

    Objects that were not read are unknown, and no further write was started.
    """

    exit = Exit.UNREAD


class Unexpected(ServiceError):
    """A response could not be read for a reason that toolkit does not know.

    This is a bug. The cause is the original error.
    """

    PHRASE = "the response could not be read (a bug in toolkit, please report it)"


class Transient(ServiceError):
    """The same request may succeed later. `retry_after` is the wait in seconds, if the service states it."""

    exit = Exit.UNREAD

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Throttled(Transient):
    """The service refused the request because there were too many requests."""


class Unavailable(Transient):
    """The service did not respond, or failed. The request may have taken effect."""


class HostNotFound(Unavailable):
    """The address of the host cannot be found, so no request was sent."""


def answered(outcome: T | RequestFailed) -> T:
    """Return the result of a request in a batch, or raise its error."""
    if isinstance(outcome, RequestFailed):
        raise outcome
    return outcome
