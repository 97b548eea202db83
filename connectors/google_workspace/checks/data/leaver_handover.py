"""Counts the unfinished tasks for people who have left, from suspended and archived accounts. Legal holds are not read.

Follows https://support.google.com/a/answer/6329207
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta

from connectors.google_workspace.accounts import Account
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.data import (
    ACCOUNTS,
    ENDING,
    GROUPS,
    LeaverHandover,
    coming_deletions_finding,
    disabled_accounts_finding,
)
from toolkit.sdk import CheckOccasion, Finding, Person, check_subject, read_only_once, same_words

_CLOSED = same_words("leaver_accounts", "closed accounts, suspended and not archived")()
_IN_GROUPS = same_words("closed_leaver_groups", "closed accounts in groups")()
_KEPT = timedelta(days=20)  # how long Google keeps a deleted account

needs = leave("directory.users.list", "directory.groups.list")


def check(settings: LeaverHandover, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Count the unfinished tasks for people who have left. One request reads the groups of 50 accounts."""
    closed = read_only_once(lambda: [account for account in via.accounts.all().values() if not account.enabled])
    yield check_subject(ACCOUNTS, lambda: _count_accounts(settings, closed()))
    yield check_subject(GROUPS, lambda: _count_groups(settings, closed(), via))
    yield check_subject(ENDING, lambda: _count_deleted(settings, context, via))


def _count_accounts(settings: LeaverHandover, closed: Sequence[Account]) -> Finding:
    return disabled_accounts_finding(
        ACCOUNTS,
        settings,
        len(closed),
        [account.address for account in closed if not account.archived],
        what=_CLOSED,
        then="hand over mail, files and calendars, then archive or delete the accounts in the admin console "
        "under Directory > Users",
    )


def _count_groups(settings: LeaverHandover, closed: Sequence[Account], via: GoogleWorkspace) -> Finding:
    """Count the accounts of leavers that are still direct members of a group.

    The finding does not contain the names of groups.
    """
    memberships = via.memberships.groups_of([Person(account.id, account.address, account.name) for account in closed])
    return disabled_accounts_finding(
        GROUPS,
        settings,
        len(closed),
        [account.address for account, groups in zip(closed, memberships, strict=True) if groups],
        what=_IN_GROUPS,
        then="remove these accounts from their groups, and give another owner to each group that only they own",
    )


def _count_deleted(settings: LeaverHandover, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    deleted = via.accounts.deleted()
    ends = [(address, (instant.astimezone(UTC) + _KEPT).date()) for address, instant in deleted]
    return coming_deletions_finding(settings, ends, context.now.date())
