"""Read the managers of people, only if a mail rule names the manager of a sender or recipient."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from connectors.microsoft365.graph.service import GraphRequest, path_with
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import NotFound, RequestFailed
from toolkit.sdk import MailDirectory, MailObject, segment, text

_SETTINGS = (
    "manager_addresses",
    "sender_management_relationship",
    "except_if_manager_addresses",
    "except_if_sender_management_relationship",
    "moderate_message_by_manager",
    "add_manager_as_recipient_type",
)


def add_managers(
    via: Microsoft365, directory: MailDirectory, rules: Iterable[MailObject], people: Sequence[str]
) -> MailDirectory:
    """Return the directory with the managers of people, by their addresses, and of the members of their lists."""
    if (
        directory.failure
        or directory.managers
        or not any(rule.settings.get(name) for rule in rules for name in _SETTINGS)
    ):
        return directory
    index = via.recipients.read()
    members = [member for recipient in directory.recipients.values() for member in recipient.members or ()]
    addresses = dict.fromkeys(directory.primary(person) for person in (*people, *members))
    accounts = {entry.address: entry.account for entry in index.every if entry.account and entry.address in addresses}
    by_account = {entry.account: entry.address for entry in index.every if entry.account}
    paths = [path_with(f"/users/{segment(account)}/manager", {"select": "id"}) for account in accounts.values()]
    answers = via.graph.batch([GraphRequest("GET", path) for path in paths])
    managers: dict[str, str] = dict.fromkeys(set(addresses) - accounts.keys(), "")
    unread: dict[str, str] = {}
    for address, answer in zip(accounts, answers, strict=True):
        if isinstance(answer, NotFound):
            managers[address] = ""
        elif isinstance(answer, RequestFailed):
            unread[address] = str(answer)
        else:
            managers[address] = by_account.get(text(answer.get("id")).lower(), "a manager without an address")
    return replace(directory, managers=managers, unread_managers=unread)
