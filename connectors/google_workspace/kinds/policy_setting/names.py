"""Names such as `security.password @ /Staff`: a setting of the console and the unit that it is looked at for.

A type that has no words is named as Google does: `settings/gmail.attachment_compliance @ /Staff`.
"""

import re
from difflib import get_close_matches

from connectors.google_workspace.detectors import RULES
from connectors.google_workspace.detectors import TYPES as DETECTORS
from connectors.google_workspace.kinds.policy_setting.raw import PREFIX, is_raw, raw_name
from connectors.google_workspace.kinds.policy_setting.table import TYPES, SettingType, known_name, raw_type

_AT = " @ "
_TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_OTHERS = {"dlp_rule": RULES, "detector": DETECTORS}


def split_name(name: str) -> tuple[SettingType, str]:
    """Return the setting and the path of the unit; ValueError where a name is none."""
    setting, at, unit = name.partition(_AT)
    if not at:
        raise ValueError(f"{name!r} names no setting at a unit; write one as `security.password @ /Staff`")
    found = _raw(setting.removeprefix(PREFIX)) if setting.startswith(PREFIX) else TYPES.get(setting)
    if found is None:
        raise ValueError(f"{setting!r} is no setting of the admin console that can be looked at{_close(setting)}")
    if not unit.startswith("/") or (unit.endswith("/") and unit != "/"):
        raise ValueError(f"{unit!r} is no organisational unit; write its path as /Staff/Teachers, or / for all")
    return found, unit


def _raw(setting: str) -> SettingType:
    if not _TYPE.fullmatch(setting):
        raise ValueError(f"{PREFIX + setting!r} is no type of Google's; one looks like settings/gmail.pop_access")
    if kind := kind_of(setting):
        raise ValueError(f"{PREFIX + setting!r} has a kind of its own: write google_workspace.{kind}")
    return raw_type(setting)


def kind_of(setting: str) -> str | None:
    """Return the name of the kind that reads the policies of a type as objects of its own."""
    return next((kind for kind, types in _OTHERS.items() if re.fullmatch(types, setting)), None)


def name_of(setting: str, unit: str) -> str:
    """Return the name of a type at a unit, by which a playbook can ask about it."""
    known = known_name(setting)
    return f"{known if known in TYPES else PREFIX + known}{_AT}{unit}"


def check_name(name: str) -> str | None:
    """Say why a name is none."""
    try:
        split_name(name)
    except ValueError as wrong:
        return str(wrong)
    return None


def check_setting(name: str, setting: str) -> str | None:
    """Say that a setting of the console has no such field, and which it has; Google's own names show only there."""
    written = name.partition(_AT)[0]
    if written.startswith(PREFIX):
        return None if is_raw(setting) else f"{written} has Google's names for its fields: write {_as_google(setting)}"
    kind = TYPES.get(written)
    known = [field.name for field in kind.fields] if kind else []
    if kind is None or setting in known:
        return None
    worded = {field.wire_name: field.name for field in kind.fields if not kind.without_words(field.wire_name)}
    if is_raw(setting) and setting not in worded:
        return None
    if setting in worded:
        return f"{kind.name} has {worded[setting]} for {setting}: write that"
    return f"{kind.name} has no setting {setting}; it has: {', '.join(known)}"


def _as_google(setting: str) -> str:
    first, *others = setting.split("_")
    return raw_name(first + "".join(map(str.capitalize, others)))


def _close(setting: str) -> str:
    close = get_close_matches(setting, TYPES, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; write {PREFIX + setting!r} for a type of Google's that has no words" if _TYPE.fullmatch(setting) else ""
