"""The client that kinds use: cmdlets that read, change, create and delete, alone or ten at a time."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus

from connectors.microsoft365.exchange.answers import next_link, raise_cut_short, raise_refusal, rows_of
from connectors.microsoft365.exchange.commands import Command, refuse_writes
from connectors.microsoft365.exchange.wire import ExchangeWire
from connectors.microsoft365.replies import Reply, read_part
from toolkit.errors import BadAnswer, ServiceError, SignInRefused, Transient, Unavailable
from toolkit.sdk.calls import Caller
from toolkit.sdk.paging import Paging
from toolkit.sdk.replies import slowest
from toolkit.values import Body

MOST = 10
_HEADERS = {"Prefer": "odata.maxpagesize=1000;odata.continue-on-error", "X-ResponseFormat": "json"}


def send_batch(
    wire: ExchangeWire, tenant_id: str, commands: Mapping[int, Command]
) -> Mapping[int, Sequence[Body] | ServiceError]:
    """Send at most ten cmdlets once; raises only where the request as a whole was refused."""
    replies = _replies(wire, tenant_id, commands)
    stale = {n: commands[n] for n, reply in replies.items() if reply.status == HTTPStatus.UNAUTHORIZED}
    if stale:
        wire.renew()
        replies = {**replies, **_replies(wire, tenant_id, stale)}
    return {n: _outcome(wire, command, replies.get(n)) for n, command in commands.items()}


def _replies(wire: ExchangeWire, tenant_id: str, commands: Mapping[int, Command]) -> Mapping[int, Reply]:
    """Send a batch and match the answers by id: the service does not keep the order."""
    parts = [_part(wire, tenant_id, n, command) for n, command in commands.items()]
    reply = wire.post(f"{wire.root}/$batch", {"requests": parts}, _HEADERS)
    if not reply.fine:
        raise_refusal("batch", reply, wire.service)
    answers = reply.body.get("responses") if isinstance(reply.body, Mapping) else None
    if not isinstance(answers, list):
        raise BadAnswer("batch: the answer holds no answers to its parts")
    found = {str(part.get("id")): read_part(part) for part in answers if isinstance(part, Mapping)}
    return {n: found[str(n)] for n in commands if str(n) in found}


def _part(wire: ExchangeWire, tenant_id: str, number: int, command: Command) -> Body:
    return {
        "id": str(number),
        "method": "POST",
        "url": wire.url(command),
        "headers": {**command.headers(tenant_id), "Content-Type": "application/json"},
        "body": command.body(),
    }


def _outcome(wire: ExchangeWire, command: Command, reply: Reply | None) -> Sequence[Body] | ServiceError:
    if reply is None:
        return Unavailable(f"{command.cmdlet}: this part of the batch was not answered")
    try:
        rows = rows_of(command.cmdlet, reply, wire.service)
        if next_link(reply):
            raise BadAnswer(f"{command.cmdlet}: more than a page in a batch; it must be read alone")
    except ServiceError as error:
        return error
    return rows


class Exchange:
    """The cmdlets of Exchange Online, or of a service like it; rows come back without the keys that describe others.

    Every method raises the errors of toolkit.errors, and WriteInReadOnlyRun before anything is sent. Where a cmdlet
    has ResultSize, the caller sends Unlimited. Follows
    https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2
    """

    def __init__(self, wire: ExchangeWire, caller: Caller, *, tenant_id: str, read_only: bool) -> None:
        self._wire = wire
        self._caller = caller
        self._tenant_id = tenant_id
        self._read_only = read_only

    @property
    def sent(self) -> int:
        """Count the requests sent so far."""
        return self._wire.sent

    def get(
        self,
        cmdlet: str,
        parameters: Body | None = None,
        *,
        anchor: str | None = None,
        select: Sequence[str] = (),
    ) -> Sequence[Body]:
        """Run a cmdlet that reads and give all its rows; ValueError for one that is not known to read."""
        command = Command(cmdlet, parameters or {}, anchor, tuple(select))
        if not command.reads:
            self._guard(command)
            raise ValueError(f"{cmdlet} is not a read")
        return self._all_rows(command)

    def change(self, cmdlet: str, parameters: Body, *, anchor: str | None = None) -> Sequence[Body]:
        """Run a cmdlet that sets content, so that it may be sent twice."""
        command = Command(cmdlet, parameters, anchor)
        self._guard(command)
        return self._caller.change(cmdlet, lambda: self._ran(command))

    def create(
        self,
        cmdlet: str,
        parameters: Body,
        look: Callable[[], Body | None],
        *,
        anchor: str | None = None,
        settles: float = 0.0,
    ) -> Body | None:
        """Run a cmdlet that makes something and give the new row, where it answers with one.

        `look` finds by `get` what an attempt without an answer may have made; reads lag by `settles` seconds.
        """
        command = Command(cmdlet, parameters, anchor)
        self._guard(command)

        def call() -> Body | None:
            rows = self._ran(command)
            return rows[0] if rows else None

        return self._caller.create(cmdlet, call, look, settles=settles)

    def delete(self, cmdlet: str, parameters: Body, *, anchor: str | None = None) -> None:
        """Run a cmdlet that removes something; that it is gone when sent again is what was wanted."""
        command = Command(cmdlet, parameters, anchor)
        self._guard(command)
        self._caller.delete(cmdlet, lambda: self._ran(command))

    def run_many(self, commands: Sequence[Command]) -> Sequence[Sequence[Body] | ServiceError]:
        """Run many reads or changes, ten in a request, and give for each its rows or its error, in their order.

        Only the parts that failed and may go through are sent again. ValueError for a cmdlet that creates: whether an
        attempt without an answer made something must be looked up one by one.
        """
        self._guard(*commands)
        if creating := [command.cmdlet for command in commands if command.creates]:
            raise ValueError(f"{creating[0]} cannot be sent in a batch")
        numbered = list(enumerate(commands))
        chunks = [numbered[start : start + MOST] for start in range(0, len(numbered), MOST)]
        outcomes = {number: outcome for chunk in chunks for number, outcome in self._batch(dict(chunk)).items()}
        return [outcomes[number] for number, _ in numbered]

    def close(self) -> None:
        self._wire.close()

    def _guard(self, *commands: Command) -> None:
        if self._read_only:
            refuse_writes(*commands)

    def _ran(self, command: Command) -> Sequence[Body]:
        return rows_of(command.cmdlet, self._reply(self._wire.url(command), command), self._wire.service)

    def _reply(self, url: str, command: Command) -> Reply:
        return self._wire.post(url, command.body(), command.headers(self._tenant_id))

    def _all_rows(self, command: Command) -> Sequence[Body]:
        rows: list[Body] = []
        paging = Paging(command.cmdlet, self._wire.limits)
        url: str | None = self._wire.url(command)
        while url:
            page, url = self._caller.read(command.cmdlet, partial(self._page, command, paging.follow(url), rows))
            rows.extend(page)
        return rows

    def _page(self, command: Command, url: str, before: Sequence[Body]) -> tuple[Sequence[Body], str | None]:
        """Read one page; the same body goes to the same server, or the service has forgotten the list."""
        reply = self._reply(url, command)
        if before and not reply.fine:
            raise_cut_short(command.cmdlet, reply, self._wire.service, len(before))
        rows, link = rows_of(command.cmdlet, reply, self._wire.service), next_link(reply)
        return rows, self._wire.page(link, command.cmdlet) if link else None

    def _batch(self, commands: Mapping[int, Command]) -> Mapping[int, Sequence[Body] | ServiceError]:
        outcomes: dict[int, Sequence[Body] | ServiceError] = {}
        what = f"a batch of {len(commands)} cmdlets"

        def attempt() -> None:
            pending = {n: command for n, command in commands.items() if not _settled(outcomes.get(n))}
            outcomes.update(send_batch(self._wire, self._tenant_id, pending))
            if passing := [error for error in outcomes.values() if isinstance(error, Transient)]:
                raise slowest(passing)

        try:
            send = self._caller.read if all(one.reads for one in commands.values()) else self._caller.change
            send(what, attempt)
        except SignInRefused:
            raise
        except ServiceError as error:
            outcomes.update({n: error for n in commands if not _settled(outcomes.get(n))})
        return outcomes


def _settled(outcome: Sequence[Body] | ServiceError | None) -> bool:
    return outcome is not None and not isinstance(outcome, Transient)
