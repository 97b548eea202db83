"""Reads message traces: the sender, recipient, time and delivery of messages. Subjects are not requested.

Follows https://learn.microsoft.com/graph/api/messagetracingroot-list-messagetraces. Exchange keeps traces for 90 days.
A request can read 10 days.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from connectors.microsoft365.graph.service import path_with, to_literal
from connectors.microsoft365.permissions import graph
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, answered
from toolkit.records import dataclass
from toolkit.sdk import parse_instant, text

NEEDED = graph("ExchangeMessageTrace.Read.All")
_PATH = "/admin/exchange/tracing/messageTraces"
_PROPERTIES = "receivedDateTime,senderAddress,recipientAddress,status,fromIP"
_WINDOW = timedelta(days=10)
_LARGEST_PAGE = "5000"  # messages in a page


@dataclass(frozen=True, slots=True)
class MessageTrace:
    """The trace of a message to a single recipient."""

    at: datetime
    sender: str  # in lower case; "" for a non-delivery report
    is_delivered: bool
    from_address: str  # of the sending server; "" for a message sent inside Exchange

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


def read_traces(via: Microsoft365, now: datetime, days: int, **equal_properties: str) -> Sequence[MessageTrace]:
    """Return the traces of the last `days` days whose properties have the values in `equal`.

    Several requests for 10 days each are sent together.
    """
    begins = now.replace(microsecond=0) - timedelta(days=days, minutes=-5)  # a start of 90 days ago is refused
    windows = list(_split_period(begins, now))
    conditions = "".join(f" and {name} eq {to_literal(value)}" for name, value in equal_properties.items())
    paths = [
        path_with(
            _PATH, {"filter": f"{_period_filter(*window)}{conditions}", "select": _PROPERTIES, "top": _LARGEST_PAGE}
        )
        for window in windows
    ]
    all_traces = list[MessageTrace]()
    for (first, _), rows in zip(windows, via.graph.lists(paths), strict=True):
        try:
            traces = [
                MessageTrace(
                    parse_instant(text(row["receivedDateTime"])),
                    text(row["senderAddress"]).strip("<>").lower(),
                    row["status"] in ("delivered", "expanded"),
                    text(row.get("fromIP")),
                )
                for row in answered(rows)
            ]
        except (KeyError, ValueError) as error:
            raise BadAnswer(f"GET {_PATH}: a message has no time, sender or status") from error
        all_traces += [
            trace for trace in traces if trace.at > first or first == begins
        ]  # a window ends when the next begins
    return all_traces


def _split_period(begins: datetime, ends: datetime) -> Iterator[tuple[datetime, datetime]]:
    while begins < ends:
        yield begins, min(begins + _WINDOW, ends)
        begins += _WINDOW


def _period_filter(begins: datetime, ends: datetime) -> str:
    first, last = (moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (begins, ends))
    return f"receivedDateTime ge {first} and receivedDateTime le {last}"
