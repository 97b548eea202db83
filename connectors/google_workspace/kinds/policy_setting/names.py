"""Names such as `security.password @ /Staff`: a setting of the console and the unit that it is looked at for."""

from difflib import get_close_matches

from connectors.google_workspace.kinds.policy_setting.rows import SettingType
from connectors.google_workspace.kinds.policy_setting.table import TYPES

_AT = " @ "


def split_name(name: str) -> tuple[SettingType, str]:
    """Give the setting and the path of the unit; ValueError where a name is none."""
    setting, at, unit = name.partition(_AT)
    if not at:
        raise ValueError(f"{name!r} names no setting at a unit; write one as `security.password @ /Staff`")
    if setting not in TYPES:
        raise ValueError(f"{setting!r} is no setting of the admin console that can be looked at{_close(setting)}")
    if not unit.startswith("/") or (unit.endswith("/") and unit != "/"):
        raise ValueError(f"{unit!r} is no organisational unit; write its path as /Staff/Teachers, or / for all")
    return TYPES[setting], unit


def check_name(name: str) -> str | None:
    """Say why a name is none."""
    try:
        split_name(name)
    except ValueError as wrong:
        return str(wrong)
    return None


def check_setting(name: str, setting: str) -> str | None:
    """Say that a setting of the console has no such field, and which it has."""
    kind = TYPES.get(name.partition(_AT)[0])
    if kind is None or setting in (known := [field.name for field in kind.fields]):
        return None
    return f"{kind.name} has no setting {setting}; it has: {', '.join(known)}"


def _close(setting: str) -> str:
    close = get_close_matches(setting, TYPES, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
