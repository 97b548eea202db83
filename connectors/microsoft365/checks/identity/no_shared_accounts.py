"""Accounts that several people may use: those of shared mailboxes that can sign in, and those named after a place.

Follows https://learn.microsoft.com/microsoft-365/admin/email/about-shared-mailboxes
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from connectors.microsoft365.permissions import global_reader, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.shared_accounts import LISTED, NAMED, NoSharedAccounts, named_after_places
from toolkit.errors import BadAnswer
from toolkit.sdk import CheckOccasion, Finding, Measurement, ReasonCode, Status, Things, looked_at, same_words, text
from toolkit.values import Body

MAILBOXES = "shared mailboxes that can sign in"
_GET, _OWNER = "Get-Mailbox", "ExternalDirectoryObjectId"
_COLUMNS = (_OWNER, "RecipientTypeDetails")
_SHARED_TYPES = ("SharedMailbox", "RoomMailbox", "EquipmentMailbox", "SchedulingMailbox")
_CAN = ReasonCode(
    "shared_mailboxes_sign_in",
    admin="the accounts of {short} of {all} shared mailboxes, rooms and equipment can sign in: in the Microsoft 365 "
    "admin centre, Users > Active users, block the sign-in of each that no one signs in to",
    governor="{short} of {all} shared mailboxes can be signed in to with a password that several people know",
    lacking="{short} of {all} shared mailboxes can be signed in to with a password of {short:its|their} own",
)
_NONE = same_words("no_shared_mailbox_signs_in", "none of {all} shared mailboxes, rooms and equipment can sign in")
_SYNCED = same_words("shared_mailboxes_synced", "; {count} of them in the school's own directory, which this follows")

needs = (*global_reader("View-Only Recipients"), graph("User.Read.All"))


def check(control: NoSharedAccounts, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Compare one list of mailboxes with the directory that was read already."""
    yield looked_at(MAILBOXES, lambda: _mailboxes(control, context, via))
    yield looked_at(NAMED, lambda: named_after_places(control, context))


class SharedMailboxes(Measurement):
    """How many shared mailboxes can sign in, also by their sort, and how many of those are synced."""

    mailboxes: int
    sign_in: int
    synced: int
    sorts: Mapping[str, int]


def _mailboxes(control: NoSharedAccounts, context: CheckOccasion, via: Microsoft365) -> Finding:
    rows = via.exchange.get(_GET, {"ResultSize": "Unlimited"}, select=_COLUMNS)
    if not all(text(row.get("RecipientTypeDetails")) for row in rows):
        raise BadAnswer(f"{_GET}: a mailbox came without its kind")
    sorts = {
        _owner(row): str(row["RecipientTypeDetails"]) for row in rows if row["RecipientTypeDetails"] in _SHARED_TYPES
    }
    live = sorted((one for one in context.scope.audience.people if one.id in sorts), key=lambda one: one.address)
    synced = sum(one.is_synced for one in live)
    measurement = SharedMailboxes(
        mailboxes=len(sorts),
        sign_in=len(live),
        synced=synced,
        sorts=dict(sorted(Counter(sorts[one.id] for one in live).items())),
    )
    if not live:
        return Finding(MAILBOXES, Status.PASS, _NONE(all=Things(len(sorts))), measurement=measurement)
    reason = _CAN(short=Things(len(live)), all=Things(len(sorts))).then(
        _SYNCED(count=Things(synced)) if synced else None,
        LISTED(who=", ".join(one.address for one in live)) if control.names == "listed" else None,
    )
    return Finding(MAILBOXES, Status.FAIL, reason, measurement=measurement)


def _owner(row: Body) -> str:
    owner = text(row.get(_OWNER))
    if not owner:
        raise BadAnswer(f"{_GET}: a mailbox came without its account")
    return owner
