"""Compares rights to other people's mailboxes with the school's declaration. Rights are read and never written.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/get-recipientpermission and
https://learn.microsoft.com/powershell/module/exchangepowershell/get-mailboxpermission
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.exchange.recipients import RecipientIndex
from connectors.microsoft365.graph.service import GraphRequest, path_with
from connectors.microsoft365.permissions import global_reader, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.delegation import (
    FULL_ACCESS,
    LEFT_OVER,
    ON_BEHALF,
    SEND_AS,
    SHARED_SIGN_IN,
    Grant,
    SendAsDelegation,
    compare_rights,
    deleted_accounts_finding,
    shared_sign_in_finding,
)
from toolkit.errors import BadAnswer, RequestFailed, answered
from toolkit.records import dataclass
from toolkit.sdk import CheckOccasion, Finding, check_subject, flag, read_only_once, segment, text, texts
from toolkit.values import Body

_COLUMNS = ("Guid", "ExternalDirectoryObjectId", "PrimarySmtpAddress", "RecipientTypeDetails", "GrantSendOnBehalfTo")
_SHARED = "SharedMailbox"
_OWN_RIGHTS = "NT AUTHORITY\\SELF"
_DELETED = "S-1-5-"  # Exchange shows deleted accounts only by security identifier

needs = (*global_reader("View-Only Recipients"), graph("User.Read.All"))


@dataclass(frozen=True, slots=True)
class _Rights:
    """The people who hold a type of right to mailboxes, the number of rights of deleted accounts, and the errors."""

    grants: frozenset[Grant]
    deleted: int = 0
    errors: Sequence[str] = ()


def check(control: SendAsDelegation, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Compare the rights to mailboxes with the school's declaration.

    One list has all send-as rights, and one request reads the full-access rights of ten mailboxes.
    """
    boxes = read_only_once(lambda: via.exchange.get("Get-Mailbox", {"ResultSize": "Unlimited"}, select=_COLUMNS))
    sending = read_only_once(lambda: _read_send_as_rights(via))
    opening = read_only_once(lambda: _read_full_access_rights(control, context, via, boxes()))
    behalf = read_only_once(lambda: _to_send_on_behalf_rights(via.recipients.read(), boxes()))
    for right, read in ((SEND_AS, sending), (FULL_ACCESS, opening), (ON_BEHALF, behalf)):
        yield check_subject(right, lambda: compare_rights(right, control, read().grants, read().errors))  # noqa: B023 - used at once
    yield check_subject(LEFT_OVER, lambda: _check_rights_of_deleted_accounts(sending(), opening(), behalf()))
    yield check_subject(SHARED_SIGN_IN, lambda: _check_sign_in(via, boxes()))


def _check_rights_of_deleted_accounts(*rights: _Rights) -> Finding:
    return deleted_accounts_finding(
        sum(right.deleted for right in rights), [error for right in rights for error in right.errors]
    )


def _read_send_as_rights(via: Microsoft365) -> _Rights:
    rows = via.exchange.get("Get-RecipientPermission", {"ResultSize": "Unlimited"})
    explicit_rights = [
        row for row in rows if row.get("AccessControlType") != "Deny" and not flag(row.get("IsInherited"))
    ]
    return _to_rights(
        via.recipients.read(), [(text(row.get("Identity")), text(row.get("Trustee"))) for row in explicit_rights]
    )


def _read_full_access_rights(
    control: SendAsDelegation, context: CheckOccasion, via: Microsoft365, boxes: Sequence[Body]
) -> _Rights:
    """Read the full-access rights to mailboxes of people in scope, shared mailboxes and declared mailboxes."""
    declared = {grant.mailbox for grant in control.declared_rights(FULL_ACCESS)}
    boxes_to_read = [
        box
        for box in boxes
        if box.get("RecipientTypeDetails") == _SHARED
        or context.reaches(text(box.get("ExternalDirectoryObjectId")))
        or text(box.get("PrimarySmtpAddress")).lower() in declared
    ]
    responses = via.exchange.run_many(
        [Command("Get-MailboxPermission", {"Identity": box["Guid"]}) for box in boxes_to_read]
    )
    index, holders, errors = via.recipients.read(), list[tuple[str, str]](), list[str]()
    for box, response in zip(boxes_to_read, responses, strict=True):
        try:
            holders += _to_full_access_holders(index, box, answered(response))
        except RequestFailed as error:
            errors.append(str(error))
    rights = _to_rights(index, holders)
    return _Rights(rights.grants, rights.deleted, errors)


def _to_full_access_holders(index: RecipientIndex, box: Body, rows: Sequence[Body]) -> Iterator[tuple[str, str]]:
    """Yield each person with full access to a mailbox.

    Raise BadAnswer if the response contains rights to other mailboxes.
    """
    address = text(box.get("PrimarySmtpAddress")).lower()
    if {_find_holder_address(index, text(row.get("Identity"))) for row in rows} - {address}:
        raise BadAnswer(f"Get-MailboxPermission returned rights to other mailboxes than {address}")
    for row in rows:
        is_full_access = "FullAccess" in texts(row.get("AccessRights"))
        if is_full_access and not flag(row.get("Deny")) and not flag(row.get("IsInherited")):
            yield address, text(row.get("User"))


def _to_send_on_behalf_rights(index: RecipientIndex, boxes: Sequence[Body]) -> _Rights:
    return _to_rights(
        index,
        [
            (text(box.get("PrimarySmtpAddress")), trustee)
            for box in boxes
            for trustee in texts(box.get("GrantSendOnBehalfTo"))
        ],
    )


def _to_rights(index: RecipientIndex, holders: Sequence[tuple[str, str]]) -> _Rights:
    """Return the holders of rights by their addresses. The right of owners to their own mailbox is left out."""
    delegated = [(mailbox, trustee) for mailbox, trustee in holders if trustee.upper() != _OWN_RIGHTS]
    existing = [(mailbox, trustee) for mailbox, trustee in delegated if not trustee.upper().startswith(_DELETED)]
    grants = frozenset(
        Grant(_find_holder_address(index, mailbox), _find_holder_address(index, trustee))
        for mailbox, trustee in existing
    )
    return _Rights(grants, len(delegated) - len(existing))


def _find_holder_address(index: RecipientIndex, name: str) -> str:
    return index.addresses([name])[0] if name else ""


def _check_sign_in(via: Microsoft365, boxes: Sequence[Body]) -> Finding:
    accounts = [text(box.get("ExternalDirectoryObjectId")) for box in boxes if box["RecipientTypeDetails"] == _SHARED]
    paths = [path_with(f"/users/{segment(account)}", {"select": "accountEnabled"}) for account in accounts if account]
    answers: Sequence[Mapping[str, object]] = [
        answered(answer) for answer in via.graph.batch([GraphRequest("GET", path) for path in paths])
    ]
    return shared_sign_in_finding(len(accounts), sum(answer.get("accountEnabled") is not False for answer in answers))
