"""Finds the host that runs a tenant's cmdlets: the one that all know redirects to it."""

import re
from http import HTTPStatus

from connectors.microsoft365.cloud import COMPLIANCE_HOST, Cloud
from connectors.microsoft365.exchange.answers import raise_refusal
from connectors.microsoft365.exchange.wire import ExchangeWire
from toolkit.errors import BadAnswer, Refused, SignInRefused
from toolkit.sdk.links import split_link

_ASKED = "EXOBanner"
_REGION = re.compile(r"([a-z0-9][a-z0-9-]*)\.(?:ps\.compliance|admin)\.protection\.outlook\.com")
_NOT_IN_TENANT = "AADSTS500011"


def find_region(wire: ExchangeWire, cloud: Cloud) -> str:
    """Ask once, and give the address of the tenant's region; raises the errors of toolkit.errors.

    Of the redirect only the region's label counts, so that no token is ever sent to an address that an answer named;
    it may show the region as `LABEL.admin.protection.outlook.com:446`, which runs no cmdlets.
    """
    try:
        reply = wire.get(f"{wire.root}/{_ASKED}('AutogenSession')?Version=3.9.2")
    except SignInRefused as refused:
        if _NOT_IN_TENANT not in str(refused):
            raise
        raise Refused(f"this tenant has no Security & Compliance, or no licence of it: {refused}") from refused
    if not HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST:
        if not reply.fine:
            raise_refusal(_ASKED, reply, wire.service)
        raise BadAnswer(f"{_ASKED}: Security & Compliance does not say in which region the tenant is")
    location = reply.headers.get("location", "")
    found = _REGION.fullmatch(split_link(location, _ASKED).hostname or "")
    if not found:
        raise BadAnswer(f"{_ASKED}: {location!r} is no region of Security & Compliance; is a web filter in between?")
    return cloud.compliance.replace(COMPLIANCE_HOST, f"{found[1]}.{COMPLIANCE_HOST}")
