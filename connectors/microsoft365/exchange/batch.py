"""Many cmdlets in one request, each with an answer of its own."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from connectors.microsoft365.exchange.answers import next_link, raise_refusal, rows_of
from connectors.microsoft365.exchange.commands import Command
from connectors.microsoft365.exchange.wire import ExchangeWire
from connectors.microsoft365.replies import Reply, read_part
from toolkit.errors import BadAnswer, ServiceError, Unavailable
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
