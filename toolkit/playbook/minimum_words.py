"""Says whether a setting of a control can be compared in the way that a floor asks for."""

from collections.abc import Sequence
from typing import get_origin

from toolkit.catalogue.catalogue import Catalogue
from toolkit.catalogue.naming import OfCategory, resolve
from toolkit.controls.blocking import Blocking
from toolkit.controls.control import Control
from toolkit.playbook.describe_type import Shape, choices, expected, shapes
from toolkit.playbook.policy_entries import Floor, Test
from toolkit.values import Json
from toolkit.yaml.messages import did_you_mean, one_of, quoted, shown

BLOCK = "block"
"""The setting whose entries are apps, by name or by category."""


def choices_of(value: Json) -> list[str | OfCategory]:
    """Read the apps and categories that a floor names, as a block list does."""
    items = value if isinstance(value, list) else []
    return [OfCategory.model_validate(item) if isinstance(item, dict) else str(item) for item in items]


def misfit(floor: Floor, control: Control, apps: Catalogue) -> str:
    """Say what is wrong with a floor of a control; nothing where it can be compared."""
    fields = {field.alias or name: field for name, field in control.settings.model_fields.items()}
    if floor.setting not in fields:
        return f"{control.name} has no setting {quoted(floor.setting)}{did_you_mean(floor.setting, fields)}"
    found = shapes(fields[floor.setting].annotation)
    match floor.test:
        case Test.AT_LEAST | Test.AT_MOST:
            wrong = "" if int in found or float in found else "is no number"
        case Test.INCLUDES:
            wrong = _list(floor, control, found, apps)
        case Test.EQUALS:
            wrong = _value(floor.value, found)
        case Test.ONE_OF:
            each = floor.value if isinstance(floor.value, list) else []
            wrong = next((said for one in each if (said := _value(one, found))), "")
        case Test.DECIDED:
            wrong = "" if str in found else "cannot be left undecided"
        case Test.COVERS:
            wrong = ""
    return f"{quoted(floor.setting)} of {control.name} {wrong}" if wrong else ""


def _list(floor: Floor, control: Control, found: Sequence[Shape], apps: Catalogue) -> str:
    if not any(get_origin(shape) is list for shape in found):
        return "is no list"
    if issubclass(control.settings, Blocking) and floor.setting == BLOCK:
        try:
            resolve(choices_of(floor.value), apps)
        except ValueError as unknown:
            return f"knows no such entry: {unknown}"
    elif any(isinstance(item, dict) for item in (floor.value if isinstance(floor.value, list) else ())):
        return "knows no categories"
    return ""


def _value(value: Json, found: Sequence[Shape]) -> str:
    """Say that a setting can never be this."""
    written = str(value).lower() if isinstance(value, bool) else str(value)
    if written in choices(found) or type(value) in found:
        return ""
    return f"is never {shown(value)}: it is {one_of(expected(found))}"
