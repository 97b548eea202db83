"""Finds domains that the tenant trusts for file sharing and that no playbook names."""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.third_parties import ExternalSharing
from toolkit.sdk import CheckOccasion, Finding, Measurement, ReasonCode, Status, Things, check_subject, same_words

OTHERS = "other trusted domains"
_UNRECORDED = ReasonCode(
    "trusted_domains_of_others",
    admin="{short} of {all} domains on the list of trusted domains are not in the playbook: {which}; remove them in "
    "the admin console, Account > Domains > Allowlisted domains, or write them under `partner_domains`",
    governor="files may be shared with {short} outside organisations that the school has not recorded",
    lacking="files may be shared with {short} outside {short:organisation|organisations} that the school "
    "has not recorded",
)
_NO_OTHERS = same_words("no_trusted_domains_of_others", "all {all} domains on the list of trusted domains are recorded")

needs = leave("cloudidentity.allowlistedDomains.list")


def check(settings: ExternalSharing, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:  # noqa: ARG001 - Check's
    """Compare the list of trusted domains with the playbook.

    The check is necessary, because a run adds domains but removes none.
    """
    if settings.partner_domains:
        yield check_subject(OTHERS, lambda: _check_unrecorded_domains(settings, via))


class DomainCounts(Measurement):
    """The number of trusted domains, and the number of trusted domains that the playbook does not name."""

    domains: int
    others: int


def _check_unrecorded_domains(settings: ExternalSharing, via: GoogleWorkspace) -> Finding:
    listed = via.allowlist.names()
    unrecorded = sorted({name.lower() for name in listed} - set(settings.partner_domains))
    total, measurement = Things(len(listed)), DomainCounts(domains=len(listed), others=len(unrecorded))
    if not unrecorded:
        return Finding(OTHERS, Status.PASS, _NO_OTHERS(all=total), measurement=measurement)
    reason = _UNRECORDED(short=Things(len(unrecorded)), all=total, which=", ".join(unrecorded))
    return Finding(OTHERS, Status.FAIL, reason, measurement=measurement)
