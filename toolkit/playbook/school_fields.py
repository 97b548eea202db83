"""Validate single fields of the school file: domains, tenant ids, the time zone, the website."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from toolkit.messages import did_you_mean, shown
from toolkit.sdk.providers import EMULATED

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+{_LABEL}")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CUSTOMER = re.compile(r"C[0-9a-z]{5,}")


def check_domain(text: str) -> str:
    """Return a domain in lower case. Raise ValueError if it is not a domain."""
    if not _DOMAIN.fullmatch(text.lower()):
        raise ValueError(f"{shown(text)} is not a domain, such as example-primary.example")
    return text.lower()


def check_time_zone(text: str) -> str:
    """Return the name of a time zone. Raise ValueError if the computer does not know it."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        meant = did_you_mean(text, available_timezones()) or ", such as Europe/London"
        raise ValueError(f"{shown(text)} is not a time zone{meant}") from error
    return text


def check_website(text: str) -> str:
    """Return the address of a website. Raise ValueError if it does not begin with http:// or https://."""
    if not re.fullmatch(r"https?://[^\s]+", text):
        raise ValueError("must be a full address such as https://www.example-primary.example")
    return text


def check_tenant_id(text: str) -> str:
    """Return the id of a Microsoft 365 tenant in lower case. Raise ValueError if it is not an id."""
    if text != EMULATED and not _GUID.fullmatch(text.lower()):
        raise ValueError(f"must be `{EMULATED}`, or the tenant's id such as 0b1f5e0c-8a3d-4a57-9d3c-2f1c5c7b9e11")
    return text.lower()


def check_customer_id(text: str) -> str:
    """Return the id of a Google Workspace customer. Raise ValueError if it is not an id."""
    if text != EMULATED and not _CUSTOMER.fullmatch(text):
        raise ValueError(f"must be `{EMULATED}`, or the customer's id such as C03az79cb")
    return text
