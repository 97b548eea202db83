"""Send changes, and record each change in the ledger before and after it is sent."""

from collections.abc import Callable, Sequence
from dataclasses import field
from threading import Lock
from typing import TypeAlias

from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.journal import Journal
from toolkit.engine.read_tenants import Progress, remotes_to_observed
from toolkit.errors import BadAnswer, Conflict, OutOfTime, Refused, RequestFailed, Transient, Unexpected
from toolkit.planning.change import Change, Create, Delete, Move, Update
from toolkit.planning.diff import settings_to_send
from toolkit.records import dataclass
from toolkit.sdk.calls import ACCEPTED
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import Bulk, Endpoint, Write, read_safely
from toolkit.sdk.kind import Kind
from toolkit.sdk.lending import object_name
from toolkit.sdk.resource import Observed, Remote
from toolkit.values import Settings, effective


@dataclass(frozen=True, slots=True)
class AcceptedChange:
    """A change that the service has accepted.

    The ledger records it as unfinished until its object has been read again.
    """

    change: Create | Update
    step: int
    settings: Settings
    response: Observed | None  # the object in the response, if it has one
    error: str = ""  # why the service refused a part of the change


class CountedProgress:
    """Reports the progress of an apply: how many changes were sent, and which change is being sent."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._sent = 0
        self._counting = Lock()  # some kinds are written by several threads

    def __call__(self, text: str, changes: int = 1) -> None:
        with self._counting:
            self._sent += changes
            self._progress(f"{self._sent} of {self._total}: {text}")


Sent: TypeAlias = AcceptedChange | Outcome
"""The result of a write: accepted and not confirmed yet, or decided."""


@dataclass(frozen=True, slots=True)
class Writing:
    """The endpoint of a kind, the connection and the journal, with which objects of the kind are written."""

    name: str  # the kind with its provider
    kind: Kind[Connection]
    endpoint: Endpoint[Connection]
    connection: Connection
    journal: Journal
    progress: CountedProgress
    _refusals: list[str] = field(default_factory=list)

    def send(
        self,
        change: Change,
        call: Callable[[], Remote | None],
        previous_key: str | None = None,
        *,
        own_previous_key: str | None = None,
    ) -> Sent:
        """Send a change, and record it in the ledger before and after.

        An error of the service is returned as an outcome and not raised.
        """
        if self._refusals:
            return Outcome(
                change,
                Result.NOT_TRIED,
                f"it was not sent, because the service refused an earlier change: {self._refusals[0]}",
            )
        if late := self._check_deadline(change):
            return late
        step = self._record_begin(change, previous_key, own_previous_key)
        self.progress(object_name(change.address))
        before = ACCEPTED.number
        try:
            with self.connection.deadline.allow_write_to_finish():
                remote = read_safely(self.name, call)
        except RequestFailed as error:
            return self._outcome_of_error(change, step, error, is_partly_accepted=ACCEPTED.number > before)
        return self._accept(change, step, remote)

    def send_together(self, endpoint: Bulk[Connection], changes: Sequence[Create | Update]) -> list[Sent]:
        """Send several changes in as few requests as possible.

        All changes are recorded in the ledger before the first request.
        """
        if late := [outcome for outcome in map(self._check_deadline, changes) if outcome]:
            return [*late]
        steps = [self._record_begin(change) for change in changes]
        self.progress(f"{len(changes)} {self.kind.noun_for(len(changes))}", len(changes))
        writes = [self._to_write(change) for change in changes]
        try:
            with self.connection.deadline.allow_write_to_finish():
                responses = read_safely(self.name, lambda: endpoint.write_many(self.connection, writes))
        except RequestFailed as error:
            responses = [error] * len(changes)
        return [
            self._outcome_of_error(change, step, response)
            if isinstance(response, RequestFailed)
            else self._accept(change, step, response)
            for change, step, response in zip(changes, steps, responses, strict=True)
        ]

    def _check_deadline(self, change: Change) -> Outcome | None:
        try:
            self.connection.deadline.check_write(change.address.display_text)
        except OutOfTime as late:
            return Outcome(change, Result.NOT_STARTED, str(late))
        return None

    def _record_begin(
        self, change: Change, previous_key: str | None = None, own_previous_key: str | None = None
    ) -> int:
        return self.journal.begin(
            change, _settings_after(change, self.settings_for_change(change)), previous_key, own_previous_key
        )

    def _to_write(self, change: Create | Update) -> Write:
        remote = change.observed.remote if isinstance(change, Update) else None
        return Write(change.address.name, self.kind.spec.body(self.settings_for_change(change)), remote)

    def _outcome_of_error(
        self, change: Change, step: int, error: RequestFailed, *, is_partly_accepted: bool = False
    ) -> Sent:
        if isinstance(change, Create) and isinstance(error, Conflict):
            # Another run created the object just before, and reads lag writes.
            return self._accept(change, step, None)
        if isinstance(
            error, Transient | BadAnswer | OutOfTime | Unexpected
        ):  # an invalid response does not show whether the change was made
            self.journal.record_step_unknown(step, str(error))
            return Outcome(change, Result.UNKNOWN, str(error))
        self._refusals.extend([str(error)] if isinstance(error, Refused) else [])
        if is_partly_accepted:
            return self._accept_partly(change, step, str(error))
        self.journal.record_step_failure(step, str(error))
        return Outcome(change, Result.FAILED, str(error))

    def _accept_partly(self, change: Change, step: int, error: str) -> Sent:
        """Record that the service accepted only a part of a change, and return the change as unfinished.

        Its object may exist without some of its settings.
        """
        if isinstance(change, Create | Update):
            return AcceptedChange(change, step, self.settings_for_change(change), None, error)
        self.journal.record_step_unknown(step, error)
        return Outcome(change, Result.DIFFERENT, f"partly written: {error}")

    def _accept(self, change: Change, step: int, remote: Remote | None) -> Sent:
        match change:
            case Delete():
                self.journal.record_step_end(step, None, None)
                return Outcome(change, Result.DONE)
            case Move():
                self.journal.record_step_end(step, change.observed.remote, None)
                return Outcome(change, Result.DONE)
            case Create() | Update():
                shown, _ = remotes_to_observed(self.name, self.kind, [remote] if remote else [])
                return AcceptedChange(change, step, self.settings_for_change(change), shown[0] if shown else None)

    def settings_for_change(self, change: Change) -> Settings:
        """Return the settings that are sent for a change. A move or a deletion sends no settings."""
        match change:
            case Create():
                return {setting.path: setting.after for setting in change.fields}
            case Update():
                return settings_to_send(change.fields, change.desired, change.observed, self.kind.spec)
            case Delete() | Move():
                return {}

    def write(self, change: Create | Update | Delete, previous_key: str | None = None) -> Sent:
        """Send a change of an object whose kind has no order, or a deletion.

        `previous_key` is the key of the object before a deleted object.
        """
        body = self.kind.spec.body(self.settings_for_change(change))
        name = change.address.name
        match change:
            case Create():
                return self.send(change, lambda: self.endpoint.create(self.connection, name, body))
            case Update():
                remote = change.observed.remote
                return self.send(change, lambda: self.endpoint.update(self.connection, remote, name, body))
            case Delete():
                gone = change.observed.remote
                return self.send(change, lambda: self.endpoint.delete(self.connection, gone), previous_key)


def _settings_after(change: Change, sent: Settings) -> Settings | None:
    """Return the desired settings of an object after a change, including settings that the change does not send.

    Return None for a deletion or a move.
    """
    match change:
        case Create():
            return sent
        case Update():
            before = change.observed.settings
            desired = change.desired.settings
            return {**{path: effective(value, before.get(path)) for path, value in desired.items()}, **sent}
        case Delete() | Move():
            return None
