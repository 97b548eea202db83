"""Indicators of the trust, as somebody at its portal made them."""

from collections.abc import Iterator

from connectors.emulator.microsoft365.defender.checking import checked
from connectors.emulator.school import School
from connectors.emulator.wire import Body

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
