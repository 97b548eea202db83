"""Traces of messages: who wrote to whom and when; a test stores them in exchange.messageTraces.

Follows https://learn.microsoft.com/graph/api/messagetracingroot-list-messagetraces
"""

import re
from collections.abc import Sequence

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.query import cut, read_query
from connectors.emulator.service import Answer

_PATH = "/admin/exchange/tracing/messageTraces"
_OPTIONS = frozenset({"$select", "$top", "$skiptoken", "$format", "$filter"})
_ASKED = re.compile(
    r"receivedDateTime ge (\S+) and receivedDateTime le (\S+) and senderAddress eq '([^']+)' and "
    r"recipientAddress eq '([^']+)'"
)


def actions() -> Sequence[Action]:
    """List the one list."""
    notes = "$select, $top; of $filter: a period, a sender and a recipient, in this order"
    return (Action("GET", _PATH, frozenset({"ExchangeMessageTrace.Read.All"}), _list, notes=notes),)


def _list(asking: ActionRequest) -> Answer:
    query = read_query(asking.call, _OPTIONS)
    asked = _ASKED.fullmatch(query.options.get("$filter", ""))
    if asked is None:
        raise errors.not_emulated(f"$filter {query.options.get('$filter')}")
    begins, ends, sender, recipient = asked.groups()
    rows = [
        row
        for row in asking.store.all(asking.tenant_id, "exchange.messageTraces")
        if (row["senderAddress"], row["recipientAddress"]) == (sender, recipient)
        and begins <= str(row["receivedDateTime"]) <= ends
    ]
    return Answer(body={**asking.context("exchangeMessageTraces"), **cut(asking.call, query, rows, largest=1000)})
