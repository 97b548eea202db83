"""The recipients, groups, managers and domains of a tenant, as Exchange sees them during a delivery."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.emulator.microsoft365.exchange.rules import Recipients, index_recipients
from connectors.emulator.microsoft365.retention_rules import as_sequence
from connectors.emulator.store import Body, Json, Store


@dataclass(frozen=True, slots=True)
class ExchangeDirectory:
    """The recipients, groups and domains that a delivery needs."""

    recipients: Recipients
    domains: Mapping[str, str]  # type of each accepted domain, by its name in lower case
    lists: Mapping[str, Body]  # distribution lists and groups, by primary address in lower case
    mailboxes: Mapping[str, Body]  # by primary address in lower case
    addresses: Mapping[str, str]  # primary address, by the id of the person or group
    member_ids: Mapping[str, Sequence[str]]  # by the id of the group
    manager_ids: Mapping[str, str]  # by the id of the person

    def primary_address(self, name: str) -> str:
        """Return the primary address for an address, alias, name or id. A name that is not found is returned as is."""
        rows = self.recipients.by_name.get(name.lower().removeprefix("smtp:"), ())
        return str(rows[0]["PrimarySmtpAddress"]).lower() if rows else name.lower()

    def primary_addresses(self, names: Json) -> set[str]:
        """Return the primary address for each name in a property of a rule or a list."""
        listed = [names] if isinstance(names, str) else as_sequence(names)
        return {self.primary_address(str(name)) for name in listed}

    def exists(self, address: str) -> bool:
        return address in self.recipients.by_name

    def is_inside(self, address: str) -> bool:
        """Return whether an address belongs to an accepted domain of the organisation.

        A domain that is relayed to the outside does not count: learn.microsoft.com/exchange/security-and-compliance/
        mail-flow-rules/conditions-and-exceptions, and a test in MicrosoftDocs/OfficeDocs-Exchange issue 1699.
        """
        kind = self.domains.get(address.rpartition("@")[2])
        return kind is not None and kind != "ExternalRelay"

    def is_list(self, address: str) -> bool:
        return address in self.lists

    def direct_members(self, address: str) -> list[str] | None:
        """Return the addresses of a list's members. None for a dynamic list, whose members are not stored."""
        key = str(self.lists[address].get("ExternalDirectoryObjectId") or "")
        if not key:
            return None
        ids = self.member_ids.get(key, ())
        return [self.addresses[member] for member in ids if member in self.addresses]

    def is_member(self, address: str, groups: Iterable[str]) -> bool | None:
        """Return whether an address is in one of the groups, directly or through another list.

        The result is None if the address is in none of them, but the members of a dynamic list are not stored.
        """
        visited: set[str] = set()
        waiting, is_complete = list(groups), True
        while waiting:
            group = waiting.pop()
            if group in visited or not self.is_list(group):
                continue
            visited.add(group)
            members = self.direct_members(group)
            if members is None:
                is_complete = False
            elif address in members:
                return True
            else:
                waiting += members
        return False if is_complete else None

    def manager(self, address: str) -> str | None:
        """Return the address of a person's manager. None if the directory does not name one."""
        rows = self.recipients.by_name.get(address, ())
        key = self.manager_ids.get(str(rows[0].get("ExternalDirectoryObjectId"))) if rows else None
        return self.addresses.get(key) if key else None


def read_directory(store: Store, tenant_id: str) -> ExchangeDirectory:
    """Read the directory of a tenant."""
    rows = store.all(tenant_id, "exchange.recipients")
    domains = store.all(tenant_id, "exchange.acceptedDomains")
    return ExchangeDirectory(
        recipients=index_recipients(rows, domains),
        domains={str(domain["DomainName"]).lower(): str(domain.get("DomainType")) for domain in domains},
        lists=_index_by_address(store.all(tenant_id, "exchange.lists")),
        mailboxes=_index_by_address(store.all(tenant_id, "exchange.mailboxes")),
        addresses=dict(_addresses_by_id(rows)),
        member_ids={
            key: [str(member) for member in as_sequence(held["members"])]
            for key, held in store.all_by_key(tenant_id, "members").items()
        },
        manager_ids={str(user["id"]): str(user["manager"]) for user in _users_with_manager(store, tenant_id)},
    )


def _users_with_manager(store: Store, tenant_id: str) -> list[dict[str, Json]]:
    return [user for user in store.all(tenant_id, "users") if user.get("manager")]


def _index_by_address(rows: Iterable[Body]) -> Mapping[str, Body]:
    return {str(row["PrimarySmtpAddress"]).lower(): row for row in rows}


def _addresses_by_id(rows: Iterable[Body]) -> Iterator[tuple[str, str]]:
    for row in rows:
        if key := row.get("ExternalDirectoryObjectId"):
            yield str(key), str(row["PrimarySmtpAddress"]).lower()
