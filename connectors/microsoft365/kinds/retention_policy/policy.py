"""The settings of a retention policy and its rule, the mark in its comment, and the properties that are compared."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.microsoft365.exchange.service import DEFAULTS, IGNORED
from connectors.microsoft365.kinds.retention_policy.places import (
    EXCEPTIONS,
    PLACES,
    TEAMS,
    Addresses,
    AddressesSpared,
    Sites,
    SitesSpared,
)
from toolkit.sdk import (
    CONDITION,
    EXCEPTION,
    FLAG,
    MARK,
    PROSE,
    SWITCH,
    TEXT,
    Effect,
    Form,
    Harmless,
    ObjectScope,
    Properties,
    Remote,
    Setting,
    Spec,
    Wire,
    becomes,
    changes,
    check_unmarked,
    declare,
    declare_effects,
    lowers,
    mapping,
    parse_mark,
    parse_name_in_mark,
    switches_on,
    text,
    wire_name,
    with_mark,
    without_mark,
)
from toolkit.values import Body, Json, Settings, Value


def is_ours(remote: Remote) -> bool:
    """Return whether a policy has toolkit's mark."""
    return is_marked(remote.body)


def is_marked(policy: Body) -> bool:
    return parse_mark(_read_comment(policy)) is not None


def name_of(policy: Body) -> str:
    """Return the name of a policy in playbooks, which may differ from its name in the portal."""
    return parse_name_in_mark(_read_comment(policy)) or text(policy["Name"])


def comment_text(policy: Body) -> str:
    """Return the part of a policy's comment that people wrote, without the mark."""
    return without_mark(_read_comment(policy))


def compose_comment(policy: Body, words: str | None, name: str, managed_by: Value) -> str:
    """Return a policy's comment: a text, the mark, and the policy's name in the playbook if that differs.

    If `words` is None, the present text is kept.
    """
    same = name.casefold() == str(policy["Name"]).casefold()
    return with_mark(comment_text(policy) if words is None else words, managed_by, name="" if same else name)


def mark_of(policy: Body) -> str | None:
    """Return the value of `managed_by` in a policy's comment, or None if the comment has no mark."""
    return parse_mark(_read_comment(policy))


def _read_comment(policy: Body) -> str:
    return text(policy.get("Comment"))


RULE = "Rule"
"""The key of the rule in a policy's body. The value is None if the policy has no rule."""

OF_RULE = ("RetentionDuration", "RetentionComplianceAction", "ExpirationDateOption", "ContentMatchQuery")
"""Properties of the rule that have a setting."""

_WHO = ("CreatedBy", "LastModifiedBy")
_LISTS = (*PLACES.values(), *EXCEPTIONS.values())
_ABOUT = {**IGNORED, **dict.fromkeys(_WHO, "The person who created or changed it. The settings are compared instead.")}

PROPERTIES = Properties(
    compared=frozenset({*(f"{RULE}.{name}" for name in OF_RULE), *(f"{name}[].Name" for name in _LISTS)}),
    ignored={
        **_ABOUT,
        "Workload": "The services that the policy covers. Its locations are compared instead.",
        "TeamsPolicy": "Whether the policy is for Teams. Its locations are compared instead.",
        "DistributionStatus": "The progress of a change. Errors have a property of their own.",
        **{f"{name}[].DisplayName": "The display name of an entry." for name in _LISTS},
        **{f"{name}[].ImmutableIdentity": "The id of an entry. Its address is compared instead." for name in _LISTS},
        **{f"{RULE}.{name}": reason for name, reason in _ABOUT.items()},
        f"{RULE}.Policy": "The policy that the rule belongs to.",
        f"{RULE}.Comment": "A note about the rule. The policy's comment is compared instead.",
    },
    defaults={**DEFAULTS, "Mode": "Enforce", f"{RULE}.Mode": "Enforce", f"{RULE}.IsValid": True},
)


UNLIMITED = "unlimited"
_HEAD = "head@example-primary.example"
_ACTIONS: Mapping[str, str] = {"keep": "Keep", "delete": "Delete", "keep_and_delete": "KeepAndDelete"}
_CLOCKS: Mapping[str, str] = {"created": "CreationAgeInDays", "modified": "ModificationAgeInDays"}


