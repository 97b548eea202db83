"""Checks the DNS records of the tenant's verified domains. No API shows whether Gmail signs messages with DKIM."""

from collections.abc import Iterable

from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.sender_authentication import Authentication
from toolkit.controls.sender_findings import dns_findings
from toolkit.controls.sender_records import key_problems
from toolkit.sdk import CheckOccasion, Finding

_GMAIL = ("_spf.google.com", "Google Workspace")
_CLOUDS = {".google.com": _GMAIL, ".googlemail.com": _GMAIL}

needs = leave("directory.domains.list")


def check(settings: Authentication, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Check the DNS records of every verified domain of the tenant."""

    def find_dkim_problems(domain: str) -> Iterable[str]:
        return key_problems(via.dns, f"{settings.google_selector}._domainkey.{domain}")

    yield from dns_findings(
        settings, context, via.dns, via.domains(), find_dkim_problems, clouds=_CLOUDS, keys=lambda _: ()
    )
