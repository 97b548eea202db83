"""The Groups Settings API, and the other paths at www.googleapis.com: certificates and the list of APIs."""

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from connectors.emulator.data_files import read_data
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.documents import read_document
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.api.service import google_api
from connectors.emulator.google_workspace.oauth import SERVICE as OAUTH
from connectors.emulator.google_workspace.values import group_id, mapping, text
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

API = ("groupssettings", "v1")
_LONGEST_FOOTER = 1000
_LISTED = re.compile(r"^- ([A-Z_]{4,}|true|false)\b", re.MULTILINE)
_GROUPS_OWN = ("email", "name", "description")  # kept with the group itself
_FIXED = ("kind", "email")


@lru_cache(maxsize=1)
def _allowed_values() -> Mapping[str, frozenset[str]]:
    """Return the allowed values of a setting, from its description in the discovery document."""
    schemas = mapping((read_document(*API) or {}).get("schemas"))
    properties = mapping(mapping(schemas.get("Groups")).get("properties"))
    listed = {
        name: _LISTED.findall(text(mapping(property_body).get("description")))
        for name, property_body in properties.items()
    }
    return {name: frozenset(values) for name, values in listed.items() if len(values) > 1}


def _find_group(call: MethodCall) -> Body:
    if call.caller is None or not call.caller.get("isAdmin"):
        raise errors.forbidden()
    group = people.find_group(call.store, call.tenant_id, call.text("groupUniqueId"))
    if group is None:
        raise errors.not_found("Domain not found." if "@" not in call.text("groupUniqueId") else "Group not found.")
    return group


def _settings_resource(group: Body, settings: Body) -> Body:
    own: dict[str, Json] = {name: text(group.get(name)) for name in _GROUPS_OWN}
    return {"kind": "groupsSettings#groups", **own, **settings}


def _get_settings(call: MethodCall) -> Body:
    group = _find_group(call)
    return _settings_resource(group, call.collection(SETTINGS).get(str(group["id"])) or default_settings())


def _patch_settings(call: MethodCall) -> Body:
    group = _find_group(call)
    before = call.collection(SETTINGS).get(str(group["id"])) or default_settings()
    return _store_settings(call, group, before)


def _update_settings(call: MethodCall) -> Body:
    """Replace the settings of a group. Properties that the body omits are reset to the defaults of a new group."""
    return _store_settings(call, _find_group(call), default_settings())


def _store_settings(call: MethodCall, group: Body, before: Body) -> Body:
    changes = {name: value for name, value in call.body.items() if name not in _FIXED and value is not None}
    _check_values(changes)
    key = str(group["id"])
    settings = {**before, **{name: value for name, value in changes.items() if name not in _GROUPS_OWN}}
    if settings.get("replyTo") == "REPLY_TO_CUSTOM" and not settings.get("customReplyTo"):
        raise errors.invalid("Invalid Value: customReplyTo")
    call.collection(SETTINGS).put(key, settings)
    group = {**group, **{name: value for name, value in changes.items() if name in _GROUPS_OWN}}
    call.collection(people.GROUPS).put(key, group)
    return _settings_resource(group, settings)


def _check_values(changes: Body) -> None:
    allowed = _allowed_values()
    for name, value in changes.items():
        if name in allowed and value not in allowed[name]:
            raise errors.invalid(f"Invalid Value: {name}")
    if len(text(changes.get("customFooterText"))) > _LONGEST_FOOTER:
        raise errors.invalid("Invalid Value: customFooterText")


HANDLERS: Mapping[str, Handler] = {
    "groupsSettings.groups.get": _get_settings,
    "groupsSettings.groups.patch": _patch_settings,
    "groupsSettings.groups.update": _update_settings,
}


def seed(school: School) -> Seed:
    """Return the settings of every group. A shared mailbox is a collaborative inbox to which anyone may write."""
    inbox = {**default_settings(), "enableCollaborativeInbox": "true", "whoCanPostMessage": "ANYONE_CAN_POST"}
    return {
        SETTINGS: {
            **{group_id(group.id): default_settings() for group in school.groups},
            **{group_id(box.id): inbox for box in school.shared},
        }
    }


SERVICE = google_api("google groups settings", HANDLERS, fallback=OAUTH)


SETTINGS = "google.groupSettings"  # by group id


def default_settings() -> Body:
    """Return the settings of a group that the school has created. Only the school's people may write to it."""
    settings: Body = read_data(Path(__file__).parent / "default_settings.json")
    return settings
