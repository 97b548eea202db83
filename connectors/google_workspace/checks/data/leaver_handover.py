"""What is still open after a person left, over the accounts that are suspended or archived; holds are not asked for.

Follows https://support.google.com/a/answer/6329207
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta

from connectors.google_workspace.accounts import Account
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.data import ACCOUNTS, ENDING, GROUPS, LeaverHandover, ending, still_open
from toolkit.sdk import CheckOccasion, Finding, Person, looked_at, same_words, seen_once

_CLOSED = same_words("leaver_accounts", "closed accounts, suspended and not archived")()
_IN_GROUPS = same_words("closed_leaver_groups", "closed accounts in groups")()
_KEPT = timedelta(days=20)  # how long Google keeps an account that was deleted

needs = leave("directory.users.list", "directory.groups.list")


def check(wanted: LeaverHandover, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Read the accounts once, those that were deleted once, and groups fifty accounts in a request."""
    closed = seen_once(lambda: [one for one in via.accounts.all().values() if not one.enabled])
    yield looked_at(ACCOUNTS, lambda: _accounts(wanted, closed()))
    yield looked_at(GROUPS, lambda: _groups(wanted, closed(), via))
    yield looked_at(ENDING, lambda: _deleted(wanted, context, via))


def _accounts(wanted: LeaverHandover, closed: Sequence[Account]) -> Finding:
    return still_open(
        ACCOUNTS,
        wanted,
        len(closed),
        [one.address for one in closed if not one.archived],
        what=_CLOSED,
        then="hand over mail, files and calendars, then archive or delete them in the admin console under Directory > "
        "Users",
    )


def _groups(wanted: LeaverHandover, closed: Sequence[Account], via: GoogleWorkspace) -> Finding:
    """Ask for the groups that they are directly in; which they are is told nowhere."""
    found = via.memberships.of([Person(one.id, one.address, one.name) for one in closed])
    return still_open(
        GROUPS,
        wanted,
        len(closed),
        [one.address for one, groups in zip(closed, found, strict=True) if groups],
        what=_IN_GROUPS,
        then="take them out, and give each group that is theirs alone another owner",
    )


def _deleted(wanted: LeaverHandover, context: CheckOccasion, via: GoogleWorkspace) -> Finding:
    deleted = via.accounts.deleted()
    ends = [(address, (instant.astimezone(UTC) + _KEPT).date()) for address, instant in deleted]
    return ending(wanted, ends, context.now.date())
