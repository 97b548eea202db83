"""The actions of a data protection rule in each app, and the recipients of its alerts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

from toolkit.records import dataclass
from toolkit.sdk import listed, mapping, text
from toolkit.values import Body, Json, canonical_text

CHAT = "chat_applies_to"
ChatMessages = Literal[
    "external_direct_messages",
    "internal_direct_messages",
    "external_group_chats",
    "internal_group_chats",
    "external_rooms",
    "internal_rooms",
]
GMAIL_MESSAGES = MappingProxyType(
    {"gmail_external": "applyExternalMessages", "gmail_internal": "applyInternalMessages"}
)
_PARAMETERS = "actionParams"
_APPLIES = "apply"
_CHAT = "chat_action"


@dataclass(frozen=True, slots=True)
class App:
    """An app that rules can act in: the key of its action, Google's names for types of action, and its triggers."""

    wire: str
    ways: Mapping[str, str]
    triggers: tuple[str, ...]

    def current_way(self, action: Body) -> str:
        """Return Google's name for the strictest type of action in the app. An unknown type is returned unchanged."""
        present = [key for key, way_body in mapping(action.get(self.wire)).items() if way_body is not None]
        known_ways = [wire for wire in self.ways.values() if wire in present]
        return (known_ways or present or [""])[0]

    def to_setting(self, action: Body) -> str | None:
        current_way = self.current_way(action)
        return next((way for way, wire in self.ways.items() if wire == current_way), current_way or None)

    def parameters(self, action: Body) -> Body:
        return mapping(mapping(mapping(action.get(self.wire)).get(self.current_way(action))).get(_PARAMETERS))

    def put(self, action: Body, way: str | None, parameters: Mapping[str, bool]) -> Body:
        """Return a rule's action with this type of action in the app, or without any.

        Other parts of the action are unchanged.
        """
        before, current_way = mapping(action.get(self.wire)), self.current_way(action)
        other_settings = {
            key: setting_value for key, setting_value in before.items() if key not in (current_way, *self.ways.values())
        }
        if way is None:
            other_apps = {key: app_action for key, app_action in action.items() if key != self.wire}
            return {**other_apps, self.wire: other_settings} if other_settings else other_apps
        inner = mapping(before.get(current_way))
        if parameters:
            inner = {**inner, _PARAMETERS: {**mapping(inner.get(_PARAMETERS)), **parameters}}
        return {**action, self.wire: {**other_settings, self.ways.get(way, way): inner}}


def _make_action_names(verb: str, *, ways: tuple[str, ...] = ("block", "warn", "audit")) -> Mapping[str, str]:
    return {way: {"block": verb, "warn": "warnUser", "audit": "auditOnly"}[way] for way in ways}


APPS: Mapping[str, App] = MappingProxyType(
    {
        "gmail_action": App("gmailAction", _make_action_names("blockContent"), ("gmail",)),
        "drive_action": App("driveAction", _make_action_names("blockAccess"), ("drive",)),
        _CHAT: App("chatAction", _make_action_names("blockContent"), ("chat",)),
        "calendar_action": App("calendarAction", _make_action_names("blockEvent", ways=("block",)), ("calendar",)),
        "chrome_action": App("chromeAction", _make_action_names("blockContent"), ("chrome", "chromeos")),
    }
)
"""The apps by the setting of their action."""


def shown_actions(action: Body) -> Body:
    """Return the settings of a rule for its actions in apps."""
    settings: dict[str, Json] = {setting: app.to_setting(action) for setting, app in APPS.items()}
    gmail, chat = APPS["gmail_action"].parameters(action), APPS[_CHAT].parameters(action)
    settings |= {setting: gmail.get(wire) for setting, wire in GMAIL_MESSAGES.items()}
    settings[CHAT] = [
        _to_snake_case(key.removeprefix(_APPLIES)) for key in chat if key.startswith(_APPLIES) and chat[key] is True
    ]
    return settings


def paths(action: Body) -> Iterator[str]:
    """Yield the paths of the values in a rule's action that settings show."""
    for setting, app in APPS.items():
        if way := app.current_way(action):
            yield f"{app.wire}.{way}"
            yield f"{app.wire}.{way}.{_PARAMETERS}"
            names = [
                name for name, parameter in app.parameters(action).items() if _is_covered(setting, name, parameter)
            ]
            yield from (f"{app.wire}.{way}.{_PARAMETERS}.{name}" for name in names)


def _is_covered(setting: str, name: str, value: Json) -> bool:
    """Return whether a parameter of an action selects messages and a setting shows it."""
    is_message_filter = name in GMAIL_MESSAGES.values() if setting == "gmail_action" else name.startswith(_APPLIES)
    return is_message_filter and setting in ("gmail_action", _CHAT) and isinstance(value, bool)


