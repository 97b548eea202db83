"""A cmdlet with its parameters, and whether it reads or writes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from toolkit.errors import WriteInReadOnlyRun
from toolkit.values import Body, Json

_READING_VERBS = frozenset({"Get", "Test"})
# Search-Mailbox can delete what it finds, so the verb alone says nothing.
_READING_SEARCHES = frozenset({"Search-AdminAuditLog", "Search-MailboxAuditLog", "Search-UnifiedAuditLog"})

_TENANT_MAILBOX = "bb558c35-97f1-4cb9-8ff7-d53741dc928c"
# The mailbox that holds the audit settings; other clients are routed there for this cmdlet.
_OTHER_MAILBOXES: Mapping[str, str] = {"Set-AdminAuditLogConfig": "8cc370d3-822a-4ab8-a926-bb94bd0641a9"}


@dataclass(frozen=True, slots=True)
class Command:
    """One cmdlet; `anchor` is the address of the mailbox it is about, where it is about one."""

    cmdlet: str
    parameters: Body = field(default_factory=dict)
    anchor: str | None = None
    select: tuple[str, ...] = ()

    @property
    def reads(self) -> bool:
        """Say whether it is known to change nothing; what is not known writes."""
        return self.cmdlet.partition("-")[0] in _READING_VERBS or self.cmdlet in _READING_SEARCHES

    @property
    def creates(self) -> bool:
        """Say whether sent twice it could make two things."""
        return self.cmdlet.startswith("New-")

    def body(self) -> Body:
        """Write it as the service takes it."""
        parameters: dict[str, Json] = dict(self.parameters)
        return {"CmdletInput": {"CmdletName": self.cmdlet, "Parameters": parameters}}

    def headers(self, tenant_id: str) -> Mapping[str, str]:
        """Write the headers by which the service finds the right server."""
        common = {"X-CmdletName": self.cmdlet, "X-ResponseFormat": "json", "Prefer": "odata.maxpagesize=1000"}
        if self.anchor:
            return {**common, "X-AnchorMailbox": f"SMTP:{self.anchor}", "parameter-based-routing": "true"}
        mailbox = _OTHER_MAILBOXES.get(self.cmdlet, _TENANT_MAILBOX)
        return {**common, "X-AnchorMailbox": f"APP:SystemMailbox{{{mailbox}}}@{tenant_id}"}


def refuse_writes(*commands: Command) -> None:
    """Raise WriteInReadOnlyRun if one of the commands is not known to be a read."""
    for command in commands:
        if not command.reads:
            raise WriteInReadOnlyRun(f"{command.cmdlet} could change the tenant; this run only reads, nothing was sent")
