"""Checks a request body by its type as Graph does, and fills in omitted properties."""

from collections.abc import Mapping, Sequence

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.models import ODataKind, Properties, Value, derived_types, members, model
from connectors.emulator.store import Body, Json

_PREFIX = "#microsoft.graph."
_TYPE = "@odata.type"
# Abstract types. The SDK's classes do not mark them.
ABSTRACT = frozenset(
    {
        "appleDeviceFeaturesConfigurationBase", "deviceAndAppManagementAssignmentTarget", "deviceCompliancePolicy",
        "deviceConfiguration", "deviceManagementConfigurationSettingInstance",
        "deviceManagementConfigurationSettingValue", "deviceManagementConfigurationSimpleSettingValue",
        "iosCertificateProfile", "mobileApp", "mobileAppAssignmentSettings", "omaSetting",
    }
)  # fmt: skip


def type_of(body: Body, declared_type: str, version: str) -> str:
    """Return the type of a body, which must be the declared type or a type derived from it."""
    name = str(body.get(_TYPE) or declared_type).removeprefix("#").removeprefix("microsoft.graph.")
    if _TYPE not in body and name not in ABSTRACT:
        return name
    if model(name, version) is None:
        raise errors.invalid_model(
            f"A type named 'microsoft.graph.{name}' could not be resolved by the model. When a model is available, "
            "each type name must resolve to a valid type."
        )
    if name in ABSTRACT:
        raise errors.invalid_model("Cannot create an abstract class.")
    if name not in derived_types(declared_type, version):
        raise errors.invalid_model(
            f"An entry with type '{errors.inner_name(name)}' was found, but it is not assignable to the expected type "
            f"'{errors.inner_name(declared_type)}'. The type specified in the entry must be equal to either the "
            "expected type or a derived type."
        )
    return name


def check_body(body: Body, declared_type: str, version: str) -> dict[str, Json]:
    """Return a body without annotations. Types are checked at every level. Raise GraphError if a type is wrong."""
    if model(declared_type, version) is None:
        return dict(body)
    name = type_of(body, declared_type, version)
    declared_properties = model(name, version) or {}
    kept: dict[str, Json] = {_TYPE: _PREFIX + name} if _TYPE in body else {}
    for key, held in body.items():
        if "@" in key:
            continue
        if key not in declared_properties:
            raise errors.unknown_property(key, name)
        kept[key] = _check_value(held, declared_properties[key], version)
    return kept


def fill_omitted(
    body: Body, declared_properties: Properties, *, without: frozenset[str] = frozenset()
) -> dict[str, Json]:
    """Return a body with omitted and null properties filled in as in Intune: false, null or the first member."""
    filled = {
        key: never_set_value(value) if body.get(key) is None else body[key]
        for key, value in declared_properties.items()
    }
    kept = {key: value for key, value in filled.items() if key not in without}
    return {_TYPE: body[_TYPE], **kept} if _TYPE in body else kept


def never_set_value(value: Value) -> Json:
    """Return the value that Intune shows for a property that was never set: false, null or the first member."""
    if value.many:
        return []
    match value.kind:
        case ODataKind.BOOL:
            return False
        case ODataKind.ENUM:
            return next(iter(members(value.name)), None)
        case _:
            return None


def _check_value(value_type: Json, value: Value, version: str) -> Json:
    if value_type is None:
        return None
    if not value.many:
        return _check_single(value_type, value, version)
    if not isinstance(value_type, Sequence) or isinstance(value_type, str):
        raise _unexpected_node("PrimitiveValue" if not isinstance(value_type, Mapping) else "StartObject", "StartArray")
    return [_check_single(entry, value, version) for entry in value_type]


def _check_single(value_type: Json, value: Value, version: str) -> Json:
    if isinstance(value_type, Mapping):
        if value.kind is not ODataKind.OBJECT:
            raise _unexpected_node("StartObject", "PrimitiveValue")
        return check_body(value_type, value.name, version)
    if isinstance(value_type, Sequence) and not isinstance(value_type, str):
        if value.kind is ODataKind.ENUM:  # several flags, which Graph takes as a list and shows in one text
            return ",".join(str(_check_flags(entry, value)) for entry in value_type)
        raise _unexpected_node("StartArray", "StartObject" if value.kind is ODataKind.OBJECT else "PrimitiveValue")
    if value.kind is ODataKind.OBJECT:
        raise _unexpected_node("PrimitiveValue", "StartObject")
    if value.kind is ODataKind.ENUM:
        return _check_flags(value_type, value)
    if not _is_of_kind(value_type, value.kind):
        raise errors.not_converted(value_type, value.kind.value)
    return value_type


def _is_of_kind(value_type: Json, kind: ODataKind) -> bool:
    match kind:
        case ODataKind.BOOL:
            return isinstance(value_type, bool)
        case ODataKind.INT:
            return isinstance(value_type, int) and not isinstance(value_type, bool)
        case ODataKind.NUMBER:
            return isinstance(value_type, int | float) and not isinstance(value_type, bool)
        case _:
            return isinstance(value_type, str)


def _check_flags(value_type: Json, value: Value) -> Json:
    known_members = members(value.name)
    names = [name.strip() for name in value_type.split(",")] if isinstance(value_type, str) else [""]
    if known_members and not set(names) <= set(known_members):
        raise errors.not_converted(value_type, errors.inner_name(value.name))
    return value_type


def _unexpected_node(actual: str, expected: str) -> errors.GraphError:
    return errors.invalid_model(
        f"An unexpected '{actual}' node was found when reading from the JSON reader. A '{expected}' node was expected."
    )
