"""The actions for a device that does not comply.

The device is marked, and its user may be notified. No action erases data.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field

from connectors.microsoft365.intune.effects import is_sooner
from connectors.microsoft365.intune.policy import ID
from toolkit.sdk import (
    NUMBER,
    Effect,
    Form,
    Harmless,
    Setting,
    Spec,
    UnknownProperty,
    declare,
    declare_effects,
)
from toolkit.values import Body, Json, Value, unique

RULES = "scheduledActionsForRule"
REPLACE, PARAMETER = "scheduleActionsForRules", "deviceComplianceScheduledActionForRules"
SETTINGS = ("block_after_hours", "notify_after_hours", "retire_or_wipe")

_ACTIONS = "scheduledActionConfigurations"
_PATH = f"{RULES}[].{_ACTIONS}[]"
_TYPE, _HOURS = f"{_PATH}.actionType", f"{_PATH}.gracePeriodHours"
COMPARED = frozenset({_TYPE, _HOURS})
IGNORED: Mapping[str, str] = {
    **dict.fromkeys((f"{RULES}[].id", f"{_PATH}.id"), ID),
    f"{RULES}[].ruleName": "is a name that Intune requires but never uses",
}
"""Paths of rules and actions that are not compared, with the reason."""

_BLOCK, _NOTIFY = "block", "pushNotification"
_ERASING = frozenset({"retire", "wipe"})
_UNCHANGED = ("actionType", "gracePeriodHours", "notificationTemplateId", "notificationMessageCCList")
_YEAR = 365 * 24


def actions_of(row: Body) -> Sequence[Body] | None:
    """Return all actions of a policy, or None if Intune did not return them."""
    rules = row.get(RULES)
    if not isinstance(rules, list):
        return None
    action_lists = [rule.get(_ACTIONS) for rule in rules if isinstance(rule, Mapping)]
    if not all(isinstance(actions, list) for actions in action_lists):
        return None
    return [
        action
        for actions in action_lists
        if isinstance(actions, list)
        for action in actions
        if isinstance(action, Mapping)
    ]


def shown_actions(actions: Sequence[Body]) -> Body:
    """Return the settings of the Scheduled spec from a policy's actions."""
    erasing = (action for action in actions if action.get("actionType") in _ERASING)
    return {
        "block_after_hours": min(_find_hours(actions, _BLOCK), default=None),
        "notify_after_hours": min(_find_hours(actions, _NOTIFY), default=None),
        "retire_or_wipe": [
            f"{action['actionType']} after {action.get('gracePeriodHours')} hours" for action in erasing
        ],
    }


def rules(before: Sequence[Body], settings: Body) -> list[Body]:
    """Return the rules to send for a policy: a block action, no erasing actions, and all other actions unchanged."""
    hours = {**shown_actions(before), **settings}
    managed_types = (_BLOCK, _NOTIFY) if "notify_after_hours" in settings else (_BLOCK,)
    unmanaged = [action for action in before if action.get("actionType") not in {*managed_types, *_ERASING}]
    notify_hours = hours["notify_after_hours"] if _NOTIFY in managed_types else None
    actions = [
        _make_action(_BLOCK, hours["block_after_hours"] or 0),
        *([] if notify_hours is None else [_make_action(_NOTIFY, notify_hours)]),
        *({name: action[name] for name in _UNCHANGED if name in action} for action in unmanaged),
    ]
    return [{"ruleName": "PasswordRequired", _ACTIONS: actions}]


def unread_actions(actions: Sequence[Body]) -> Iterator[UnknownProperty]:
    """Yield each action that no setting shows, such as a message or a lock, with its delay in hours."""
    for action in actions:
        if (action_type := action.get("actionType")) not in {_BLOCK, _NOTIFY, *_ERASING}:
            description = f"{action_type} after {action.get('gracePeriodHours')} hours"
            yield UnknownProperty(_TYPE, description, narrows=True)


def _find_hours(actions: Sequence[Body], type_name: str) -> Iterator[int]:
    return (
        int(str(action.get("gracePeriodHours") or 0)) for action in actions if action.get("actionType") == type_name
    )


def _make_action(type_name: str, hours: Json) -> Body:
    return {
        "actionType": type_name,
        "gracePeriodHours": hours,
        "notificationTemplateId": "",
        "notificationMessageCCList": [],
    }


def _read_erasing_actions(value: Json) -> Value:
    return unique(map(str, value)) or None if isinstance(value, Sequence) and not isinstance(value, str) else None


def _refuse_erasing_actions(value: object) -> object:
    if value is not None:
        raise ValueError("toolkit never has a device retired or wiped automatically. Remove this setting")
    return value


class Scheduled(Spec):
    """The actions for a device that does not comply, each with its delay in hours."""

    effects = declare_effects(
        {"block_after_hours": Effect("devices that do not comply are blocked sooner", is_sooner)},
        {Harmless.NOTICE: ("notify_after_hours",), Harmless.RELAXES: ("retire_or_wipe",)},
    )

    block_after_hours: Annotated[
        int, Field(ge=0, le=_YEAR), Setting(NUMBER, wire=f"{RULES}.gracePeriodHours", silence=0)
    ] = declare(
        "Hours after which a device that does not comply is marked as not compliant. 0 means at once.", 24, default=0
    )
    notify_after_hours: Annotated[
        int | None, Field(ge=0, le=_YEAR), Setting(NUMBER, wire=f"{RULES}.gracePeriodHours")
    ] = declare("Hours after which the Company Portal app notifies the device's user. null notifies no one.", 0)
    retire_or_wipe: Annotated[
        None,
        BeforeValidator(_refuse_erasing_actions),
        Setting(Form("list of actions", _read_erasing_actions), wire=f"{RULES}.actionType", silence=None),
    ] = declare(
        "Actions that remove the school's data, or everything, from a device. If an administrator adds one, "
        "toolkit removes it."
    )
