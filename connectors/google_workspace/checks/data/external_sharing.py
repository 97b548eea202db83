"""Domains with which files may be shared though no playbook names them."""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.third_parties import ExternalSharing
from toolkit.sdk import CheckOccasion, Finding, Measurement, ReasonCode, Status, Things, looked_at, same_words

OTHERS = "other trusted domains"
_STRANGE = ReasonCode(
    "trusted_domains_of_others",
    admin="{short} of {all} domains on the list of trusted domains are not in the playbook: {which}; remove them in "
    "the admin console, Account > Domains > Allowlisted domains, or write them under `partner_domains`",
    governor="files may be shared with {short} outside organisations that the school has not recorded",
    lacking="files may be shared with {short} outside {short:organisation|organisations} that the school "
    "has not recorded",
)
_NO_OTHERS = same_words("no_trusted_domains_of_others", "all {all} domains on the list of trusted domains are recorded")

needs = leave("cloudidentity.allowlistedDomains.list")


def check(wanted: ExternalSharing, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Compare the one list with the playbook: what it asks for is only ever added."""
    if wanted.partner_domains:
        yield looked_at(OTHERS, lambda: _others(wanted, via))


class DomainCounts(Measurement):
    """How many domains are trusted, and how many of them the playbook does not name."""

    domains: int
    others: int


def _others(wanted: ExternalSharing, via: GoogleWorkspace) -> Finding:
    listed = via.allowlist.names()
    others = sorted({name.lower() for name in listed} - set(wanted.partner_domains))
    everything, measurement = Things(len(listed)), DomainCounts(domains=len(listed), others=len(others))
    if not others:
        return Finding(OTHERS, Status.PASS, _NO_OTHERS(all=everything), measurement=measurement)
    reason = _STRANGE(short=Things(len(others)), all=everything, which=", ".join(others))
    return Finding(OTHERS, Status.FAIL, reason, measurement=measurement)