def put_actions(action: Body, settings: Body) -> Body:
    """Return a rule's action with the given settings. The action in an app without a setting is unchanged."""
    for setting, app in APPS.items():
        parameters = _to_message_parameters(setting, settings, app.parameters(action))
        if setting in settings or parameters:
            way = text(settings[setting]) or None if setting in settings else app.to_setting(action)
            action = app.put(action, way, parameters)
    return action


def _to_message_parameters(setting: str, settings: Body, before: Body) -> Mapping[str, bool]:
    """Return whether an action applies to each type of message, such as outgoing messages.

    It does not apply to a type that no setting names.
    """
    if setting == "gmail_action" and settings.keys() & {setting, *GMAIL_MESSAGES}:
        return {wire: bool(settings.get(name, before.get(wire))) for name, wire in GMAIL_MESSAGES.items()}
    if setting == _CHAT and CHAT in settings:
        desired = settings[CHAT]
        desired_messages = [str(entry) for entry in desired] if isinstance(desired, list) else []
        # False for all messages that the rule applied to before, by any name.
        old = {key: False for key in before if key.startswith(_APPLIES)}
        return {
            **old,
            **{_to_camel_case(messages): messages in desired_messages for messages in get_args(ChatMessages)},
        }
    return {}


def _to_camel_case(messages: str) -> str:
    return _APPLIES + "".join(word.capitalize() for word in messages.split("_"))


def _to_snake_case(words: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", words).lower()


SUPER_ADMINS = "super_admins"
_ALERT, _CONFIG, _RECIPIENTS = "alertCenterAction", "alertCenterConfig", "recipients"
_METADATA, _DLP, _SEVERITY = "ruleTypeMetadata", "dlpRuleMetadata", "alertSeverity"

RECIPIENTS_PATH = f"action.{_ALERT}.{_RECIPIENTS}"
PATHS = (f"action.{_ALERT}.{_CONFIG}", f"action.{_ALERT}.{_CONFIG}.severity", f"{_METADATA}.{_DLP}.{_SEVERITY}")
"""Paths in a rule's value whose values the settings show."""


def shown_alert(value: Body) -> Body:
    """Return the settings of a rule for its alert and its severity."""
    alert = mapping(mapping(value.get("action")).get(_ALERT))
    return {
        "alert": True if _CONFIG in alert else None,  # also if the part is empty
        "alert_recipients": [_find_recipient_address(entry) for entry in listed(alert.get(_RECIPIENTS))],
        "alert_severity": _read_severity(value, mapping(alert.get(_CONFIG))),
    }


def _read_severity(value: Body, config: Body) -> str | None:
    """Return a rule's severity. If the alert centre uses a different severity, return both as one text."""
    severities = (text(mapping(mapping(value.get(_METADATA)).get(_DLP)).get(_SEVERITY)), text(config.get("severity")))
    return " and ".join(dict.fromkeys(filter(None, severities))) or None


def put_alert(value: Body, settings: Body) -> Body:
    """Return the value of a rule with the given alert settings.

    Google requires the action and the alert, even if empty.
    """
    action = mapping(value.get("action"))
    alert = mapping(action.get(_ALERT))
    if "alert" in settings:
        enabled_alert = {**alert, _CONFIG: mapping(alert.get(_CONFIG))}
        alert = (
            enabled_alert
            if settings["alert"]
            else {key: alert_part for key, alert_part in alert.items() if key != _CONFIG}
        )
    if "alert_recipients" in settings:
        desired_recipients = [str(recipient) for recipient in listed(settings["alert_recipients"])]
        alert = _put_recipients(alert, desired_recipients)
    severity = text(settings.get("alert_severity"))
    if severity and "severity" in mapping(alert.get(_CONFIG)):
        alert = {**alert, _CONFIG: {**mapping(alert[_CONFIG]), "severity": severity}}
    return {**value, "action": {**action, _ALERT: alert}, _METADATA: _make_metadata(value, severity)}


def _put_recipients(alert: Body, desired: Sequence[str]) -> Body:
    other_parts = {key: alert_part for key, alert_part in alert.items() if key != _RECIPIENTS}
    before = {_find_recipient_address(recipient): recipient for recipient in listed(alert.get(_RECIPIENTS))}
    recipients: list[Json] = [
        before.get(address) or ({"allSuperAdmins": True} if address == SUPER_ADMINS else {"email": address})
        for address in desired
    ]
    return {**other_parts, _RECIPIENTS: recipients} if recipients else other_parts


def _find_recipient_address(recipient: Json) -> str:
    """Return the address of an alert's recipient. A recipient of an unknown type is returned as JSON."""
    match recipient:
        case {"allSuperAdmins": True, **others} if not others:
            return SUPER_ADMINS
        case {"email": str(address), **others} if not others:
            return address.lower()
        case _:
            return canonical_text(recipient)


def _make_metadata(value: Body, severity: str) -> Body:
    metadata = mapping(value.get(_METADATA))
    return {**metadata, _DLP: {**mapping(metadata.get(_DLP)), **({_SEVERITY: severity} if severity else {})}}
