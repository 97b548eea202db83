"""What the DNS of the tenant's sending domains publishes, and which of them Exchange signs for."""

from collections.abc import Iterable, Iterator

from connectors.microsoft365.kinds.dkim_signing import KIND
from connectors.microsoft365.via import Microsoft365
from toolkit.controls.mail_authentication import Authentication
from toolkit.controls.sender_authentication import dns_findings
from toolkit.errors import ServiceError
from toolkit.sdk.check import CheckOccasion, Finding

_OUTLOOK = ("spf.protection.outlook.com", "Microsoft 365")
_CLOUDS = {".mail.protection.outlook.com": _OUTLOOK, ".mx.microsoft": _OUTLOOK}

needs = KIND.permissions.read


def check(wanted: Authentication, context: CheckOccasion, via: Microsoft365) -> Iterable[Finding]:
    """Judge every domain of the tenant that sends mail."""
    domains = via.sending_domains.last()

    def dkim(name: str) -> Iterator[str]:
        domain = domains[name]
        if domain.config is None:
            where = "" if name in context.school.domains else ", once `domains` in the school file has it"
            yield f"DKIM has no keys yet, which apply makes{where}"
        elif domain.signs:
            lost = [alias for alias, target in domain.aliases.items() if via.dns.alias(alias) != target.lower()]
            if lost:
                yield f"DKIM signs, and the DNS does not lead to its key: {', '.join(lost)}"
        elif domain.waits:
            yield f"DKIM does not sign before the DNS has {' and '.join(domain.lines)}"
        else:
            yield "DKIM is off, though the DNS has both lines: apply turns it on"

    keys = {name: domain.lines for name, domain in domains.items() if _waits(domain.published) and domain.config}
    yield from dns_findings(wanted, context, via.dns, [*domains], dkim, clouds=_CLOUDS, keys=keys)


def _waits(published: bool | ServiceError) -> bool:  # noqa: FBT001 - what was found, not a switch
    return published is False
