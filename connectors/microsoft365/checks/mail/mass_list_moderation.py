"""Counts the outside senders to large mailing lists, so that the school can decide whether to refuse outside mail."""

from collections.abc import Iterable

from connectors.microsoft365.message_traces import NEEDED, read_traces
from connectors.microsoft365.permissions import global_reader
from connectors.microsoft365.sending_domains import accepted_domains
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.mail_lists import MassListModeration
from toolkit.controls.mail_scope import OUTSIDE, OUTSIDE_DAYS, OutsideMail, list_senders
from toolkit.sdk import CheckOccasion, Finding, Permission, check_subject


def needs(control: MassListModeration) -> tuple[Permission, ...]:
    """Return the permissions of the check. It needs none unless the control counts outside senders."""
    return (NEEDED, *global_reader("View-Only Configuration")) if control.counts_outside else ()


def check(control: MassListModeration, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Count the senders outside the tenant who wrote to each mailing list in the last 90 days."""
    if control.counts_outside:
        yield check_subject(OUTSIDE, lambda: _count_senders(control, context, via))


def _count_senders(control: MassListModeration, context: CheckOccasion, via: Microsoft365) -> Finding:
    own_domains = accepted_domains(via.exchange)
    return list_senders(
        {
            address: [
                OutsideMail(trace.domain, trace.is_delivered)
                for trace in read_traces(via, context.now, OUTSIDE_DAYS, recipientAddress=address)
                if trace.sender and trace.domain not in own_domains
            ]
            for address in control.lists
        }
    )
