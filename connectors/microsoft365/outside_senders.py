"""Counts the outside senders to mailing lists, from message traces, before the lists refuse outside mail."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.microsoft365.message_traces import read_traces
from connectors.microsoft365.sending_domains import accepted_domains
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import EndedUseCount

_DAYS = 90  # Exchange keeps traces for 90 days
_MOST_LISTS = 5  # lists in a run, because each takes ten requests to a service that limits them


def count_outside_senders(via: Microsoft365, lists: Sequence[str], now: datetime) -> Mapping[str, EndedUseCount]:
    """Return the number of outside senders to each list in 90 days.

    If there are many lists, only the first are counted.
    """
    own_domains = accepted_domains(via.exchange)
    return {address: _count_senders(via, address, own_domains, now) for address in lists[:_MOST_LISTS]}


def _count_senders(via: Microsoft365, address: str, own_domains: frozenset[str], now: datetime) -> EndedUseCount:
    traces = read_traces(via, now, _DAYS, recipientAddress=address)
    senders = {trace.sender for trace in traces if trace.sender and trace.domain not in own_domains}
    noun = "outside sender posted in {} days"
    return EndedUseCount(len(senders), noun.format(_DAYS), noun.replace("sender", "senders").format(_DAYS))
