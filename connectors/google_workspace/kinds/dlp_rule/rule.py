"""The settings of a data protection rule: its condition, actions and alerts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from connectors.google_workspace.kinds.dlp_rule import actions
from connectors.google_workspace.kinds.dlp_rule.condition import (
    CONDITION,
    check,
    names_detector_without_counts,
    with_detector_names,
)
from connectors.google_workspace.ownership_marker import IGNORED, UNIT, Placement
from connectors.google_workspace.policies import value_of
from toolkit.sdk import (
    ADDRESSES,
    PATTERNS,
    SWITCH,
    TEXT,
    Effect,
    Harmless,
    Listed,
    ObjectScope,
    Properties,
    Setting,
    Spec,
    UnknownProperty,
    Within,
    adds_entries,
    becomes,
    declare,
    declare_effects,
    differs,
    listed,
    mapping,
    switches_on,
    text,
    written_entries,
)
from toolkit.values import Body

TRIGGER = "google.workspace."
"""The beginning of every trigger on the wire."""

Trigger = Literal[
    "gmail.email.v1.send",
    "gmail.email.v1.receive",
    "drive.file.v1.share",
    "chat.message.v1.send",
    "chat.attachment.v1.upload",
    "calendar.event.v1.save",
    "chrome.file.v1.upload",
    "chrome.file.v1.download",
    "chrome.web_content.v1.upload",
    "chrome.page.v1.print",
    "chrome.url.v1.navigation",
    "chromeos.file.v1.transfer",
]
Way = Literal["block", "warn", "audit"]


# A list of known words, written completely.
_CHOICES = replace(PATTERNS, name="list, compared without regard to order", is_list=False)


def _make_action_setting(app: str) -> Setting:
    return Setting(TEXT, wire=f"action.{app}Action", silence=None)


def _check_recipients(value: Listed | None) -> Listed | None:
    for entry in written_entries(value):
        if entry != actions.SUPER_ADMINS and ("@" not in entry or " " in entry):
            raise ValueError(
                f"{entry!r} is not an e-mail address. Write one such as office@example.org, or {actions.SUPER_ADMINS}"
            )
    return value


class LooksFor(Spec):
    """The settings for the triggers and the condition of a rule."""

    effects = declare_effects(
        {
            "triggers": ObjectScope(adds_entries),
            "condition": ObjectScope(differs),
            "state": ObjectScope(becomes("ACTIVE")),
        }
    )

    triggers: Annotated[
        list[Trigger],
        Field(min_length=1),
        Within(f"of {', '.join(get_args(Trigger))}"),
        Setting(_CHOICES, wire="triggers"),
    ] = Field(
        description="Lists the activities that the rule checks. Every rule must have a trigger.",
        examples=[["gmail.email.v1.send"]],
    )
    condition: Annotated[
        str,
        AfterValidator(check),
        Setting(CONDITION, wire="condition.contentCondition"),
        Within(
            "terms such as body.contains('x'), joined by && || !; a detector by its name, in matches_word_list('NAME') "
            "or matches_regex_detector('NAME')"
        ),
    ] = Field(
        description="Gives the condition on which the rule acts. Every rule must have a condition.",
        examples=["all_content.matches_word_list('Safeguarding words', {minimum_match_count: 1})"],
    )
    state: Annotated[Literal["ACTIVE", "INACTIVE"], Setting(TEXT, wire="state", silence="ACTIVE")] = declare(
        "Says whether the rule is on.", default="ACTIVE"
    )


class Actions(Spec):
    """The settings for the action of a rule in each app. The rule does nothing in an app without an action."""

    effects = declare_effects(
        {
            "gmail_action": Effect("messages that match a data protection rule are stopped", becomes("block")),
            **dict.fromkeys(("gmail_external", "gmail_internal"), ObjectScope(switches_on)),
            "drive_action": Effect(
                "people outside lose access to files that match a data protection rule",
                becomes("block"),
                meets_outside=True,
            ),
            "chat_action": Effect("chat messages that match a data protection rule are stopped", becomes("block")),
            "chat_applies_to": ObjectScope(adds_entries),
            "calendar_action": Effect(
                "calendar events that match a data protection rule are not saved", becomes("block")
            ),
            "chrome_action": Effect(
                "activities in Chrome that match a data protection rule are stopped", becomes("block")
            ),
        }
    )

    gmail_action: Annotated[Way | None, _make_action_setting("gmail")] = declare(
        "Stops a message, asks the sender to confirm it, or only records it.", "block"
    )
    gmail_external: Annotated[
        bool | None, Setting(SWITCH, wire="gmailAction.actionParams.applyExternalMessages", silence=None)
    ] = declare("Applies `gmail_action` to messages to and from people outside.", True)
    gmail_internal: Annotated[
        bool | None, Setting(SWITCH, wire="gmailAction.actionParams.applyInternalMessages", silence=None)
    ] = declare("Applies `gmail_action` to messages between people inside.", True)
    drive_action: Annotated[Way | None, _make_action_setting("drive")] = declare(
        "Stops people outside from opening a file, warns the person who shares it, or only records it.", "warn"
    )
    chat_action: Annotated[Way | None, _make_action_setting("chat")] = declare(
        "Stops a chat message, warns its sender, or only records it.", "warn"
    )
    chat_applies_to: Annotated[
        list[actions.ChatMessages] | None,
        Within(f"of {', '.join(get_args(actions.ChatMessages))}"),
        Setting(_CHOICES, wire="chatAction.actionParams", silence=None),
    ] = declare(
        "Lists the chat messages to which `chat_action` applies.", ["external_direct_messages", "external_rooms"]
    )
    calendar_action: Annotated[Literal["block"] | None, _make_action_setting("calendar")] = declare(
        "Stops people saving a calendar event.", "block"
    )
    chrome_action: Annotated[Way | None, _make_action_setting("chrome")] = declare(
        "Stops an activity in Chrome, warns about it, or only records it. Needs Chrome Enterprise Premium.", "warn"
    )


class Alerts(Spec):
    """The settings for the alerts of a rule and their recipients."""

    effects = declare_effects(
        {}, {Harmless.NOTICE: ("alert", "alert_recipients"), Harmless.RECORD: ("alert_severity",)}
    )

    alert: Annotated[bool | None, Setting(SWITCH, wire="alertCenterAction.alertCenterConfig", silence=None)] = declare(
        "Shows the rule's matches in the alert centre.", True
    )
    alert_severity: Annotated[
        Literal["LOW", "MEDIUM", "HIGH"] | None, Setting(TEXT, wire="dlpRuleMetadata.alertSeverity", silence="LOW")
    ] = declare(
        "Sets the severity. null means none, which only Google's default rules have. toolkit writes only rules with "
        "a severity.",
        "HIGH",
        default="LOW",
    )
    alert_recipients: Annotated[
        Listed | None,
        AfterValidator(_check_recipients),
        Setting(ADDRESSES, wire="alertCenterAction.recipients", silence=None),
        Within(f"e-mail addresses, or {actions.SUPER_ADMINS}"),
    ] = declare(
        "Lists the people who get an e-mail about each alert.", [actions.SUPER_ADMINS, "office@example-primary.example"]
    )


class DlpRule(Placement, Alerts, Actions, LooksFor):
    """A data protection rule. It checks messages, files, chats, events and pages, and acts if its condition matches."""

    properties: ClassVar[Properties] = Properties(
        compared=frozenset(
            {
                UNIT,
                *(
                    f"setting.value.{name}"
                    for name in ("description", "state", "triggers", "condition.contentCondition", *actions.PATHS)
                ),
            }
        ),
        whole=frozenset({"detectors", f"setting.value.{actions.RECIPIENTS_PATH}"}),
        ignored=IGNORED,
    )

    @model_validator(mode="after")
    def _check_rule(self) -> Self:
        """Raise ValueError for a combination of settings that Google rejects, or that has no effect."""
        if problems := [
            *_check_has_action(self),
            *_find_actions_without_trigger(self),
            *_find_incomplete_settings(self),
            *_find_chrome_problems(self),
        ]:
            raise ValueError("; ".join(problems))
        return self

    @classmethod
    def unknown(cls, body: Body) -> Sequence[UnknownProperty]:
        """Return the properties of a rule that no setting shows.

        Settings show only the present type of action in each app.
        """
        action = mapping(value_of(body).get("action"))
        paths = [f"setting.value.action.{path}" for path in actions.paths(action)]
        return cls.properties.extended(compared=paths).unknown(body)

    @classmethod
    def to_settings(cls, value: Body, related_values: Body) -> Body:
        """Return the settings of a rule. Its condition has the names of detectors."""
        names = mapping(related_values.get("detectors"))
        written = text(mapping(value.get("condition")).get("contentCondition"))
        return {
            "triggers": [text(trigger).removeprefix(TRIGGER) for trigger in listed(value.get("triggers"))],
            "condition": with_detector_names(written, names),
            "state": value.get("state"),
            **actions.shown_actions(mapping(value.get("action"))),
            **actions.shown_alert(value),
        }


def _check_has_action(rule: DlpRule) -> Iterator[str]:
    if not any(getattr(rule, setting) for setting in actions.APPS):
        yield f"the rule does nothing. Add an action, such as gmail_action: audit ({', '.join(actions.APPS)})"


def _find_actions_without_trigger(rule: DlpRule) -> Iterator[str]:
    """Yield a problem for each action in an app without a trigger of that app."""
    apps = {trigger.partition(".")[0] for trigger in rule.triggers}
    for setting, app in actions.APPS.items():
        if getattr(rule, setting) and not apps & set(app.triggers):
            yield f"{setting} needs a trigger of {app.triggers[0]} in `triggers`"


def _find_incomplete_settings(rule: DlpRule) -> Iterator[str]:
    """Yield a problem for each setting that needs another setting. For example, recipients need an alert."""
    gmail = bool(rule.gmail_external or rule.gmail_internal)
    if gmail != bool(rule.gmail_action):
        yield "gmail_action needs gmail_external, gmail_internal or both, which set the messages that it applies to"
    if bool(rule.chat_applies_to) != bool(rule.chat_action):
        yield "chat_action needs chat_applies_to, which lists the messages, and chat_applies_to needs chat_action"
    if rule.alert_recipients and "alert" not in rule.model_fields_set:
        yield "alert_recipients needs alert. Write alert: true, or alert: false if it will be turned on later"


def _find_chrome_problems(rule: DlpRule) -> Iterator[str]:
    if any(trigger.startswith("chrome") for trigger in rule.triggers) and names_detector_without_counts(rule.condition):
        yield "in a rule for Chrome, a Google detector needs three arguments, including likelihood and counts"
