"""Checks that eDiscovery responds, so that the school could search a case now. No case is searched or named."""

from collections.abc import Iterable

from connectors.microsoft365.checks.data.hold import EDISCOVERY, check_ediscovery
from connectors.microsoft365.legal_holds.cases import READ_PERMISSION
from connectors.microsoft365.permissions import ediscovery
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import CheckOccasion, Finding, Permission, check_subject


def needs(_settings: object) -> tuple[Permission, ...]:
    return (ediscovery(READ_PERMISSION),)


def check(settings: object, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Check that toolkit's app may read a case in eDiscovery."""
    yield check_subject(EDISCOVERY, lambda: check_ediscovery(via))
