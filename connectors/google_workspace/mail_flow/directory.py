"""Read the accounts and groups that a message names."""

from collections.abc import Sequence

from connectors.google_workspace.accounts import Account
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.sdk import Directory, MailDirectory, MailRecipient


def find_groups(via: GoogleWorkspace, addresses: Sequence[str]) -> frozenset[str]:
    """Return the addresses that belong to a group of the school."""
    directory = _read_groups(via, addresses)
    return frozenset((group.address or name).casefold() for name, group in directory.groups.items())


def _read_groups(via: GoogleWorkspace, addresses: Sequence[str]) -> Directory:
    domains = frozenset(domain.casefold() for domain in via.tenant().domains)
    accounts = _index_accounts(via)
    names = [
        address for address in dict.fromkeys(addresses)
        if address.rpartition("@")[2].casefold() in domains and address.casefold() not in accounts
    ]  # fmt: skip
    return via.directory(people=False, groups=names) if names else Directory()


def _index_accounts(via: GoogleWorkspace) -> dict[str, Account]:
    return {address: account for account in via.accounts.all().values() for address in account.known_as}


def read_mail_directory(via: GoogleWorkspace, addresses: Sequence[str], groups: frozenset[str]) -> MailDirectory:
    """Return the accounts with these addresses and their units, and the members of groups, guests among them."""
    domains = frozenset(domain.casefold() for domain in via.tenant().domains)
    by_address, accounts = _index_accounts(via), via.accounts.all()
    directory = _read_groups(via, (*addresses, *sorted(groups)))
    members = {
        (group.address or name).casefold(): frozenset(
            accounts[key].address.casefold() for key in group.members if key in accounts and accounts[key].enabled
        )
        | group.outsiders
        for name, group in directory.groups.items()
    }
    recipients: dict[str, MailRecipient] = {}
    for address in addresses:
        name = address.casefold()
        if account := by_address.get(name):
            recipients[name] = MailRecipient(account.address.casefold(), unit=account.unit)
        elif name in members:
            recipients[name] = MailRecipient(name, is_list=True, members=tuple(sorted(members[name])))
        elif address in directory.unknown and address not in directory.gone:
            recipients[name] = MailRecipient(name, is_list=True, failure=directory.unknown[address])
    people = {
        person: MailRecipient(person, unit=by_address[person].unit)
        for people in members.values()
        for person in people
        if person in by_address
    }
    return MailDirectory(domains, {**people, **recipients}, members, dict(directory.unknown))
