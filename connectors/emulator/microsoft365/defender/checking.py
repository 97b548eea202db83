"""Checking and completing an indicator as Defender does, and the errors it answers with."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from uuid import uuid4

from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

# What may be written, and what it is when nobody says (learn.microsoft.com/defender-endpoint/api/ti-indicator)
_GIVEN: Mapping[str, Json] = {
    "indicatorValue": None, "indicatorType": None, "action": None, "title": None, "description": None,
    "application": None, "severity": "Informational", "recommendedActions": "", "expirationTime": None,
    "rbacGroupNames": [], "rbacGroupIds": [], "generateAlert": False, "category": 1, "mitreTechniques": [],
    "educateUrl": None, "bypassDurationHours": None, "externalId": None, "lookBackPeriod": None,
}  # fmt: skip
_NEEDED = ("indicatorValue", "indicatorType", "action", "title", "description")
_ENUMERATIONS: Mapping[str, tuple[str, ...]] = {
    "indicatorType": (
        "FileSha1", "FileMd5", "CertificateThumbprint", "FileSha256", "IpAddress", "DomainName", "Url",
    ),
    "action": (
        "Warn", "Block", "Audit", "Alert", "AlertAndBlock", "BlockAndRemediate", "Allowed",
    ),
    "severity": ("Informational", "Low", "Medium", "High"),
}  # fmt: skip
_OF_FILES = frozenset({"FileSha1", "FileMd5", "FileSha256"})
_DOMAIN = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}", re.IGNORECASE)
_SHAPES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "FileMd5": (re.compile(r"[0-9a-f]{32}", re.IGNORECASE), "InvalidHashValue"),
    "FileSha1": (re.compile(r"[0-9a-f]{40}", re.IGNORECASE), "InvalidHashValue"),
    "FileSha256": (re.compile(r"[0-9a-f]{64}", re.IGNORECASE), "InvalidHashValue"),
    "CertificateThumbprint": (re.compile(r"[0-9a-f]{40}", re.IGNORECASE), "InvalidHashValue"),
    "DomainName": (_DOMAIN, "InvalidDomainName"),
    "Url": (re.compile(r"(?:https?://)?[^\s/.]+\.[^\s]+", re.IGNORECASE), "InvalidUrl"),
}


def checked(given: Json) -> Body:
    """Check an indicator of a body and complete it; raises DefenderError."""
    if not isinstance(given, Mapping):
        raise bad("InvalidRequestBody", "Request body is incorrect.")
    if odd := sorted(set(given) - set(_GIVEN)):
        raise bad("InvalidRequestBody", f"Request body is incorrect: unknown property '{odd[0]}'.")
    whole = {name: unset if given.get(name) is None else given[name] for name, unset in _GIVEN.items()}
    for name in _NEEDED:
        if not whole[name]:
            raise bad("MissingRequiredParameter", f"Parameter '{name}' is missing.")
    for name, members in _ENUMERATIONS.items():
        if whole[name] not in members:
            raise bad("InvalidInput", f"Invalid value '{whole[name]}' for parameter '{name}'.")
    _check_value(str(whole["indicatorType"]), str(whole["indicatorValue"]))
    if whole["action"] == "BlockAndRemediate" and whole["indicatorType"] not in _OF_FILES:
        raise bad("InvalidInput", "Action BlockAndRemediate is for files alone.")
    _check_expiry(whole["expirationTime"])
    return whole


def _check_value(kind: str, value: str) -> None:
    if kind == "IpAddress":
        try:
            ip_address(value)
        except ValueError as no_address:
            raise bad("InvalidIpAddress", f"'{value}' is not a valid IP address.") from no_address
        return
    shape, code = _SHAPES[kind]
    if not shape.fullmatch(value):
        raise bad(code, f"'{value}' is not a valid {kind}.")


def _check_expiry(instant: Json) -> None:
    try:
        if instant is not None:
            datetime.fromisoformat(str(instant))
    except ValueError as no_instant:
        raise bad("InvalidInput", f"Invalid value '{instant}' for parameter 'expirationTime'.") from no_instant


_FAULTS: Mapping[int, tuple[str, str]] = {
    401: ("Unauthorized", "The token is missing, expired or for another resource."),
    403: ("Forbidden", "The application does not have any of the required application permissions."),
    429: ("TooManyRequests", "The API call quota was exceeded. Retry after the time in the Retry-After header."),
    500: ("InternalServerError", "Internal server error."),
    502: ("BadGateway", "Bad gateway."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable."),
    504: ("GatewayTimeout", "Gateway timeout."),
}


@dataclass(frozen=True)
class DefenderError(Exception):
    """A refusal of Defender's: status, code and message."""

    status: int
    code: str
    message: str


def fault(status: int) -> DefenderError:
    """Word one of the refusals that say nothing of the request itself."""
    return DefenderError(status, *_FAULTS[status])


def forbidden(permissions: frozenset[str]) -> DefenderError:
    needed = ", ".join(sorted(permissions))
    return DefenderError(
        403, "Forbidden", f"The application does not have any of the required application permissions ({needed})."
    )


def bad(code: str, message: str) -> DefenderError:
    return DefenderError(400, code, message)


def not_found(key: str) -> DefenderError:
    return DefenderError(404, "ResourceNotFound", f"Resource not found: indicator {key}.")


def answer(error: DefenderError) -> Answer:
    """Word a refusal as Defender does; the target is the id of the request."""
    body = {"error": {"code": error.code, "message": error.message, "target": str(uuid4())}}
    return Answer(status=error.status, body=body)
