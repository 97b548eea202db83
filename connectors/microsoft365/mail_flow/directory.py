"""Read the recipients that a message names, and the groups that rules name."""

from collections.abc import Sequence

from connectors.microsoft365.exchange.recipients import Recipient, RecipientIndex
from connectors.microsoft365.kinds.list_moderation.mailing_lists import NOUNS
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import BadAnswer, ServiceError
from toolkit.sdk import Directory, MailDirectory, MailRecipient


def read_mail_directory(via: Microsoft365, addresses: Sequence[str], groups: frozenset[str]) -> MailDirectory:
    """Return the recipients with these addresses, the members of lists, and the members of the groups in rules."""
    domains = frozenset(domain.casefold() for domain in via.tenant().domains)
    try:
        index = via.recipients.read()
    except ServiceError as error:
        return MailDirectory(domains, failure=str(error), unread_groups=dict.fromkeys(groups, str(error)))
    matches = {address.casefold(): _find(index, address) for address in addresses}
    lists = {recipient.address for recipient in matches.values() if recipient and recipient.kind in NOUNS}
    names = sorted({name for name in groups if not _is_person(index, name)} | lists)
    directory = via.directory(people=False, groups=names) if names else Directory()
    by_account = {recipient.account: recipient.address for recipient in index.every if recipient.account}
    members = {
        name: frozenset(by_account[person] for person in group.members | group.outsiders if person in by_account)
        for name, group in directory.groups.items()
    }
    unread = {name: directory.unknown.get(name, "it is not a group") for name in names if name not in members}
    recipients = {
        address: _to_mail_recipient(recipient, members, unread) for address, recipient in matches.items() if recipient
    }
    return MailDirectory(domains, recipients, members, unread)


def _is_person(index: RecipientIndex, name: str) -> bool:
    recipient = _find(index, name)
    return recipient is not None and recipient.kind not in NOUNS


def _find(index: RecipientIndex, address: str) -> Recipient | None:
    try:
        return index.find(address)
    except BadAnswer:  # several recipients have this name
        return None


def _to_mail_recipient(
    recipient: Recipient, members: dict[str, frozenset[str]], unread: dict[str, str]
) -> MailRecipient:
    if recipient.kind not in NOUNS:
        return MailRecipient(recipient.address)
    people = members.get(recipient.address)
    return MailRecipient(
        recipient.address,
        is_list=True,
        members=None if people is None else tuple(sorted(people)),
        failure=unread.get(recipient.address, ""),
    )
