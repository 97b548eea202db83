"""Counts the tasks that are not finished for people who have left, from disabled accounts. Legal holds are not read.

Follows https://learn.microsoft.com/microsoft-365/admin/add-users/remove-former-employee
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from connectors.microsoft365.checks.data.hold import check_delay
from connectors.microsoft365.graph.service import GraphRequest
from connectors.microsoft365.permissions import global_reader, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.data import (
    DELAY,
    ENDING,
    FORWARDING,
    GROUPS,
    LICENCES,
    MAILBOXES,
    LeaverHandover,
    coming_deletions_finding,
    disabled_accounts_finding,
)
from toolkit.errors import BadAnswer, RequestFailed, answered
from toolkit.sdk import CheckOccasion, Finding, check_subject, read_only_once, same_words, segment
from toolkit.values import Body

_FIELDS = "id,userPrincipalName,userType,assignedLicenses"
_GET = "Get-Mailbox"
_COLUMNS = ("ExternalDirectoryObjectId", "RecipientTypeDetails", "ForwardingAddress", "ForwardingSmtpAddress")
_PERSONAL = (
    "UserMailbox"  # all other mailboxes are shared, a room's or equipment's, and their accounts are disabled by design
)
_KEPT_FOR = timedelta(days=30)  # Entra keeps deleted accounts for this long
_LICENSED = same_words("leaver_licences", "disabled accounts with a licence, shared mailboxes included")()
_NOT_SHARED = same_words(
    "leaver_mailboxes", "disabled accounts with a personal mailbox that was not converted to a shared mailbox"
)()
_IN_GROUPS = same_words("leaver_groups", "disabled accounts in groups")()
_FORWARDED = same_words("leaver_forwarding", "disabled accounts with forwarded mail")()
Rows = Sequence[Body]

needs = (
    *global_reader("View-Only Recipients", "View-Only Configuration"),
    graph("User.Read.All"),
    graph("GroupMember.Read.All"),
)


def check(control: LeaverHandover, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Count the unfinished tasks for disabled accounts.

    One list has all mailboxes, and one request reads the groups of twenty accounts.
    """
    accounts = read_only_once(lambda: _read_disabled_accounts(via))
    mailboxes = read_only_once(lambda: _read_mailboxes(via))
    yield check_subject(LICENCES, lambda: _check_licences(control, accounts()))
    yield check_subject(MAILBOXES, lambda: _check_personal_mailboxes(control, accounts(), mailboxes()))
    yield check_subject(GROUPS, lambda: _check_groups(control, _remove_shared_mailboxes(accounts(), mailboxes()), via))
    yield check_subject(FORWARDING, lambda: _check_forwarding(control, accounts(), mailboxes()))
    yield check_subject(
        ENDING, lambda: coming_deletions_finding(control, _read_final_deletions(via), context.now.date())
    )
    yield check_subject(DELAY, lambda: check_delay(via))


def _read_disabled_accounts(via: Microsoft365) -> Rows:
    return _remove_guests(via.graph.pages("/users", filter="accountEnabled eq false", select=_FIELDS, top="999"))


def _remove_guests(rows: Rows) -> Rows:
    """Return the accounts that are not guests. An account without a type is very old and not a guest."""
    return [row for row in rows if row.get("userType") != "Guest"]


def _read_mailboxes(via: Microsoft365) -> Mapping[str, Body]:
    """Return the mailboxes, by the id of the account."""
    rows = via.exchange.get(_GET, {"ResultSize": "Unlimited"}, select=_COLUMNS)
    if not all(row.get("RecipientTypeDetails") for row in rows):
        raise BadAnswer(f"{_GET}: the response has a mailbox without its type")
    return {str(row.get("ExternalDirectoryObjectId") or ""): row for row in rows}


def _remove_shared_mailboxes(accounts: Rows, mailboxes: Mapping[str, Body]) -> Rows:
    """Return the accounts of people, without the accounts of shared mailboxes, rooms and equipment."""
    kinds = {key: row["RecipientTypeDetails"] for key, row in mailboxes.items()}
    return [account for account in accounts if kinds.get(str(account["id"]), _PERSONAL) == _PERSONAL]


