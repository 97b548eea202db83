"""The emulator's faults, and the exit code of a run that meets each of them."""

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
    """Return whether an operation returns a list that a fault can cut short, which few operations of Google do."""
    if operation.startswith(_GOOGLES):
        return operation in _PAGED
    return not operation.startswith(_GRAPHS_WRITES) and not operation.endswith("{id}") and operation not in _SINGLE


@dataclass(frozen=True)
class Trouble:
    """A fault, and the exit code of a run that meets it in a read, an update or a create; None if it does not apply.

    0: the request succeeded in the end. 1: the service refused. 4: something is reported as unknown.
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
        if moment.operation == REGION:  # without this response, toolkit uses the host that all regions share
            return None if self.reads is None else 0
        if self.name == "truncated" and not _in_pages(moment.operation):
            return None
        if not moment.write:
            return self.reads
        return self.creates if moment.creates else self.writes

    @property
    def passes(self) -> bool:
        """Return whether every request succeeds in the end."""
        return not any((self.reads, self.writes, self.creates))

    def variables_at(self, moment: Moment) -> Mapping[str, str]:
        """Return the variables of the run. It has a short patience only if it gives up, so that slow machines pass."""
        return self.variables if self.code(moment) or moment.operation == REGION else {}

    def end(self, moment: Moment) -> End:
        """Return the end of a run, after which the next run leaves the tenant as without a fault."""
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
    # Twice, because a page cut short in a batch is read again separately, and must be cut short again to stay unknown.
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
