"""Checks an indicator and fills in its defaults as Defender does, and defines Defender's errors."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from uuid import uuid4

from connectors.emulator.data_files import read_data
from connectors.emulator.service import Answer
from connectors.emulator.store import Body, Json

# learn.microsoft.com/defender-endpoint/api/ti-indicator: writable properties with their defaults, required
# properties, the values of enumerations, the pattern of a value by its type, and faults by HTTP status.
_TABLE = read_data(Path(__file__).with_suffix(".json"))
_GIVEN: Mapping[str, Json] = _TABLE["given"]
_OF_FILES = frozenset({"FileSha1", "FileMd5", "FileSha256"})


def check_indicator(body: Json) -> Body:
    """Return a complete indicator made from a request body. Raise DefenderError if the body is not valid."""
    if not isinstance(body, Mapping):
        raise bad_indicator("InvalidRequestBody", "Request body is incorrect.")
    if odd := sorted(set(body) - set(_GIVEN)):
        raise bad_indicator("InvalidRequestBody", f"Request body is incorrect: unknown property '{odd[0]}'.")
    whole = {name: unset if body.get(name) is None else body[name] for name, unset in _GIVEN.items()}
    for name in _TABLE["needed"]:
        if not whole[name]:
            raise bad_indicator("MissingRequiredParameter", f"Parameter '{name}' is missing.")
    for name, members in _TABLE["enumerations"].items():
        if whole[name] not in members:
            raise bad_indicator("InvalidInput", f"Invalid value '{whole[name]}' for parameter '{name}'.")
    _check_value(str(whole["indicatorType"]), str(whole["indicatorValue"]))
    if whole["action"] == "BlockAndRemediate" and whole["indicatorType"] not in _OF_FILES:
        raise bad_indicator("InvalidInput", "Action BlockAndRemediate is only for files.")
    _check_expiry(whole["expirationTime"])
    return whole


def _check_value(kind: str, value: str) -> None:
    if kind == "IpAddress":
        try:
            ip_address(value)
        except ValueError as no_address:
            raise bad_indicator("InvalidIpAddress", f"'{value}' is not a valid IP address.") from no_address
        return
    shape = _TABLE["shapes"][kind]
    if not re.fullmatch(shape["pattern"], value, re.IGNORECASE):
        raise bad_indicator(shape["code"], f"'{value}' is not a valid {kind}.")


def _check_expiry(instant: Json) -> None:
    try:
        if instant is not None:
            datetime.fromisoformat(str(instant))
    except ValueError as no_instant:
        raise bad_indicator(
            "InvalidInput", f"Invalid value '{instant}' for parameter 'expirationTime'."
        ) from no_instant


@dataclass(frozen=True)
class DefenderError(Exception):
    """An error response of Defender, with the status, code and message."""

    status: int
    code: str
    message: str


def fixed_error(status: int) -> DefenderError:
    """Return the fixed error response for an HTTP status."""
    return DefenderError(status, **_TABLE["faults"][str(status)])


def forbidden(permissions: frozenset[str]) -> DefenderError:
    needed = ", ".join(sorted(permissions))
    return DefenderError(
        403, "Forbidden", f"The application does not have any of the required application permissions ({needed})."
    )


def bad_indicator(code: str, message: str) -> DefenderError:
    return DefenderError(400, code, message)


def not_found(key: str) -> DefenderError:
    return DefenderError(404, "ResourceNotFound", f"Resource not found: indicator {key}.")


def answer(error: DefenderError) -> Answer:
    """Return a response with a refusal in Defender's format. Its target is the id of the request."""
    body = {"error": {"code": error.code, "message": error.message, "target": str(uuid4())}}
    return Answer(status=error.status, body=body)
