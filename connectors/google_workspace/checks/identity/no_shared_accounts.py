"""Looks in the list of accounts for accounts that several people may share."""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.shared_accounts import NAMED, NoSharedAccounts, named_after_places
from toolkit.sdk import CheckOccasion, Finding, check_subject

needs = leave("directory.users.list")


def check(settings: NoSharedAccounts, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Return likely shared accounts from the directory, which has been read already."""
    yield check_subject(NAMED, lambda: named_after_places(settings, context))
