"""Checks that legal holds could be placed now: mailboxes have the necessary licence, and this app may use eDiscovery.

toolkit neither reads nor reports whether anyone is on hold. Follows
https://learn.microsoft.com/purview/ediscovery-create-a-litigation-hold
"""

from collections.abc import Iterable

from connectors.microsoft365.builtin_objects import read_row
from connectors.microsoft365.legal_holds.cases import READ_PERMISSION, REGISTERED
from connectors.microsoft365.legal_holds.mailbox import can_be_held
from connectors.microsoft365.permissions import ediscovery, global_reader
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.data import DELAY
from toolkit.controls.legal_holds import holdable_mailboxes_finding
from toolkit.errors import BadAnswer, Refused
from toolkit.sdk import CheckOccasion, Finding, ReasonCode, Status, check_subject, same_words
from toolkit.values import Body

MAILBOXES, EDISCOVERY = "mailboxes that can be held", "eDiscovery"
_NOT_REGISTERED = ReasonCode(
    "ediscovery_not_registered", admin="{text}", governor="toolkit may not use Microsoft's service for legal holds yet"
)
_LETS_IN = ReasonCode(
    "ediscovery_answers",
    admin="the app that runs checks may use eDiscovery. The app that places holds must be registered separately",
    governor="toolkit can read legal holds. To place holds, it must be registered separately",
)
_DELAYED = same_words("delicensing_delayed", "a mailbox is kept for 30 days after its licence is removed")
_NO_DELAY = ReasonCode(
    "delicensing_at_once",
    admin="a mailbox closes as soon as its licence is removed. DelayedDelicensingEnabled is off, and only tenants "
    "with more than 5,000 licences can turn it on",
    governor="a mailbox closes as soon as its licence is removed",
)
_GET = "Get-Mailbox"
_COLUMNS = ("ExternalDirectoryObjectId", "PersistedCapabilities", "RecipientTypeDetails")
_NEEDS = "a licence with Exchange Online Plan 2, or with a lesser plan and Archiving,"
_MAILBOX_TYPES = {
    "UserMailbox": "of people",
    "SharedMailbox": "shared",
    "RoomMailbox": "of rooms",
    "EquipmentMailbox": "of equipment",
}

needs = (*global_reader("View-Only Recipients", "View-Only Configuration"), ediscovery(READ_PERMISSION))


def check(settings: object, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Report the mailboxes that can be held, the access to eDiscovery, and how long unlicensed mailboxes are kept."""
    yield check_subject(MAILBOXES, lambda: _count_mailboxes(context, via))
    yield check_subject(EDISCOVERY, lambda: check_ediscovery(via))
    yield check_subject(DELAY, lambda: check_delay(via))


def check_delay(via: Microsoft365) -> Finding:
    """Report how long a mailbox is kept after its licence is removed.

    Follows
    https://learn.microsoft.com/exchange/recipients-in-exchange-online/manage-user-mailboxes/exchange-online-delicensing-resiliency
    """
    is_delayed = read_row(via, "OrganizationConfig").get("DelayedDelicensingEnabled")
    if not isinstance(is_delayed, bool):
        raise BadAnswer("Get-OrganizationConfig: the response does not show DelayedDelicensingEnabled")
    return Finding(DELAY, Status.PASS, _DELAYED()) if is_delayed else Finding(DELAY, Status.UNAVAILABLE, _NO_DELAY())


def _count_mailboxes(context: CheckOccasion, via: Microsoft365) -> Finding:
    all_rows = via.exchange.get(_GET, {"ResultSize": "Unlimited"}, select=_COLUMNS)
    rows = [row for row in all_rows if context.reaches(_read_account_id(row))]
    lacking = [
        _MAILBOX_TYPES.get(str(row.get("RecipientTypeDetails")), "of another type")
        for row in rows
        if not _can_be_held(row)
    ]
    group = context.scope.audience.group
    members_without = group.members - {_read_account_id(row) for row in rows} if group else ()
    return holdable_mailboxes_finding(
        MAILBOXES, capable=len(rows) - len(lacking), lacking=lacking, without=len(members_without), needs=_NEEDS
    )


def check_ediscovery(via: Microsoft365) -> Finding:
    try:
        via.holding.check_case_access()
    except Refused as error:
        if error.missing != REGISTERED:
            raise
        return Finding(EDISCOVERY, Status.FAIL, _NOT_REGISTERED(text=str(error)))
    return Finding(EDISCOVERY, Status.PASS, _LETS_IN())


def _read_account_id(row: Body) -> str:
    return str(row.get("ExternalDirectoryObjectId") or "")


def _can_be_held(row: Body) -> bool:
    capable = can_be_held(row)
    if capable is None:
        raise BadAnswer(f"{_GET}: the response does not show whether a mailbox can be on litigation hold")
    return capable
