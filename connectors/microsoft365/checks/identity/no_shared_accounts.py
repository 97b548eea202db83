"""Checks accounts that several people may use: shared mailboxes that can sign in, and accounts named after a place.

Follows https://learn.microsoft.com/microsoft-365/admin/email/about-shared-mailboxes
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from connectors.microsoft365.permissions import global_reader, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.shared_accounts import LISTED, NAMED, NoSharedAccounts, account_names_finding
from toolkit.errors import BadAnswer
from toolkit.sdk import CheckOccasion, Finding, Measurement, ReasonCode, Status, Things, check_subject, same_words, text
from toolkit.values import Body

MAILBOXES = "shared mailboxes that can sign in"
_GET, _OWNER = "Get-Mailbox", "ExternalDirectoryObjectId"
_COLUMNS = (_OWNER, "RecipientTypeDetails")
_SHARED_TYPES = ("SharedMailbox", "RoomMailbox", "EquipmentMailbox", "SchedulingMailbox")
_CAN = ReasonCode(
    "shared_mailboxes_sign_in",
    admin="the accounts of {short} of {all} shared mailboxes, rooms and equipment can sign in. In the Microsoft 365 "
    "admin centre, Users > Active users, block sign-in for each account that no one uses to sign in",
    governor="{short} of {all} shared mailboxes {short:allows|allow} sign-in with a password that several "
    "people may know",
    lacking="{short} of {all} shared mailboxes {short:allows|allow} sign-in with {short:its|their} own password",
)
_NONE = same_words("no_shared_mailbox_signs_in", "none of {all} shared mailboxes, rooms and equipment can sign in")
_SYNCED = same_words(
    "shared_mailboxes_synced",
    ". {count} of these accounts must be blocked in the school's own directory, which Microsoft 365 follows",
)

needs = (*global_reader("View-Only Recipients"), graph("User.Read.All"))


def check(control: NoSharedAccounts, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Report the shared mailboxes that can sign in, and the accounts that are named after a place."""
    yield check_subject(MAILBOXES, lambda: _check_shared_mailboxes(control, context, via))
    yield check_subject(NAMED, lambda: account_names_finding(control, context))


class SharedMailboxes(Measurement):
    """The number of shared mailboxes that can sign in, by type, and the number of their synchronised accounts."""

    mailboxes: int
    sign_in: int
    synced: int
    sorts: Mapping[str, int]


def _check_shared_mailboxes(control: NoSharedAccounts, context: CheckOccasion, via: Microsoft365) -> Finding:
    rows = via.exchange.get(_GET, {"ResultSize": "Unlimited"}, select=_COLUMNS)
    if not all(text(row.get("RecipientTypeDetails")) for row in rows):
        raise BadAnswer(f"{_GET}: a mailbox has no type")
    types = {
        _read_owner_id(row): str(row["RecipientTypeDetails"])
        for row in rows
        if row["RecipientTypeDetails"] in _SHARED_TYPES
    }
    live = sorted(
        (owner for owner in context.scope.audience.people if owner.id in types), key=lambda owner: owner.address
    )
    synced = sum(owner.is_synced for owner in live)
    measurement = SharedMailboxes(
        mailboxes=len(types),
        sign_in=len(live),
        synced=synced,
        sorts=dict(sorted(Counter(types[owner.id] for owner in live).items())),
    )
    if not live:
        return Finding(MAILBOXES, Status.PASS, _NONE(all=Things(len(types))), measurement=measurement)
    reason = _CAN(short=Things(len(live)), all=Things(len(types))).then(
        _SYNCED(count=Things(synced)) if synced else None,
        LISTED(who=", ".join(owner.address for owner in live)) if control.names == "listed" else None,
    )
    return Finding(MAILBOXES, Status.FAIL, reason, measurement=measurement)


def _read_owner_id(row: Body) -> str:
    owner = text(row.get(_OWNER))
    if not owner:
        raise BadAnswer(f"{_GET}: a mailbox has no account")
    return owner
