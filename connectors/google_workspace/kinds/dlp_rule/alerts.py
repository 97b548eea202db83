"""Whom a rule tells, and how urgently, as Google nests it and as flat settings."""

from collections.abc import Sequence

from toolkit.sdk.shapes import listed, mapping, text
from toolkit.values import Body, Json, canonical_text

SUPER_ADMINS = "super_admins"
_ALERT, _CONFIG, _RECIPIENTS = "alertCenterAction", "alertCenterConfig", "recipients"
_METADATA, _DLP, _SEVERITY = "ruleTypeMetadata", "dlpRuleMetadata", "alertSeverity"

TOLD = f"action.{_ALERT}.{_RECIPIENTS}"
PATHS = (f"action.{_ALERT}.{_CONFIG}", f"action.{_ALERT}.{_CONFIG}.severity", f"{_METADATA}.{_DLP}.{_SEVERITY}")
"""Paths in a rule's value whose values the settings show."""


def shown(value: Body) -> Body:
    """Give the settings that a rule's value means."""
    alert = mapping(mapping(value.get("action")).get(_ALERT))
    return {
        "alert": True if _CONFIG in alert else None,  # also where it is there and empty
        "alert_recipients": [_recipient(one) for one in listed(alert.get(_RECIPIENTS))],
        "alert_severity": _severity(value, mapping(alert.get(_CONFIG))),
    }


def _severity(value: Body, config: Body) -> str | None:
    """Give how urgent the rule is; both, where the alert centre shows it otherwise."""
    said = (text(mapping(mapping(value.get(_METADATA)).get(_DLP)).get(_SEVERITY)), text(config.get("severity")))
    return " and ".join(dict.fromkeys(filter(None, said))) or None


def put(value: Body, settings: Body) -> Body:
    """Put settings into a rule's value; Google wants the parts of both even where they are empty."""
    action = mapping(value.get("action"))
    alert = mapping(action.get(_ALERT))
    if "alert" in settings:
        on = {**alert, _CONFIG: mapping(alert.get(_CONFIG))}
        alert = on if settings["alert"] else {key: one for key, one in alert.items() if key != _CONFIG}
    if "alert_recipients" in settings:
        wanted = [str(one) for one in listed(settings["alert_recipients"])]
        alert = _told(alert, wanted)
    severity = text(settings.get("alert_severity"))
    if severity and "severity" in mapping(alert.get(_CONFIG)):
        alert = {**alert, _CONFIG: {**mapping(alert[_CONFIG]), "severity": severity}}
    return {**value, "action": {**action, _ALERT: alert}, _METADATA: _metadata(value, severity)}


def _told(alert: Body, wanted: Sequence[str]) -> Body:
    others = {key: one for key, one in alert.items() if key != _RECIPIENTS}
    before = {_recipient(one): one for one in listed(alert.get(_RECIPIENTS))}
    told: list[Json] = [
        before.get(one) or ({"allSuperAdmins": True} if one == SUPER_ADMINS else {"email": one}) for one in wanted
    ]
    return {**others, _RECIPIENTS: told} if told else others


def _recipient(one: Json) -> str:
    """Name a recipient; a sort that we do not know is shown as it is."""
    match one:
        case {"allSuperAdmins": True, **others} if not others:
            return SUPER_ADMINS
        case {"email": str(address), **others} if not others:
            return address.lower()
        case _:
            return canonical_text(one)


def _metadata(value: Body, severity: str) -> Body:
    metadata = mapping(value.get(_METADATA))
    return {**metadata, _DLP: {**mapping(metadata.get(_DLP)), **({_SEVERITY: severity} if severity else {})}}
