"""The faults of the emulator as troubles of a run, and how a run that meets one ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulated import REGION
from tests.faults.scenes import End, Moment

_ONE_LOOK = {"TOOLKIT_PATIENCE": "0.2"}
FOR_EVER = {"times": 1000}


_GOOGLES = ("gmail.", "groupsSettings.", "directory.", "cloudidentity.", "chromepolicy.")
_GRAPHS_WRITES = ("POST /", "PATCH /", "PUT /", "DELETE /")
_SINGLE = {
    "GET EXOBanner",
    "GET /admin/sharepoint/settings",
    "GET /deviceManagement/settings",
    "GET /policies/adminConsentRequestPolicy",
    "GET /policies/authorizationPolicy",
    "GET /policies/identitySecurityDefaultsEnforcementPolicy",
    "GET /users/{id}/mailboxSettings",
}
_PAGED = {"cloudidentity.policies.list"} | {f"directory.{name}.list" for name in ("users", "groups", "members")}


def _in_pages(operation: str) -> bool:
    """Say whether an operation answers with a list that can be cut short; of Google's and Graph's only some do."""
    if operation.startswith(_GOOGLES):
        return operation in _PAGED
    return not operation.startswith(_GRAPHS_WRITES) and not operation.endswith("{id}") and operation not in _SINGLE


@dataclass(frozen=True)
class Trouble:
    """A fault, and the exit code of a run whose read, change or create meets it; None where it does not concern them.

    0: the request went through in the end. 1: the service said no. 4: something is unknown, and said to be.
    """

    name: str
    fault: Mapping[str, Any]
    reads: int | None
    writes: int | None
    creates: int | None
    variables: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    def code(self, moment: Moment) -> int | None:
        if moment.operation == REGION:  # without its answer, Exchange is asked at the host that all regions share
            return None if self.reads is None else 0
        if self.name == "truncated" and not _in_pages(moment.operation):
            return None
        if not moment.write:
            return self.reads
        return self.creates if moment.creates else self.writes

    @property
    def passes(self) -> bool:
        """Say whether every request goes through in the end."""
        return not any((self.reads, self.writes, self.creates))

    def variables_at(self, moment: Moment) -> Mapping[str, str]:
        """Give the variables of the run: little patience only where it ends by giving up, however slow the machine."""
        return self.variables if self.code(moment) or moment.operation == REGION else {}

    def end(self, moment: Moment) -> End:
        """Say how a run ends, and that the next one leaves all as if there had been no trouble."""
        return self.code(moment) or 0, 0, True, ()


def _quick(
    name: str, *, reads: int | None, writes: int | None = None, creates: int | None = None, **more: Any
) -> Trouble:
    return Trouble(name, {"fault": name.replace(" ", "_"), **more}, reads, writes, creates)


def _for_ever(name: str, *, reads: int, writes: int, creates: int, **more: Any) -> Trouble:
    fault = {"fault": name.replace(" ", "_"), **FOR_EVER, **more}
    return Trouble(f"{name} for ever", fault, reads, writes, creates, _ONE_LOOK)


TROUBLES = [
    _quick("throttled", reads=0, writes=0, creates=0, seconds=0.05),
    _quick("throttled after", reads=None, writes=0, creates=0, seconds=0.05),
    _quick("unavailable", reads=0, writes=0, creates=0),
    _quick("unavailable after", reads=None, writes=0, creates=0),
    _quick("dropped", reads=0, writes=0, creates=0),
    _quick("dropped after", reads=None, writes=0, creates=0),
    # Twice: what comes cut short in a batch is read again alone, and must be cut short there too to stay unknown.
    _quick("truncated", reads=4, writes=None, creates=4, times=2),
    _quick("stale", reads=None, writes=0, creates=0),
    _quick("expired token", reads=0, writes=0, creates=0),
    _quick("refused", reads=4, writes=1, creates=1),
    _for_ever("unavailable", reads=4, writes=4, creates=4),
]
MORE_TROUBLES = [
    *(
        Trouble(f"{name} {status}".replace("_", " "), {"fault": name, "status": status}, 0, 0, 0)
        for name in ("unavailable", "unavailable_after")
        for status in (500, 502, 504)
    ),
    _quick("slow", reads=0, writes=0, creates=0, milliseconds=100),
    _for_ever("throttled", reads=4, writes=4, creates=4),
    _for_ever("throttled after", reads=4, writes=4, creates=0, seconds=0.05),
    _for_ever("unavailable after", reads=4, writes=4, creates=0),
    _for_ever("dropped", reads=4, writes=4, creates=4),
    _for_ever("dropped after", reads=4, writes=4, creates=0),
]
