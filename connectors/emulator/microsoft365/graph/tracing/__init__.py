"""Traces of messages with sender, recipient and time. A test stores them in exchange.messageTraces.

Follows https://learn.microsoft.com/graph/api/messagetracingroot-list-messagetraces, and for the periods
https://learn.microsoft.com/powershell/module/exchange/get-messagetracev2
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.query import one_page, read_query
from connectors.emulator.service import Answer

_PATH = "/admin/exchange/tracing/messageTraces"
_OPTIONS = frozenset({"$select", "$top", "$skiptoken", "$format", "$filter"})
_ASKED = re.compile(r"receivedDateTime ge (\S+) and receivedDateTime le (\S+)((?: and \w+Address eq '[^']+')*)")
_EQUAL = re.compile(r"(senderAddress|recipientAddress) eq '([^']+)'")
_KEPT, _AT_ONCE = timedelta(days=90), timedelta(days=10)


def actions() -> Sequence[Action]:
    notes = "$select, $top. $filter by a period of at most ten days, then by a sender, a recipient or both"
    return (Action("GET", _PATH, frozenset({"ExchangeMessageTrace.Read.All"}), _list_traces, notes=notes),)


def _list_traces(request: ActionRequest) -> Answer:
    query = read_query(request.call, _OPTIONS)
    match = _ASKED.fullmatch(query.options.get("$filter", ""))
    if match is None:
        raise errors.not_emulated(f"$filter {query.options.get('$filter')}")
    begins, ends, others = match.groups()
    first, last = datetime.fromisoformat(begins), datetime.fromisoformat(ends)
    if first < clock.now(request.store, request.tenant_id) - _KEPT:
        raise errors.bad_request("The start date can't be older than 90 days from today.")
    if last - first > _AT_ONCE:
        raise errors.bad_request("The period can't be longer than 10 days.")
    equal = _EQUAL.findall(others)
    rows = [
        row
        for row in request.store.all(request.tenant_id, "exchange.messageTraces")
        if all(row[name] == value for name, value in equal)
        and first <= datetime.fromisoformat(str(row["receivedDateTime"])) <= last
    ]
    return Answer(
        body={**request.context("exchangeMessageTraces"), **one_page(request.call, query, rows, largest=5000)}
    )
