"""Reads JSON values by their expected type, and creates ids that look like Google's.

A value of another type is read as empty.
"""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from connectors.emulator.school import School, identifier
from connectors.emulator.store import Body, Json


def mapping(value: Json) -> Body:
    return value if isinstance(value, Mapping) else {}


def sequence(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def text(value: Json) -> str:
    return value if isinstance(value, str) else ""


def texts(value: Json) -> list[str]:
    return [entry for entry in sequence(value) if isinstance(entry, str)]


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_GROUP, _ORG_UNIT = "01", "03ph8a2z"  # how the ids of groups and organisational units begin
_POLICY = "ak"


def customer_id(tenant_id: str) -> str:
    """Return a customer id made from another id: C and eight characters, such as C01abc234."""
    return "C0" + _short_id(tenant_id, 7)


def numeric_id(uuid: str) -> str:
    """Return an id of 21 digits for a person, role or application, made from another id."""
    return "1" + str(_uuid_number(uuid) % 10**20).zfill(20)


def new_numeric_id() -> str:
    return numeric_id(str(uuid4()))


def group_id(uuid: str) -> str:
    """Return a group id of 15 characters, made from another id."""
    return _GROUP + _short_id(uuid, 13)


def org_unit_id(tenant_id: str, path: str) -> str:
    """Return the id of a unit in a new tenant, without the `id:` with which the Directory API begins it."""
    return _ORG_UNIT + _short_id(identifier(tenant_id, "org unit", path), 7)


def policy_id(school: School, *names: str) -> str:
    return _POLICY + _short_id(school.identifier("policy", *names), 20)


def new_policy_id() -> str:
    return _POLICY + _short_id(str(uuid4()), 20)


def _uuid_number(uuid: str) -> int:
    return int(uuid.replace("-", ""), 16)


def _short_id(uuid: str, length: int) -> str:
    value, written = _uuid_number(uuid), ""
    for _ in range(length):
        value, digit = divmod(value, len(_DIGITS))
        written += _DIGITS[digit]
    return written
