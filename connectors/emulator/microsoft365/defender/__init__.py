"""Microsoft Defender for Endpoint: the indicators of a tenant."""

from collections.abc import Iterator

from connectors.emulator.cloud import Seed
from connectors.emulator.microsoft365.defender.checking import checked
from connectors.emulator.microsoft365.defender.indicators import COLLECTION
from connectors.emulator.microsoft365.defender.service import Defender
from connectors.emulator.school import School
from connectors.emulator.wire import Body

SERVICE = Defender()


def seed(school: School) -> Seed:
    """Make the indicators that the trust has put there."""
    return {COLLECTION: {str(one["id"]): one for one in trust_indicators(school)}}


_MADE = "2025-09-01T07:45:00Z"
_TRUST = (
    ("DomainName", "thepiratebay.org", "Block", "Trust: file sharing"),
    ("DomainName", "crackedgames.example", "Block", "Trust: pirated software"),
    ("IpAddress", "203.0.113.66", "Warn", "Trust: phishing campaign"),
)


def trust_indicators(school: School) -> Iterator[Body]:
    """Make the indicators."""
    somebody = f"it@trust.{school.domain}"
    for number, (kind, value, action, title) in enumerate(_TRUST, 1):
        given: Body = {
            "indicatorValue": value,
            "indicatorType": kind,
            "action": action,
            "title": title,
            "description": "Example Trust IT",
        }
        yield {
            "id": str(number),
            "source": somebody,
            "sourceType": "User",
            "createdBy": school.identifier("trust", "it"),
            "createdByDisplayName": somebody,
            "createdBySource": "Portal",
            "creationTimeDateTimeUtc": _MADE,
            **checked(given),
            "lastUpdateTime": _MADE,
            "lastUpdatedBy": None,
            "version": None,
        }
