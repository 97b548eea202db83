"""Converts a value in a request to the stored value, by the name of its PowerShell type."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.formats import MEMBERS
from connectors.emulator.microsoft365.exchange.parameters import BadValue, CmdletParameter
from connectors.emulator.store import Json

_LINE_END = re.compile(r"\r\n|\r|\n")


def convert_value(parameter: CmdletParameter, value: Json) -> Json:
    """Convert a value. A change of a list becomes a mapping with "add" and "remove". A complete list stays a list."""
    unset: Json = parameter.unset
    if value is None:
        if not parameter.nullable:
            raise BadValue(parameter.name, f'Cannot convert null to type "{parameter.kind}".')
        return unset
    if parameter.kind == "MultiValuedProperty" and isinstance(value, Mapping):
        return _convert_list_change(parameter, value)
    if parameter.kind == "MultiValuedProperty" or parameter.kind.endswith("[]"):
        return _convert_items(parameter, value) or unset
    return _convert_single(parameter, parameter.kind, value)


def apply_change(before: Json, value: Json) -> Json:
    """Return a stored value after a converted value replaced it, or added and removed entries of a list."""
    if not isinstance(value, Mapping):
        return value
    gone = {str(entry).lower() for entry in _as_sequence(value.get("remove"))}
    kept = [entry for entry in _as_sequence(before) if str(entry).lower() not in gone]
    present = {str(entry).lower() for entry in kept}
    return [*kept, *(entry for entry in _as_sequence(value.get("add")) if str(entry).lower() not in present)]


def _as_sequence(value: Json) -> Sequence[Json]:
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def _convert_list_change(parameter: CmdletParameter, value: Mapping[str, Json]) -> Json:
    if value.get("@odata.type") != "#Exchange.GenericHashTable":
        raise _bad_value(parameter, value)
    steps = {name.lower(): step for name, step in value.items() if "@" not in name}
    if not steps or not steps.keys() <= {"add", "remove"}:
        raise _bad_value(parameter, value)
    return {name: _convert_items(parameter, step) for name, step in steps.items()}


def _convert_items(parameter: CmdletParameter, value: Json) -> list[Json]:
    """Convert a list. A single value becomes a list, as in PowerShell."""
    kind = parameter.entry if parameter.kind == "MultiValuedProperty" else parameter.kind.removesuffix("[]")
    entries = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    if parameter.most is not None and len(entries) > parameter.most:
        raise BadValue(parameter.name, f"At most {parameter.most} values are allowed, not {len(entries)}.")
    return [_convert_single(parameter, kind, entry) for entry in entries]


def _convert_single(parameter: CmdletParameter, kind: str, value: Json) -> Json:
    if kind in MEMBERS:
        return _convert_member(parameter, kind, value)
    return _CONVERSIONS.get(kind, _convert_text)(parameter, value)


def _convert_member(parameter: CmdletParameter, kind: str, value: Json) -> str:
    """Return a member of an enumeration. The beginning of its name is enough, as in PowerShell."""
    members = MEMBERS[kind]
    sought = value.lower() if isinstance(value, str) else ""
    exact = [member for member in members if member.lower() == sought]
    alike = exact or [member for member in members if sought and member.lower().startswith(sought)]
    if len(alike) == 1:
        return alike[0]
    shown = value if isinstance(value, str) else formats.to_sentence_text(value)
    raise BadValue(
        parameter.name,
        f'Cannot convert value "{shown}" to type "Microsoft.Exchange.MessagingPolicies.Rules.{kind}". '
        f'Error: "Unable to match the identifier name {shown} to a valid enumerator name. '
        f'Specify one of the following enumerator names and try again: {", ".join(members)}"',
    )


def _convert_text(parameter: CmdletParameter, value: Json) -> Json:
    if not isinstance(value, str):
        raise _bad_value(parameter, value)
    if parameter.longest is not None and len(value) > parameter.longest:
        raise BadValue(
            parameter.name,
            f"The value has {len(value)} characters. The maximum length is {parameter.longest} characters.",
        )
    return value


def _convert_prose(parameter: CmdletParameter, value: Json) -> Json:
    return _LINE_END.sub("\r\n", str(_convert_text(parameter, value)))


def _convert_boolean(parameter: CmdletParameter, value: Json) -> Json:
    if not isinstance(value, bool):
        raise _bad_value(parameter, value)
    return value


def _convert_integer(parameter: CmdletParameter, value: Json) -> Json:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _bad_value(parameter, value)
    try:
        number = int(value)
    except ValueError:
        raise _bad_value(parameter, value) from None
    too_low = parameter.lowest is not None and number < parameter.lowest
    if too_low or (parameter.highest is not None and number > parameter.highest):
        raise BadValue(
            parameter.name, f"The value {number} is not in the range {parameter.lowest} to {parameter.highest}."
        )
    return number


def _convert_unlimited(parameter: CmdletParameter, value: Json) -> Json:
    if isinstance(value, str) and value.lower() == "unlimited":
        return "Unlimited"
    return str(_convert_integer(parameter, value))


def _convert_moment(parameter: CmdletParameter, value: Json) -> Json:
    try:
        moment = datetime.fromisoformat(str(_convert_text(parameter, value)))
    except ValueError:
        raise _bad_value(parameter, value) from None
    return formats.to_moment(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _make_converter(read: Callable[[str], str]) -> Callable[[CmdletParameter, Json], Json]:
    def convert(parameter: CmdletParameter, value: Json) -> Json:
        text = str(value) if isinstance(value, int) and not isinstance(value, bool) else _convert_text(parameter, value)
        try:
            return read(str(text))
        except ValueError as error:
            raise BadValue(parameter.name, f'Cannot convert value "{value}". Error: "{error}"') from None

    return convert


def _bad_value(parameter: CmdletParameter, value: Json) -> BadValue:
    return BadValue(
        parameter.name, f'Cannot convert value "{formats.to_sentence_text(value)}" to type "System.{parameter.kind}".'
    )


_CONVERSIONS: Mapping[str, Callable[[CmdletParameter, Json], Json]] = {
    "Boolean": _convert_boolean,
    "SwitchParameter": _convert_boolean,
    "Int32": _convert_integer,
    "UInt32": _convert_integer,
    "SclValue": _convert_integer,
    "Unlimited": _convert_unlimited,
    "UnlimitedEnhancedTimeSpan": _make_converter(formats.to_unlimited_span),
    "EnhancedTimeSpan": _make_converter(formats.to_span),
    "DateTime": _convert_moment,
    "DisclaimerText": _convert_prose,
    "ByteQuantifiedSize": _make_converter(formats.to_size),
    "Pattern": _make_converter(formats.check_expression),
    "IpRange": _make_converter(formats.check_ip_addresses),
    "HeaderName": _make_converter(formats.check_header_name),
    "RejectEnhancedStatus": _make_converter(formats.check_status_code),
    "SmtpAddress": _make_converter(formats.check_mail_address),
}
