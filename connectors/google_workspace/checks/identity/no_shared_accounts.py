"""Finds accounts that several people may share, by their names."""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.shared_accounts import NAMED, NoSharedAccounts, account_names_finding
from toolkit.sdk import CheckOccasion, Finding, check_subject

needs = leave("directory.users.list")


def check(settings: NoSharedAccounts, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Report the accounts that are probably shared, from the directory."""
    yield check_subject(NAMED, lambda: account_names_finding(settings, context))
