"""Checks that only the mailbox for reports gets unfiltered mail, and that no one uses this mailbox for daily work.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/get-secopsoverridepolicy and
https://learn.microsoft.com/powershell/module/exchangepowershell/get-exosecopsoverriderule
"""

from collections.abc import Iterable

from connectors.microsoft365.builtin_objects import READ_BY_SECURITY_READERS
from connectors.microsoft365.exchange.command import Command
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.harmful_mail import UNFILTERED, ReportChannel, unfiltered_mailboxes_finding
from toolkit.sdk import CheckOccasion, Finding, Permission, check_subject, flag, text, texts
from toolkit.values import Body


def needs(control: ReportChannel) -> tuple[Permission, ...]:
    """Return the permissions of the check. It needs none unless the control sends reports to a mailbox."""
    return READ_BY_SECURITY_READERS if control.mailbox else ()


def check(control: ReportChannel, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Compare the mailboxes that get unfiltered mail with the control's mailbox for reports."""
    if control.mailbox:
        yield check_subject(
            UNFILTERED, lambda: unfiltered_mailboxes_finding(control, context, _read_unfiltered_addresses(via))
        )


def _read_unfiltered_addresses(via: Microsoft365) -> frozenset[str]:
    """Return the addresses that get unfiltered mail because of an enabled policy with an enabled rule."""
    policies, rules = via.exchange.get_each(Command("Get-SecOpsOverridePolicy"), Command("Get-ExoSecOpsOverrideRule"))
    applied = {text(rule.get("Policy")) for rule in rules if _is_enabled(rule)}
    active = [row for row in policies if _is_enabled(row) and applied & {text(row.get("Name")), text(row.get("Guid"))}]
    return frozenset(address.strip().lower() for row in active for address in texts(row.get("SentTo")))


def _is_enabled(row: Body) -> bool:
    """Return whether a policy or rule is enabled. One that Exchange is deleting is not."""
    return flag(row.get("Enabled"), missing=True) and row.get("Mode", "Enforce") == "Enforce"
