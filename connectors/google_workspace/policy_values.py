"""The value of a policy: a free map, whose keys come back in whichever of two ways they were written."""

import re
from collections.abc import Mapping

from toolkit.sdk.shapes import mapping, text
from toolkit.values import Body, Json

STAMPS = ("createTime", "updateTime", "deleteTime")
"""What Google itself writes into the value of a rule."""

_UNDERSCORE = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")


def type_of(policy: Body) -> str:
    """Give the type of a policy, without `settings/`."""
    return text(mapping(policy.get("setting")).get("type")).removeprefix("settings/")


def value_of(policy: Body) -> Body:
    """Give what a policy sets: keys in camelCase, without Google's own stamps."""
    value = _camel(mapping(policy.get("setting")).get("value"))
    return {name: one for name, one in mapping(value).items() if name not in STAMPS}


def in_camel_case(policy: Body) -> Body:
    """Return a policy with the keys of its value in camelCase."""
    setting = mapping(policy.get("setting"))
    return {**policy, "setting": {**setting, "value": _camel(setting.get("value"))}}


def _camel(value: Json) -> Json:
    match value:
        case Mapping():
            return {_UNDERSCORE.sub(lambda found: found[1].upper(), name): _camel(one) for name, one in value.items()}
        case list():
            return [_camel(one) for one in value]
        case _:
            return value