def _check_licences(control: LeaverHandover, accounts: Rows) -> Finding:
    if not all(isinstance(account.get("assignedLicenses"), list) for account in accounts):
        raise BadAnswer("GET /users: the response does not show an account's licences")
    return disabled_accounts_finding(
        LICENCES,
        control,
        len(accounts),
        [_find_account_name(account) for account in accounts if account["assignedLicenses"]],
        what=_LICENSED,
        then="convert a mailbox to a shared mailbox before you remove its licence. A shared mailbox above 50 GB, or "
        "with an archive, still needs a licence",
    )


def _check_personal_mailboxes(control: LeaverHandover, accounts: Rows, mailboxes: Mapping[str, Body]) -> Finding:
    leavers = _remove_shared_mailboxes(accounts, mailboxes)
    return disabled_accounts_finding(
        MAILBOXES,
        control,
        len(leavers),
        [_find_account_name(leaver) for leaver in leavers if str(leaver["id"]) in mailboxes],
        what=_NOT_SHARED,
        then="hand the mailbox over in the Exchange admin centre, Recipients > Mailboxes > Convert to shared mailbox",
    )


def _check_groups(control: LeaverHandover, leavers: Rows, via: Microsoft365) -> Finding:
    """Count the accounts that are still in groups, directly or through a nested group.

    The names of the groups are not reported.
    """
    body: Body = {"securityEnabledOnly": False}
    requests = [GraphRequest("POST", f"/users/{segment(leaver['id'])}/getMemberGroups", body) for leaver in leavers]
    responses = via.graph.batch(requests)
    return disabled_accounts_finding(
        GROUPS,
        control,
        len(leavers),
        [
            _find_account_name(leaver)
            for leaver, response in zip(leavers, responses, strict=True)
            if _read_group_ids(response)
        ],
        what=_IN_GROUPS,
        then="remove the accounts in the directory that each group comes from",
    )


def _read_group_ids(response: Body | RequestFailed) -> Sequence[object]:
    groups = answered(response).get("value")
    if not isinstance(groups, list) or not all(isinstance(group, str) for group in groups):
        raise BadAnswer("POST /users/getMemberGroups: the response has no list of groups")
    return groups


def _check_forwarding(control: LeaverHandover, accounts: Rows, mailboxes: Mapping[str, Body]) -> Finding:
    leavers = _remove_shared_mailboxes(accounts, mailboxes)
    return disabled_accounts_finding(
        FORWARDING,
        control,
        len(leavers),
        [_find_account_name(leaver) for leaver in leavers if _is_forwarding(mailboxes.get(str(leaver["id"]), {}))],
        what=_FORWARDED,
        then="stop the forwarding, and let the person who took over read the shared mailbox",
    )


def _is_forwarding(mailbox: Body) -> bool:
    return bool(mailbox.get("ForwardingAddress") or mailbox.get("ForwardingSmtpAddress"))


def _read_final_deletions(via: Microsoft365) -> Sequence[tuple[str, date]]:
    """Return the address of each deleted account with the date of its final deletion.

    An address may appear more than once.
    """
    path = "/directory/deletedItems/microsoft.graph.user"
    rows = via.graph.pages(path, select="id,userPrincipalName,userType,mail,deletedDateTime", top="999")
    return [
        (str(row.get("mail") or _find_account_name(row)), _read_final_deletion_date(row))
        for row in _remove_guests(rows)
    ]


def _read_final_deletion_date(row: Body) -> date:
    try:
        deleted = datetime.fromisoformat(str(row.get("deletedDateTime")))
    except ValueError as error:
        raise BadAnswer(
            "GET /directory/deletedItems: the response does not show when an account was deleted"
        ) from error
    return (deleted.astimezone(UTC) + _KEPT_FOR).date()


def _find_account_name(account: Body) -> str:
    return str(account.get("userPrincipalName") or account["id"])
