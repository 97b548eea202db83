"""Checks whether the address for monitoring alerts accepts mail from outside, and who reads that mail.

Follows https://developers.google.com/workspace/admin/groups-settings/v1/reference/groups
"""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.monitoring import (
    MAILBOX,
    READERS,
    MonitoringAlerts,
    alert_address_finding,
    alert_readers_finding,
    missing_address_finding,
    other_cloud_finding,
)
from toolkit.errors import NotFound, answered
from toolkit.sdk import CheckOccasion, Finding, Permission, check_subject, text

_UNMODERATED = "MODERATE_NONE"
_ANYONE = "ANYONE_CAN_POST"


def needs(_settings: object) -> tuple[Permission, ...]:
    """Return the permissions that the service account and its administrator need."""
    return leave("groupsSettings.groups.get", "directory.users.list")


def check(settings: MonitoringAlerts, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Check the person or the group with the address for alerts."""
    if settings.mail_on != "google_workspace":
        return (other_cloud_finding(MAILBOX), other_cloud_finding(READERS))
    return (
        check_subject(MAILBOX, lambda: _check_address(settings, context, via)),
        check_subject(READERS, lambda: alert_readers_finding(settings, context)),
    )


def _check_address(settings: MonitoringAlerts, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    (answer,) = via.groups_settings.get_many([settings.alert_address])
    if isinstance(answer, NotFound):
        people = {person.address.casefold() for person in context.scope.audience.people if person.mailbox}
        return (
            alert_address_finding(settings, "")
            if settings.alert_address.casefold() in people
            else missing_address_finding(settings)
        )
    group = answered(answer)
    if text(group.get("whoCanPostMessage")) != _ANYONE:
        return alert_address_finding(settings, "set `Who can post` of the group to `Anyone on the web`")
    if text(group.get("messageModerationLevel")) != _UNMODERATED:
        return alert_address_finding(
            settings, "a manager of the group must approve messages. Turn off moderation for the group"
        )
    return alert_address_finding(settings, "")
