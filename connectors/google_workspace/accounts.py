"""The school's Google accounts, which are read once in a run.

The directory and calls on behalf of a person use them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from sys import intern
from threading import Lock

from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.people import PersonUnreadable
from toolkit.errors import BadAnswer, NotFound
from toolkit.records import dataclass
from toolkit.sdk import flag, mapping, text, texts
from toolkit.values import Body

_FIELDS = (
    "nextPageToken,users(id,primaryEmail,aliases,nonEditableAliases,name/fullName,suspended,archived,isMailboxSetup,"
    "orgUnitPath,isAdmin,isDelegatedAdmin,isEnrolledIn2Sv,isEnforcedIn2Sv)"
)
_DELETED = "nextPageToken,users(id,primaryEmail,deletionTime)"


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the school. `id` never changes. `unit` is the path of the account's organisational unit."""

    id: str
    address: str
    name: str
    unit: str
    suspended: bool = False
    archived: bool = False
    mailbox: bool = True
    administrator: bool = False  # a super administrator or a delegated administrator
    super_administrator: bool = False
    is_enrolled: bool | None = None  # in 2-Step Verification; None if the directory does not show this
    is_enforced: bool | None = None  # whether 2-Step Verification is enforced; None if the directory does not show this
    aliases: tuple[str, ...] = ()  # the account's other addresses

    @property
    def known_as(self) -> frozenset[str]:
        """Return every address of the account, in lower case."""
        return frozenset(address.lower() for address in (self.address, *self.aliases))

    @property
    def enabled(self) -> bool:
        return not (self.suspended or self.archived)

    @property
    def closed(self) -> str:
        """Return why toolkit cannot act as this person in Gmail, or "" if it can."""
        if self.suspended:
            return f"the account {self.address} is suspended"
        if self.archived:
            return f"the account {self.address} is archived"
        return "" if self.mailbox else f"{self.address} has no Gmail"


class Accounts:
    """All accounts of the school, by id. The accounts are read when the first of them is needed."""

    def __init__(self, admin: Api) -> None:
        self._admin = admin
        self._known: Mapping[str, Account] | None = None
        self._by_address: Mapping[str, Account] = {}
        self._reading = Lock()

    def all(self) -> Mapping[str, Account]:
        with self._reading:
            if self._known is None:
                call = Call("directory.users.list", {"customer": "my_customer", "maxResults": 500, "fields": _FIELDS})
                self._known = {account.id: account for account in map(_to_account, self._admin.rows(call, "users"))}
            return self._known

    def deleted(self) -> Sequence[tuple[str, datetime]]:
        """Return the former address and the time of deletion of each deleted account that Google can still restore."""
        parameters: Body = {"customer": "my_customer", "showDeleted": "true", "maxResults": 500, "fields": _DELETED}
        call = Call("directory.users.list", parameters)
        rows = self._admin.rows(call, "users")
        return [(str(row.get("primaryEmail") or row.get("id")), _read_deletion_time(call, row)) for row in rows]

    def find(self, key: str) -> Account:
        """Return an account by its id or address. Raise NotFound if there is no such account."""
        accounts = self.all()
        account = accounts.get(key) or self._find_by_address(key)
        if account is None:
            raise NotFound(f"there is no account {key}")
        return account

    def _find_by_address(self, address: str) -> Account | None:
        with self._reading:
            if not self._by_address:
                accounts = self._known or {}
                self._by_address = {account.address.casefold(): account for account in accounts.values()}
            return self._by_address.get(address.casefold())

    def find_with_mailbox(self, key: str) -> Account:
        """Return an account by its id or address.

        Raise PersonUnreadable if toolkit cannot open the account's mailbox.
        """
        account = self.find(key)
        if account.closed:
            raise PersonUnreadable(account.closed)
        return account


def _to_account(row: Body) -> Account:
    identifier, address = text(row.get("id")), text(row.get("primaryEmail"))
    if not identifier:
        raise BadAnswer("directory.users: the response contains an account without an id")
    return Account(
        id=identifier,
        address=address,
        name=text(mapping(row.get("name")).get("fullName")) or address,
        unit=intern(text(row.get("orgUnitPath")) or "/"),  # a few paths for very many accounts
        suspended=flag(row.get("suspended")),
        archived=flag(row.get("archived")),
        mailbox=flag(row.get("isMailboxSetup")),
        administrator=flag(row.get("isAdmin")) or flag(row.get("isDelegatedAdmin")),
        super_administrator=flag(row.get("isAdmin")),
        is_enrolled=_read_optional_flag(row, "isEnrolledIn2Sv"),
        is_enforced=_read_optional_flag(row, "isEnforcedIn2Sv"),
        aliases=(*texts(row.get("aliases")), *texts(row.get("nonEditableAliases"))),
    )


def _read_optional_flag(row: Body, name: str) -> bool | None:
    value = row.get(name)
    return value if isinstance(value, bool) else None


def _read_deletion_time(call: Call, row: Body) -> datetime:
    try:
        return datetime.fromisoformat(str(row.get("deletionTime")))
    except ValueError as error:
        raise BadAnswer(f"{call}: the response does not show when an account was deleted") from error
