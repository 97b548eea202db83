"""How each kind of field is written in a playbook, checked and compared."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, StringConstraints
from pydantic import Field as Told

from connectors.google_workspace.kinds.policy_setting.table import PolicyField, PolicyFieldType
from toolkit.sdk.form import FLAG, INSTANT, PATTERNS, TEXT, Form
from toolkit.sdk.shapes import flag
from toolkit.sdk.spec import Listed, Setting, Within
from toolkit.values import Json, Value

_DURATION = re.compile(r"(\d+)(?:\.0*)?s")


def _seconds(value: Json) -> Value:
    if value is None or value == "":
        return None
    written = _DURATION.fullmatch(str(value))
    if not written:
        raise ValueError(f"{value!r} is no length of time; write the seconds, as 43200s for twelve hours")
    return f"{int(written[1])}s"


def _duration(written: str) -> str:
    _seconds(written)
    return written


def _moment(written: str) -> str:
    try:
        instant = datetime.fromisoformat(written)
    except ValueError as error:
        raise ValueError(f"{written!r} is no date and time; write one as 2026-09-01T08:00:00+01:00") from error
    if instant.tzinfo is None:
        raise ValueError(f"{written!r} says no time zone; write it with its offset, as 2026-09-01T08:00:00+01:00")
    return written


def _whole(value: Json) -> Value:
    """Read a number as Google's free-form values hold it: there every number is a fraction, or a text."""
    if value is None or value == "":
        return None
    number = float(str(value))
    if not number.is_integer():
        raise ValueError(f"{value!r} is no whole number")
    return int(number)


def _descriptions(value: Json) -> Value:
    return PATTERNS.read([_said(entry, "description") for entry in _entries(value)])


def _on(value: Json) -> Value:
    """Read which rules are on, whether Google lists states of rules or a playbook their ids."""
    states = [one for one in _entries(value) if not isinstance(one, Mapping) or flag(one.get("enabled"))]
    return PATTERNS.read([_said(entry, "ruleId") for entry in states])


def _entries(value: Json) -> list[Json]:
    return list(value) if isinstance(value, list | tuple) else []


def _said(entry: Json, name: str) -> Json:
    return entry.get(name, "") if isinstance(entry, Mapping) else entry


_FORMS = {
    PolicyFieldType.FLAG: FLAG,
    PolicyFieldType.NUMBER: Form("whole number", _whole),
    PolicyFieldType.WORD: TEXT,
    PolicyFieldType.TEXT: TEXT,
    PolicyFieldType.DURATION: Form("length of time", _seconds),
    PolicyFieldType.INSTANT: INSTANT,
    PolicyFieldType.LIST: PATTERNS,
    PolicyFieldType.RULES: Form("list of rules, by their descriptions", _descriptions, is_list=True),
    PolicyFieldType.RULE_STATES: Form("list of rules that are on, by their ids", _on, is_list=True),
}
_WORD = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]*$")]
_TYPES: Mapping[PolicyFieldType, Any] = {
    PolicyFieldType.FLAG: bool,
    PolicyFieldType.NUMBER: Annotated[int, Told(ge=0)],
    PolicyFieldType.WORD: _WORD,
    PolicyFieldType.TEXT: Annotated[str, Told(min_length=1)],
    PolicyFieldType.DURATION: Annotated[str, AfterValidator(_duration)],
    PolicyFieldType.INSTANT: Annotated[str, AfterValidator(_moment)],
    PolicyFieldType.LIST: Listed,
    PolicyFieldType.RULES: list[str],
    PolicyFieldType.RULE_STATES: list[str],
}
_WITHIN = {
    PolicyFieldType.DURATION: "seconds, as 43200s for twelve hours",
    PolicyFieldType.INSTANT: "written with its offset from UTC, as 2026-09-01T08:00:00+01:00",
    PolicyFieldType.WORD: "one of Google's words in capitals, as the Policy API shows it",
}


def declared(field: PolicyField) -> tuple[Any, Any]:
    """Give the type and the description of a field, as a model is made of them."""
    taken = cast("Any", Literal)[field.words] if field.words else _TYPES[field.takes]
    notes: list[object] = [Setting(_FORMS[field.takes], wire=field.wire_name)]
    if field.takes in _WITHIN and not field.words:
        notes.append(Within(_WITHIN[field.takes]))
    meaning = field.meaning
    if field.default is not None:
        meaning = f"{meaning} Unless somebody chose: {json.dumps(field.default).strip(chr(34))}."
    told = Told(default=None, description=meaning, examples=[field.example])
    return Annotated[(taken | None, *notes)], told
