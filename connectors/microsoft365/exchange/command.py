"""One cmdlet: its parameters, whether it reads, its headers, and how its list is read page by page."""

from collections.abc import Mapping
from dataclasses import field

from toolkit.records import dataclass
from toolkit.values import Body, Json

_READING_VERBS = frozenset({"Get", "Test"})
# Search-Mailbox can delete messages, so the verb does not show whether a search only reads.
_READING_SEARCHES = frozenset({"Search-AdminAuditLog", "Search-MailboxAuditLog", "Search-UnifiedAuditLog"})

_TENANT_MAILBOX = "bb558c35-97f1-4cb9-8ff7-d53741dc928c"
# The mailbox that holds the audit settings; other clients are routed there for this cmdlet.
_OTHER_MAILBOXES: Mapping[str, str] = {"Set-AdminAuditLogConfig": "8cc370d3-822a-4ab8-a926-bb94bd0641a9"}
PAGE = 1000
"""The most rows of a page."""

_PAGE_KEYS: Mapping[str, str] = {"Get-Mailbox": "Alias", "Get-Recipient": "Alias"}


@dataclass(frozen=True, slots=True)
class Command:
    """One cmdlet."""

    cmdlet: str
    parameters: Body = field(default_factory=dict)
    select: tuple[str, ...] = ()
    page: int = PAGE  # the most rows of a page

    @property
    def reads(self) -> bool:
        """Return whether it is known to change nothing. An unknown cmdlet counts as a write."""
        return self.cmdlet.partition("-")[0] in _READING_VERBS or self.cmdlet in _READING_SEARCHES

    @property
    def creates(self) -> bool:
        """Return whether it could make two objects if it is sent twice."""
        return self.cmdlet.startswith("New-")

    def __str__(self) -> str:
        return self.cmdlet

    def body(self) -> Body:
        """Write it as the service takes it."""
        parameters: dict[str, Json] = dict(self.parameters)
        return {"CmdletInput": {"CmdletName": self.cmdlet, "Parameters": parameters}}

    def headers(self, anchor: str) -> Mapping[str, str]:
        """Return the headers by which the service finds the right server; `anchor` is from `anchor_mailbox`."""
        common = {"X-CmdletName": self.cmdlet, "X-ResponseFormat": "json", "Prefer": f"odata.maxpagesize={self.page}"}
        mailbox = _OTHER_MAILBOXES.get(self.cmdlet)
        return {**common, "X-AnchorMailbox": anchor.replace(_TENANT_MAILBOX, mailbox) if mailbox else anchor}

    @property
    def lists_everything(self) -> bool:
        """Return whether it asks for every object that there is, however many."""
        return self.parameters.get("ResultSize") == "Unlimited" and not self.parameters.get("Identity")

    @property
    def page_key(self) -> str:
        """Return the property by which its list is read page by page; "" if the cmdlet cannot sort and filter."""
        return _PAGE_KEYS.get(self.cmdlet, "") if self.lists_everything and "SortBy" not in self.parameters else ""

    def sorted_by_key(self) -> "Command":
        """Return the cmdlet with its list sorted by the page key, which every row then has."""
        key = self.page_key
        select = tuple(dict.fromkeys((*self.select, key, "Guid"))) if self.select else ()
        return Command(self.cmdlet, {**self.parameters, "SortBy": key}, select)

    def from_key(self, key: str, value: str) -> "Command":
        """Return the cmdlet for the rows from a value on: two rows can have the same, so that it comes again."""
        quoted = value.replace("'", "''")
        condition = f"{key} -ge '{quoted}'"
        previous = self.parameters.get("Filter")
        return Command(
            self.cmdlet,
            {**self.parameters, "Filter": f"({previous}) -and ({condition})" if previous else condition},
            self.select,
        )


def anchor_mailbox(kind: str, domain: str) -> str:
    """Return the anchor: the tenant's system mailbox, under the initial domain.

    With the tenant's id or a custom domain the second page of a list is refused to an app. Reported in
    https://github.com/MicrosoftDocs/office-docs-powershell/issues/10907
    """
    return f"{kind}:SystemMailbox{{{_TENANT_MAILBOX}}}@{domain}"
