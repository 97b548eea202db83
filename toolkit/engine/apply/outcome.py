"""How each change of a run went."""

from dataclasses import dataclass
from enum import StrEnum

from toolkit.planning.change import Change, action
from toolkit.sdk.address import Address


class Result(StrEnum):
    """What came of one change."""

    DONE = "done"
    FAILED = "failed"  # the service said no: nothing changed
    UNKNOWN = "unknown"  # no answer, or not readable: it may have taken effect
    DIFFERENT = "different"  # accepted, and shown otherwise than sent
    NOT_STARTED = "not started"  # the run reached its limit of time
    NOT_TRIED = "not tried"  # an earlier answer says that it would be refused too


@dataclass(frozen=True, slots=True)
class Outcome:
    """One change with its result."""

    change: Change
    result: Result
    error: str = ""

    @property
    def address(self) -> Address:
        return self.change.address

    @property
    def action(self) -> str:
        return action(self.change)
