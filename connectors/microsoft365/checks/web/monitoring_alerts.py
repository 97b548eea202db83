"""Checks that the address for monitoring alerts accepts outside mail, and that someone can read the alerts.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/get-distributiongroup
"""

from collections.abc import Iterable

from connectors.microsoft365.kinds.list_moderation.mailing_lists import NOUNS
from connectors.microsoft365.message_traces import NEEDED, read_traces
from connectors.microsoft365.permissions import global_reader, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.monitoring import (
    DELIVERED,
    MAILBOX,
    READERS,
    TRACED_DAYS,
    MonitoringAlerts,
    alert_address_finding,
    alert_delivery_finding,
    alert_readers_finding,
    missing_address_finding,
    other_cloud_finding,
)
from toolkit.errors import BadAnswer
from toolkit.sdk import CheckOccasion, Finding, Permission, check_subject, flag, listed, text
from toolkit.values import Body

_INSIDE, _MODERATED = "RequireSenderAuthenticationEnabled", "ModerationEnabled"
_ACCEPTED = "AcceptMessagesOnlyFromSendersOrMembers"
_PERSONAL = "usermailbox"
_ALL_NOUNS = {**NOUNS, _PERSONAL: "Mailbox", "sharedmailbox": "Mailbox"}


def needs(settings: object) -> tuple[Permission, ...]:
    traces = [NEEDED] if getattr(settings, "alert_sender", None) else []
    return (*global_reader("View-Only Recipients"), graph("User.Read.All"), *traces)


def check(control: MonitoringAlerts, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Check the mailbox or group that gets the alerts, and count the alerts if the control asks for a count."""
    if control.mail_on != "microsoft365":
        return (other_cloud_finding(MAILBOX), other_cloud_finding(READERS))
    return (
        check_subject(MAILBOX, lambda: _check_address(control, context, via)),
        check_subject(READERS, lambda: alert_readers_finding(control, context)),
        *([check_subject(DELIVERED, lambda: _count_delivered(control, context, via))] if control.alert_sender else []),
    )


def _count_delivered(control: MonitoringAlerts, context: CheckOccasion, via: Microsoft365) -> Finding:
    """Count the alerts that were delivered to the alert address. Their subjects are not read."""
    pair = {"senderAddress": control.alert_sender or "", "recipientAddress": control.alert_address}
    traces = read_traces(via, context.now, TRACED_DAYS, **pair)
    return alert_delivery_finding(control, [trace.at for trace in traces if trace.is_delivered])


def _check_address(control: MonitoringAlerts, context: CheckOccasion, via: Microsoft365) -> Finding:
    recipient = via.recipients.read().find(control.alert_address)
    noun = _ALL_NOUNS.get(recipient.kind) if recipient else None
    if recipient is None or noun is None:
        return missing_address_finding(control)
    if recipient.kind == _PERSONAL and recipient.account not in {person.id for person in context.scope.audience.people}:
        return alert_address_finding(control, "its account is closed. Choose a mailbox that someone reads")
    rows = via.exchange.get(f"Get-{noun}", {"Identity": recipient.guid})
    rows = [
        row for row in rows if text(row.get("Guid")).lower() == recipient.guid
    ]  # Exchange returns all objects for an unknown name
    if len(rows) != 1 or rows[0].get(_INSIDE) is None:
        raise BadAnswer(f"Get-{noun}: the response does not show whether {control.alert_address} accepts outside mail")
    return alert_address_finding(control, _explain_closed_address(rows[0]))


def _explain_closed_address(row: Body) -> str:
    if flag(row[_INSIDE]):
        return "in the Exchange admin centre, under its delivery management, allow people outside the organisation"
    if listed(row.get(_ACCEPTED)):
        return "only listed senders may write to the address. In the Exchange admin centre, accept all senders"
    return "messages wait for a moderator. Turn moderation off for the address" if flag(row.get(_MODERATED)) else ""
