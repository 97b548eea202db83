"""A call of one method, and whether it reads or writes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.google_workspace.api.methods import CREATES, READS, SCOPES
from toolkit.errors import WriteInReadOnlyRun
from toolkit.values import Body, Json


@dataclass(frozen=True, slots=True)
class Call:
    """One call; `subject` is the address of the person whose own it is about, None where the administrator makes it."""

    method: str
    parameters: Mapping[str, Json] = field(default_factory=dict)
    body: Body | None = None
    subject: str | None = None

    @property
    def reads(self) -> bool:
        """Say whether it is known to change nothing; what is not known writes."""
        return self.method in READS

    @property
    def creates(self) -> bool:
        """Say whether sent twice it could make two things."""
        return self.method in CREATES or self.method.rpartition(".")[2] in ("create", "insert")

    @property
    def scope(self) -> str:
        """Give the least scope that it needs."""
        try:
            return SCOPES[self.method]
        except KeyError:
            raise ValueError(f"{self.method} is not among the methods that this connector calls") from None

    def __str__(self) -> str:
        return self.method + (f" for {self.subject}" if self.subject else "")


def refuse_writes(*calls: Call) -> None:
    """Raise WriteInReadOnlyRun if one of the calls is not known to be a read."""
    for call in calls:
        if not call.reads:
            raise WriteInReadOnlyRun(f"{call} could change the tenant; this run only reads, nothing was sent")


def check_batch(calls: Sequence[Call]) -> None:
    """Raise ValueError for calls that may not go into one request.

    Those of several people only read, and each names whose mailbox or calendar it is about: a part that a service made
    as somebody else would then be refused, where "me" would show that somebody's.
    """
    if creating := [call for call in calls if call.creates]:
        raise ValueError(f"{creating[0]} cannot be sent in a batch")
    if len({call.scope for call in calls}) > 1:
        raise ValueError("the calls of a batch must be made within one scope")
    if not of_several(calls):
        return
    if writing := [call for call in calls if not call.reads]:
        raise ValueError(f"{writing[0]} cannot be sent together with calls of other people")
    if unnamed := [call for call in calls if _whose(call) in (None, "me", "primary")]:
        raise ValueError(f"{unnamed[0]} must say whose mailbox or calendar it is about by the address")


def of_several(calls: Iterable[Call]) -> bool:
    """Say whether calls are made as more than one person."""
    return len({call.subject for call in calls}) > 1


def _whose(call: Call) -> Json:
    return call.parameters.get("userId") or call.parameters.get("calendarId")
