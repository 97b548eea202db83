"""What a rule does when it finds something, and whom it tells."""

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
    """One app: the key of its action, Google's names for what may be done, and the apps that its triggers name."""

    wire: str
    ways: Mapping[str, str]
    triggers: tuple[str, ...]

    def now(self, action: Body) -> str:
        """Give Google's name for what is done, the strictest; one that we do not know is named as it is."""
        there = [key for key, one in mapping(action.get(self.wire)).items() if one is not None]
        known = [wire for wire in self.ways.values() if wire in there]
        return (known or there or [""])[0]

    def shown(self, action: Body) -> str | None:
        now = self.now(action)
        return next((way for way, wire in self.ways.items() if wire == now), now or None)

    def parameters(self, action: Body) -> Body:
        return mapping(mapping(mapping(action.get(self.wire)).get(self.now(action))).get(_PARAMETERS))

    def put(self, action: Body, way: str | None, parameters: Mapping[str, bool]) -> Body:
        """Give an action that does this in the app, or nothing there; what else the app's part holds stays."""
        before, now = mapping(action.get(self.wire)), self.now(action)
        kept = {key: one for key, one in before.items() if key not in (now, *self.ways.values())}
        if way is None:
            others = {key: one for key, one in action.items() if key != self.wire}
            return {**others, self.wire: kept} if kept else others
        inner = mapping(before.get(now))
        if parameters:
            inner = {**inner, _PARAMETERS: {**mapping(inner.get(_PARAMETERS)), **parameters}}
        return {**action, self.wire: {**kept, self.ways.get(way, way): inner}}


def _content(verb: str, *, ways: tuple[str, ...] = ("block", "warn", "audit")) -> Mapping[str, str]:
    return {way: {"block": verb, "warn": "warnUser", "audit": "auditOnly"}[way] for way in ways}


APPS: Mapping[str, App] = MappingProxyType(
    {
        "gmail_action": App("gmailAction", _content("blockContent"), ("gmail",)),
        "drive_action": App("driveAction", _content("blockAccess"), ("drive",)),
        _CHAT: App("chatAction", _content("blockContent"), ("chat",)),
        "calendar_action": App("calendarAction", _content("blockEvent", ways=("block",)), ("calendar",)),
        "chrome_action": App("chromeAction", _content("blockContent"), ("chrome", "chromeos")),
    }
)
"""The apps by the settings that say what is done there."""


def shown_actions(action: Body) -> Body:
    """Give the settings that an action means."""
    done: dict[str, Json] = {setting: app.shown(action) for setting, app in APPS.items()}
    gmail, chat = APPS["gmail_action"].parameters(action), APPS[_CHAT].parameters(action)
    done |= {setting: gmail.get(wire) for setting, wire in GMAIL_MESSAGES.items()}
    done[CHAT] = [_snake(key.removeprefix(_APPLIES)) for key in chat if key.startswith(_APPLIES) and chat[key] is True]
    return done


def paths(action: Body) -> Iterator[str]:
    """List the paths in an action whose values the settings show, for what is done in each app."""
    for setting, app in APPS.items():
        if done := app.now(action):
            yield f"{app.wire}.{done}"
            yield f"{app.wire}.{done}.{_PARAMETERS}"
            read = [name for name, one in app.parameters(action).items() if _is_read(setting, name, one)]
            yield from (f"{app.wire}.{done}.{_PARAMETERS}.{name}" for name in read)


def _is_read(setting: str, name: str, value: Json) -> bool:
    """Say whether a setting shows to which messages something applies."""
    known = name in GMAIL_MESSAGES.values() if setting == "gmail_action" else name.startswith(_APPLIES)
    return known and setting in ("gmail_action", _CHAT) and isinstance(value, bool)


def put_actions(action: Body, settings: Body) -> Body:
    """Put settings into an action; apps that they do not name stay."""
    for setting, app in APPS.items():
        parameters = _parameters(setting, settings, app.parameters(action))
        if setting in settings or parameters:
            way = text(settings[setting]) or None if setting in settings else app.shown(action)
            action = app.put(action, way, parameters)
    return action


def _parameters(setting: str, settings: Body, before: Body) -> Mapping[str, bool]:
    """Say to which messages an action applies; what is said of none is said as false."""
    if setting == "gmail_action" and settings.keys() & {setting, *GMAIL_MESSAGES}:
        return {wire: bool(settings.get(name, before.get(wire))) for name, wire in GMAIL_MESSAGES.items()}
    if setting == _CHAT and CHAT in settings:
        wanted = settings[CHAT]
        listed = [str(one) for one in wanted] if isinstance(wanted, list) else []
        # False for every message that the rule was for until now, in whatever words.
        old = {key: False for key in before if key.startswith(_APPLIES)}
        return {**old, **{_camel(one): one in listed for one in get_args(ChatMessages)}}
    return {}


def _camel(messages: str) -> str:
    return _APPLIES + "".join(word.capitalize() for word in messages.split("_"))


def _snake(words: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", words).lower()


SUPER_ADMINS = "super_admins"
_ALERT, _CONFIG, _RECIPIENTS = "alertCenterAction", "alertCenterConfig", "recipients"
_METADATA, _DLP, _SEVERITY = "ruleTypeMetadata", "dlpRuleMetadata", "alertSeverity"

TOLD = f"action.{_ALERT}.{_RECIPIENTS}"
PATHS = (f"action.{_ALERT}.{_CONFIG}", f"action.{_ALERT}.{_CONFIG}.severity", f"{_METADATA}.{_DLP}.{_SEVERITY}")
"""Paths in a rule's value whose values the settings show."""


def shown_alert(value: Body) -> Body:
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


def put_alert(value: Body, settings: Body) -> Body:
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
