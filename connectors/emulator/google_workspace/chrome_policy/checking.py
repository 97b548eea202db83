"""Checks access to the Chrome Policy API, and the values of policies.

Google reports the problems with each policy in the details of an error.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.chrome_policy.stored import (
    APP_ID,
    INSTALL_TYPE,
    Field,
    PolicySchema,
    Target,
    Type,
)
from connectors.emulator.google_workspace.values import customer_id, mapping, sequence
from connectors.emulator.store import Body, Json

_DETAILS = "type.googleapis.com/google.chrome.policy.versions.v1.PolicyModificationErrorDetails"
_APPS = ("chrome:", "android:", "web:")
_INT64 = 2**63


class Problem(NamedTuple):
    """A problem with a field of a Chrome policy, or with the whole policy if no field is named."""

    field: str
    message: str


def refusal(target: Target, schema: str, problems: list[Problem]) -> errors.ApiError:
    """Return the error response to a change that has these problems."""
    modification: Body = {
        "policyTargetKey": target.to_body,
        "policySchema": schema,
        "fieldErrors": [{"field": problem.field, "error": problem.message} for problem in problems if problem.field],
        "errors": [problem.message for problem in problems if not problem.field],
    }
    details: Body = {"@type": _DETAILS, "modificationErrors": [modification]}
    return errors.ApiError(400, "invalidArgument", problems[0].message, details=[details])


def key_problems(schema: PolicySchema, target: Target) -> Iterator[Problem]:
    """Yield the problems with the additional keys of a target."""
    names = tuple(name for name, _ in target.keys)
    if names != schema.keys:
        key_names = ", ".join(schema.keys) or "none"
        yield Problem("", f"Additional target keys of {schema.name} must be: {key_names}.")
    for name, value in target.keys:
        if name == APP_ID and (not value.startswith(_APPS) or value in _APPS):
            yield Problem("", f"Invalid app_id: {value}")


def value_problems(schema: PolicySchema, target: Target, value: Body, mask: list[str]) -> Iterator[Problem]:
    """Yield the problems with the fields of a value that the mask selects."""
    if not mask:
        yield Problem("", "update_mask must be set.")
    for name in value:
        if schema.find(name) is None:
            yield Problem(name, f"Cannot find field: {name} in message {schema.name}")
    for name in mask:
        if message := _mask_problem(schema, name, value, mask):
            yield Problem(name, message)
    left = [member for member in schema.together if member not in mask]
    if 0 < len(left) < len(schema.together):
        yield Problem(left[0], f"{' and '.join(schema.together)} must be set together.")
    if schema.name == INSTALL_TYPE and value.get("appInstallType") == "BLOCKED" and _is_web_app(target):
        yield Problem("appInstallType", "Web apps can't be blocked.")


def _mask_problem(schema: PolicySchema, name: str, value: Body, mask: list[str]) -> str:
    field = schema.find(name)
    if field is None:
        return f"Invalid update mask: {name} is not a field of {schema.name}."
    if value.get(name) is None:
        return f"Field {name} is in the update mask and has no value."
    if message := _value_problem(field, value[name]):
        return message
    if _is_acknowledged(field, value, mask):
        return ""
    return f"Setting {name} to {field.notice} needs {_acknowledgement_name(field)} to be true."


def _is_web_app(target: Target) -> bool:
    return dict(target.keys).get(APP_ID, "").startswith("web:")


def _is_acknowledged(field: Field, value: Body, mask: list[str]) -> bool:
    if not field.notice or str(value[field.name]).lower() != field.notice:
        return True
    name = _acknowledgement_name(field)
    return name in mask and value.get(name) is True


def _acknowledgement_name(field: Field) -> str:
    return f"ackNoticeFor{field.name[:1].upper()}{field.name[1:]}SetTo{field.notice.title()}"


def _value_problem(field: Field, value: Json) -> str:
    if not field.repeated:
        return _single_value_problem(field, value)
    if not isinstance(value, list):
        return f"Invalid value for {field.name}: a list was expected."
    if field.most and len(value) > field.most:
        return f"{field.name} has {len(value)} entries, more than the {field.most} allowed."
    return next((message for entry in sequence(value) if (message := _single_value_problem(field, entry))), "")


def _single_value_problem(field: Field, value: Json) -> str:
    match field.type:
        case Type.FLAG:
            fits = isinstance(value, bool)
        case Type.CHOICE:
            fits = value in field.choices
        case Type.NUMBER:
            return _number_problem(field, value)
        case _:
            fits = isinstance(value, str) and (not field.urls or _is_pattern(field, value))
    return "" if fits else f"Invalid value for {field.name}: {value}"


def _is_pattern(field: Field, value: str) -> bool:
    return bool(value) and not any(character.isspace() for character in value) and (field.everything or value != "*")


def _number_problem(field: Field, value: Json) -> str:
    inside = mapping(value)
    if set(inside) != {field.inside}:
        return f"Invalid value for {field.name}: an object with {field.inside} was expected."
    number = read_number(inside[field.inside])
    least, most = field.range
    if number is None or number < least or (most is not None and number > most):
        return f"Invalid value for {field.name}: {field.inside} must be at least {least}" + (
            f" and at most {most}." if most is not None else "."
        )
    return ""


def read_number(value: Json) -> int | None:
    """Return a long number, which JSON contains as a number or as text. None for any other value."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).lstrip("-").isdigit():
        return None
    number = int(value)
    return number if -_INT64 <= number < _INT64 else None


def stored_value(schema: PolicySchema, value: Mapping[str, Json], mask: list[str]) -> dict[str, Json]:
    """Return a value as it is stored: only masked fields, without acknowledgements, and with long numbers as text."""
    fields: dict[str, Json] = {}
    for name in mask:
        field = schema.find(name)
        if field and not field.acknowledges:
            number = mapping(value[name]).get(field.inside) if field.type is Type.NUMBER else None
            fields[name] = value[name] if number is None else {field.inside: str(number)}
    return fields


_DEFAULT_PAGE, _LONGEST_PAGE = 100, 1000


def check_caller(call: MethodCall, customer: str) -> None:
    """Refuse a caller who is not an administrator of the customer in the call."""
    caller = mapping(call.caller)
    own = ("customers/my_customer", f"customers/{customer_id(call.tenant_id)}")
    if not caller.get("isAdmin") or caller.get("suspended") or customer not in own:
        raise errors.forbidden("The caller does not have permission")


def page_size(requested: Json) -> int:
    """Return the number of rows on a page, at most Google's maximum."""
    if not isinstance(requested, int) or requested == 0:
        return _DEFAULT_PAGE
    if requested < 0:
        raise errors.invalid_argument()
    return min(requested, _LONGEST_PAGE)
