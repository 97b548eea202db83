"""The effects on people that settings of several Intune policies have in common: passwords, locks and compliance."""

from collections.abc import Iterable, Mapping

from toolkit.sdk import (
    Effect,
    EffectArea,
    Harmless,
    ObjectEffects,
    ObjectScope,
    SettingEffect,
    ValueChange,
    adds_entries,
    becomes,
    declare_effects,
    limits_to_entries,
    lowers,
    raises,
    removes_entries,
    switches_on,
)
from toolkit.values import Value

POLICY_EFFECTS = ObjectEffects(
    area=EffectArea.DEVICES, deleted=Harmless.RELAXES, acts=lambda settings: bool(settings.get("assigned_to"))
)
"""Effects of a policy. A policy without an assignment has none."""

ASSIGNED_EFFECTS = declare_effects({"assigned_to": ObjectScope(adds_entries), "excluded": ObjectScope(removes_entries)})

PASSWORDS = "passwords that do not meet the rules must be changed"
NOT_COMPLIANT = "devices that do not meet the rules become not compliant"
APPS = "some apps can no longer be installed or opened"
STORAGE = "USB sticks, memory cards and cables no longer transfer files"
ACCOUNTS = "private accounts can no longer be added to devices"

_STRICTEST_FIRST = (
    "alphanumericWithSymbols", "alphanumeric", "atLeastAlphanumeric", "alphabetic", "atLeastAlphabetic",
    "numericComplex", "numeric", "atLeastNumeric", "high", "medium", "low", "required", "lowSecurityBiometric",
)  # fmt: skip
_LEAST_RISK_FIRST = ("secured", "low", "medium", "high")


def password_effects(names: Iterable[str]) -> Mapping[str, SettingEffect]:
    """Return the effect on people of each setting about passwords or locks, which words in its name show."""
    return {name: Effect(*password_effect(name)) for name in names}


def password_effect(name: str) -> tuple[str, ValueChange]:
    if "minutes" in name:
        return "screens lock sooner", lowers
    if "expiration" in name:
        return "passwords must be changed more often", lowers
    if name.endswith(("_type", "_complexity")):
        return PASSWORDS, becomes(*_STRICTEST_FIRST)
    if any(word in name for word in ("minimum", "count", "length")):
        return PASSWORDS, raises
    return PASSWORDS, switches_on


def compliance_effects(names: Iterable[str]) -> Mapping[str, SettingEffect]:
    """Return the effect of each compliance setting on people: their devices may become not compliant."""
    return {name: Effect(NOT_COMPLIANT, _find_worrying_change(name)) for name in names}


def _find_worrying_change(name: str) -> ValueChange:
    if name in _JUDGES:
        return _JUDGES[name]
    if "version" in name:
        return _is_later if "minimum" in name else _is_earlier
    if name.endswith("security_level"):
        return becomes(*_LEAST_RISK_FIRST)
    return password_effect(name)[1]


def _parse_version(value: Value) -> tuple[int, ...]:
    parts = str(value or "").replace("-", ".").split(".")
    return tuple(int(part) for part in parts) if all(map(str.isdecimal, parts)) else ()


def _is_later(before: Value, after: Value) -> bool:
    return (
        after is not None
        and after != before
        and (not _parse_version(after) or _parse_version(after) > _parse_version(before))
    )


def _is_earlier(before: Value, after: Value) -> bool:
    if after is None or after == before:
        return False
    return not _parse_version(after) or not _parse_version(before) or _parse_version(after) < _parse_version(before)


_JUDGES: Mapping[str, ValueChange] = {
    "min_android_security_patch_level": _is_later,
    "defender_version": _is_later,
    "security_required_android_safety_net_evaluation_type": becomes("hardwareBacked"),
    "gatekeeper_allowed_app_source": becomes("macAppStore", "macAppStoreAndIdentifiedDevelopers"),
    "restricted_apps": adds_entries,
    "valid_operating_system_build_ranges": limits_to_entries,
    "wsl_distributions": limits_to_entries,
}


def is_sooner(before: Value, after: Value) -> bool:
    """Return whether a change shortens a delay in hours. A delay of 0 means that the action is immediate."""
    return isinstance(before, int) and isinstance(after, int) and after < before