def _make_word_form(name: str, words: Mapping[str, str]) -> Form:
    """Return a form that converts a playbook's words to the service's words."""
    words_by_value = {name.lower(): word for word, wire in words.items() for name in (word, wire)}

    def read(value: Json) -> Value:
        if value is None or value == "":
            return None
        if (word := words_by_value.get(str(value).lower())) is None:
            raise ValueError(f"{value!r} is not one of {', '.join(words.values())}")
        return word

    return Form(name, read, lambda value: words.get(str(value)) if value is not None else None)


def _read_period(value: Json) -> Value:
    match value:
        case None | "":
            return None
        case str() if value.strip().lower() == UNLIMITED:
            return UNLIMITED
        case _:
            return int(str(value))


_PERIOD = Form(
    "days", _read_period, lambda value: "Unlimited" if value == UNLIMITED else int(str(value)) if value else None
)


def _check_lock(value: Literal[True] | None) -> Literal[True] | None:
    if value is None:
        raise ValueError("Preservation Lock can never be removed. Leave the setting out")
    return value


_DELETING = ("delete", "keep_and_delete")


class RetentionPolicy(Spec):
    """The locations in which items are kept, for how long, and whether the items are then deleted. Experimental.

    If a person deletes an item, only that person no longer sees it. Until the period ends, the school can find and
    restore the item. Every run refuses changes that shorten, narrow or turn off a policy, or that delete. `toolkit
    retention start` makes such a change once. A change takes up to seven days to reach everything. Microsoft does not
    rename policies, so an adopted policy keeps its name in the portal and has the playbook's name in its comment.
    """

    effects = declare_effects(
        {
            "enabled": ObjectScope(switches_on),
            "action": Effect("items older than the period are deleted", becomes(*_DELETING)),
            "keep_days": Effect("items are deleted sooner", lowers, only_if={"action": _DELETING}),
            "from": Effect("items are deleted at a different time", changes, only_if={"action": _DELETING}),
            **dict.fromkeys(PLACES, ObjectScope(changes)),
            **dict.fromkeys(EXCEPTIONS, EXCEPTION),
            "only_matching": CONDITION,
            "locked": Effect("the retention policy can never be shortened or removed again", switches_on),
        },
        {Harmless.LABEL: ("comment", "managed_by")},
    )

    properties: ClassVar[Properties] = PROPERTIES

    enabled: Annotated[bool, Setting(FLAG)] = declare("Whether the policy is enabled.", default=True)
    mail: Annotated[Addresses, Wire(PLACES["mail"])] = declare(
        "Keeps the mail of all mailboxes, or of the listed mailboxes.", "all", [_HEAD]
    )
    files: Annotated[Sites, Wire(PLACES["files"])] = declare(
        "Keeps the files in everyone's OneDrive, or at the listed addresses.", "all"
    )
    sites: Annotated[Sites, Wire(PLACES["sites"])] = declare(
        "Keeps the content of all SharePoint sites, or of the listed sites.", "all"
    )
    groups: Annotated[Addresses, Wire(PLACES["groups"])] = declare(
        "Keeps the mail and files of all Microsoft 365 groups, or of the listed groups.", "all"
    )
    teams_chats: Annotated[Addresses, Wire(PLACES["teams_chats"])] = declare(
        "Keeps everyone's chats in Teams, or the chats of the listed people.", "all"
    )
    teams_channels: Annotated[Addresses, Wire(PLACES["teams_channels"])] = declare(
        "Keeps the messages in the channels of all teams, or of the listed teams.", "all"
    )
    mail_except: Annotated[AddressesSpared, Wire("ExchangeLocationException")] = declare(
        "Mailboxes to exclude.", [_HEAD]
    )
    files_except: Annotated[SitesSpared, Wire("OneDriveLocationException")] = declare(
        "OneDrive addresses to exclude.", ["https://example-my.sharepoint.com/personal/canteen"]
    )
    sites_except: Annotated[SitesSpared, Wire("SharePointLocationException")] = declare(
        "Sites to exclude.", ["https://example.sharepoint.com/sites/canteen"]
    )
    groups_except: Annotated[AddressesSpared, Wire("ModernGroupLocationException")] = declare(
        "Groups to exclude.", ["canteen@example-primary.example"]
    )
    teams_chats_except: Annotated[AddressesSpared, Wire("TeamsChatLocationException")] = declare(
        "People whose chats to exclude.", [_HEAD]
    )
    teams_channels_except: Annotated[AddressesSpared, Wire("TeamsChannelLocationException")] = declare(
        "Teams to exclude.", ["canteen@example-primary.example"]
    )
    keep_days: Annotated[
        Annotated[int, Field(ge=1)] | Literal["unlimited"] | None, Setting(_PERIOD, wire="RetentionDuration")
    ] = declare("Number of days, or `unlimited`.", 2555, UNLIMITED)
    action: Annotated[
        Literal["keep", "delete", "keep_and_delete"],
        Setting(_make_word_form("action", _ACTIONS), wire="RetentionComplianceAction", silence="keep"),
    ] = declare(
        "keep: no one can permanently delete items before the period ends, and nothing is deleted then. "
        "delete: items are deleted when the period ends. keep_and_delete: both. A run never creates a "
        "policy that deletes.",
        default="keep",
    )
    from_: Annotated[
        Literal["created", "modified"], Setting(_make_word_form("since", _CLOCKS), wire="ExpirationDateOption")
    ] = declare(
        "Start of the period: when an item was created, or when it was last changed (not for Teams).",
        "modified",
        default="created",
        alias="from",
    )
    only_matching: Annotated[str | None, Setting(TEXT, wire="ContentMatchQuery", silence=None)] = declare(
        "Limits the policy to items that a query finds, in Microsoft's keyword query language.", "subject:trip"
    )
    locked: Annotated[
        Literal[True] | None, AfterValidator(_check_lock), Setting(SWITCH, wire="RestrictiveRetention")
    ] = declare(
        "Turns on Preservation Lock. No one can ever remove the lock, and the policy can no longer "
        "be turned off, shortened, narrowed or removed, not even by Microsoft. Leave it out unless "
        "the governors have decided otherwise.",
        True,
    )
    comment: Annotated[str | None, AfterValidator(check_unmarked), Setting(PROSE, wire="Comment")] = declare(
        f"Purpose of the policy. toolkit adds this mark after it: {MARK}.", "Retention schedule, line 12"
    )
    managed_by: Annotated[Literal["toolkit"], Setting(TEXT, wire="Comment", silence="toolkit", mark=True)] = declare(
        "Marks the policy as managed by toolkit. A run restores the sentence in its comment if it is missing.",
        default="toolkit",
    )

    @model_validator(mode="after")
    def _check_combination(self) -> Self:
        named = {place for place in PLACES if getattr(self, place)}
        if named & TEAMS and named - TEAMS:
            raise ValueError(
                f"{min(named & TEAMS)} and {min(named - TEAMS)} cannot be in the same policy, because Teams needs "
                "its own policies. Write two policies"
            )
        if named & TEAMS and self.from_ == "modified":
            raise ValueError(
                "`from: modified` is not possible for Teams, where messages are kept from the time of writing"
            )
        if self.action != "keep" and self.keep_days == UNLIMITED:
            raise ValueError(
                f"`action: {self.action}` needs a number of `keep_days`, because an unlimited period never ends"
            )
        return self

    @classmethod
    def observed(cls, body: Body) -> Settings:
        """Return the settings of a policy, including the settings of its rule."""
        rule = mapping(body.get(RULE))
        shown: Body = {**body, **{name: rule.get(name) for name in OF_RULE}, "Comment": comment_text(body)}
        table = cls.table()
        mark = mark_of(body)
        return {n: mark if n == "managed_by" else s.form.read(shown.get(wire_name(n, s))) for n, s in table.items()}

    @classmethod
    def body(cls, settings: Settings) -> Body:
        """Return settings under the service's names.

        `comment` and `managed_by` keep their names, because together they form the comment.
        """
        table = cls.table()
        return {
            name if table[name].wire == "Comment" else wire_name(name, table[name]): table[name].form.write(value)
            for name, value in settings.items()
        }
