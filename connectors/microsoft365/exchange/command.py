"""A cmdlet with its parameters: whether it only reads, its headers, and how its list is divided into pages."""

from collections.abc import Mapping
from dataclasses import field

from toolkit.records import dataclass
from toolkit.values import Body, Json

_READING_VERBS = frozenset({"Get", "Test"})
# Search-Mailbox can delete messages, so the verb does not show whether a search only reads.
_READING_SEARCHES = frozenset({"Search-AdminAuditLog", "Search-MailboxAuditLog", "Search-UnifiedAuditLog"})

_TENANT_MAILBOX = "bb558c35-97f1-4cb9-8ff7-d53741dc928c"
# The mailbox with the audit settings. Other clients route this cmdlet there.
_OTHER_MAILBOXES: Mapping[str, str] = {"Set-AdminAuditLogConfig": "8cc370d3-822a-4ab8-a926-bb94bd0641a9"}
PAGE = 1000
"""The largest number of rows in a page."""

_PAGE_KEYS: Mapping[str, str] = {"Get-Mailbox": "Alias", "Get-Recipient": "Alias"}


@dataclass(frozen=True, slots=True)
class Command:
    """A cmdlet with its parameters."""

    cmdlet: str
    parameters: Body = field(default_factory=dict)
    select: tuple[str, ...] = ()
    page: int = PAGE  # the largest number of rows in a page

    @property
    def reads(self) -> bool:
        """Return whether the cmdlet is known to change nothing. An unknown cmdlet counts as a change."""
        return self.cmdlet.partition("-")[0] in _READING_VERBS or self.cmdlet in _READING_SEARCHES

    @property
    def creates(self) -> bool:
        """Return whether sending the cmdlet twice could create two objects."""
        return self.cmdlet.startswith("New-")

    @property
    def http_request(self) -> str:
        """Return the method, the last part of the path, and the cmdlet, which the body names."""
        return f"POST /InvokeCommand {self.cmdlet}"

    def __str__(self) -> str:
        return self.cmdlet

    def body(self) -> Body:
        """Return the request body."""
        parameters: dict[str, Json] = dict(self.parameters)
        return {"CmdletInput": {"CmdletName": self.cmdlet, "Parameters": parameters}}

    def headers(self, anchor: str) -> Mapping[str, str]:
        """Return the headers that route the cmdlet to the tenant's server.

        `anchor` is the result of `anchor_mailbox`.
        """
        common = {"X-CmdletName": self.cmdlet, "X-ResponseFormat": "json", "Prefer": f"odata.maxpagesize={self.page}"}
        mailbox = _OTHER_MAILBOXES.get(self.cmdlet)
        return {**common, "X-AnchorMailbox": anchor.replace(_TENANT_MAILBOX, mailbox) if mailbox else anchor}

    @property
    def lists_everything(self) -> bool:
        """Return whether the cmdlet reads all objects, without a limit on their number."""
        return self.parameters.get("ResultSize") == "Unlimited" and not self.parameters.get("Identity")

    @property
    def page_key(self) -> str:
        """Return the property by which the cmdlet's list is sorted and divided into pages.

        Return "" if the cmdlet cannot sort and filter.
        """
        return _PAGE_KEYS.get(self.cmdlet, "") if self.lists_everything and "SortBy" not in self.parameters else ""

    def sorted_by_key(self) -> "Command":
        """Return the cmdlet with a list sorted by the page key. Every row then contains the page key."""
        key = self.page_key
        select = tuple(dict.fromkeys((*self.select, key, "Guid"))) if self.select else ()
        return Command(self.cmdlet, {**self.parameters, "SortBy": key}, select)

    def from_key(self, key: str, value: str) -> "Command":
        """Return the cmdlet with a list that begins at a key.

        Rows with exactly this key are included, because several rows may have it.
        """
        quoted = value.replace("'", "''")
        condition = f"{key} -ge '{quoted}'"
        previous = self.parameters.get("Filter")
        return Command(
            self.cmdlet,
            {**self.parameters, "Filter": f"({previous}) -and ({condition})" if previous else condition},
            self.select,
        )


def anchor_mailbox(kind: str, domain: str) -> str:
    """Return the address of the tenant's system mailbox, which routes requests. Its domain must be the initial domain.

    With the tenant's id or a custom domain, the service refuses the second page of a list to an app. Reported in
    https://github.com/MicrosoftDocs/office-docs-powershell/issues/10907
    """
    return f"{kind}:SystemMailbox{{{_TENANT_MAILBOX}}}@{domain}"
