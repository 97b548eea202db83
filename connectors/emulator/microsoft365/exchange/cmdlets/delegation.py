"""Rights to other mailboxes: to send as another recipient, and to open a mailbox.

The pages of the cmdlets are below https://learn.microsoft.com/powershell/module/exchangepowershell/, such as
get-recipientpermission.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.emulator.microsoft365.exchange.cmdlet import Outcome, Request, Run, find_object, limit_rows
from connectors.emulator.microsoft365.exchange.cmdlets.mailboxes import NAMES
from connectors.emulator.microsoft365.exchange.parameters import Missing
from connectors.emulator.store import Body

SENDING, OPENING = "exchange.recipientPermissions", "exchange.mailboxPermissions"
_SELF = "NT AUTHORITY\\SELF"


def _get_send_as_rights(request: Request) -> Outcome:
    """Return the rights to send as another recipient.

    If the Identity is unknown, return the rights on all recipients.
    """
    rows = [_without_key(row) for row in request.all(SENDING)]
    own: list[Body] = [
        {
            "Identity": name,
            "Trustee": _SELF,
            "AccessControlType": "Allow",
            "AccessRights": ["SendAs"],
            "IsInherited": False,
            "InheritanceType": "None",
        }
        for name in (str(recipient["Name"]) for recipient in request.all("exchange.mailboxes"))
    ]
    every = [*own, *rows]
    if not request.text("Identity"):
        return limit_rows(request, every)
    try:
        recipient_name = str(find_object(request.all("exchange.recipients"), request.text("Identity"), NAMES)["Name"])
    except Missing:
        return limit_rows(request, every)
    return limit_rows(request, [row for row in every if row["Identity"] == recipient_name])


def _get_mailbox_permissions(request: Request) -> Outcome:
    """Return the rights to open one mailbox, including the owner's rights and inherited rights."""
    name = str(find_object(request.all("exchange.mailboxes"), request.text("Identity"), NAMES)["Name"])
    shared: dict[str, Any] = {"Identity": name, "Deny": False, "InheritanceType": "All"}
    own = {**shared, "User": _SELF, "AccessRights": ["FullAccess", "ReadPermission"], "IsInherited": False}
    admins = {**shared, "User": "Discovery Management", "AccessRights": ["FullAccess"], "IsInherited": True}
    rows = [_without_key(row) for row in request.all(OPENING) if row["Identity"] == name]
    return limit_rows(request, [own, admins, *rows])


def _without_key(row: Body) -> Body:
    """Return a mailbox right without the key under which the emulator stores it."""
    return {name: value for name, value in row.items() if name not in ("Guid", "Name")}


def seeded_rights(collection: str) -> Iterator[Body]:
    """Yield the rights in a new school.

    The leadership may send as the head's office, and the safeguarding leads may open the safeguarding mailbox.
    """
    for mailbox, trustee in (("head", "leadership"), ("safeguarding", "dsl")):
        right: dict[str, Any] = {"Identity": mailbox, "IsInherited": False}
        if collection == SENDING:
            sends = {"AccessControlType": "Allow", "AccessRights": ["SendAs"], "InheritanceType": "None"}
            yield {**right, **sends, "Trustee": trustee}
        elif mailbox == "safeguarding":
            yield {**right, "Deny": False, "AccessRights": ["FullAccess"], "InheritanceType": "All", "User": trustee}


RUNS: Mapping[str, Run] = {
    "Get-RecipientPermission": _get_send_as_rights,
    "Get-MailboxPermission": _get_mailbox_permissions,
}
