"""The settings of one retention policy and its one rule, its mark, and what is compared of it."""

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
    mark_in,
    name_in,
    switches_on,
    text,
    wire_name,
    with_mark,
    without_mark,
)
from toolkit.values import Body, Json, Settings, Value


def is_ours(remote: Remote) -> bool:
    """Say whether a policy bears the mark."""
    return is_marked(remote.body)


def is_marked(policy: Body) -> bool:
    return mark_in(_comment(policy)) is not None


def name_of(policy: Body) -> str:
    """Give the name that the playbooks know a policy by."""
    return name_in(_comment(policy)) or text(policy["Name"])


def words_of(policy: Body) -> str:
    """Give what people wrote, before the mark and after it."""
    return without_mark(_comment(policy))


def commented(policy: Body, words: str | None, name: str, managed_by: Value) -> str:
    """Give the comment of a policy that bears a name, with whose it is; without new words those that it has stay."""
    same = name.casefold() == str(policy["Name"]).casefold()
    return with_mark(words_of(policy) if words is None else words, managed_by, name="" if same else name)


def mark_of(policy: Body) -> str | None:
    """Give the value of `managed_by` that a policy shows."""
    return mark_in(_comment(policy))


def _comment(policy: Body) -> str:
    return text(policy.get("Comment"))


RULE = "Rule"
"""In a body, beside what the policy shows: its one rule, None where it has none."""

OF_RULE = ("RetentionDuration", "RetentionComplianceAction", "ExpirationDateOption", "ContentMatchQuery")
"""Properties of the rule that have a setting."""

_WHO = ("CreatedBy", "LastModifiedBy")
_LISTS = (*PLACES.values(), *EXCEPTIONS.values())
_ABOUT = {**IGNORED, **dict.fromkeys(_WHO, "says who made or changed it; what was changed is compared")}

PROPERTIES = Properties(
    compared=frozenset({*(f"{RULE}.{name}" for name in OF_RULE), *(f"{name}[].Name" for name in _LISTS)}),
    ignored={
        **_ABOUT,
        "Workload": "lists the services that policies can keep; the places are compared",
        "TeamsPolicy": "says whether the places are in Teams; they are compared",
        "DistributionStatus": "says how far a change has reached; errors have a property of their own",
        **{f"{name}[].DisplayName": "is how people see what is named" for name in _LISTS},
        **{f"{name}[].ImmutableIdentity": "identifies who is named by an address" for name in _LISTS},
        **{f"{RULE}.{name}": reason for name, reason in _ABOUT.items()},
        f"{RULE}.Policy": "names the policy of the rule",
        f"{RULE}.Comment": "is a note about the rule; that of the policy is compared",
    },
    defaults={**DEFAULTS, "Mode": "Enforce", f"{RULE}.Mode": "Enforce", f"{RULE}.IsValid": True},
)


UNLIMITED = "unlimited"
_HEAD = "head@example-primary.example"
_ACTIONS: Mapping[str, str] = {"keep": "Keep", "delete": "Delete", "keep_and_delete": "KeepAndDelete"}
_CLOCKS: Mapping[str, str] = {"created": "CreationAgeInDays", "modified": "ModificationAgeInDays"}


def _words(name: str, words: Mapping[str, str]) -> Form:
    """Make a form of words of ours, each of which the service calls otherwise."""
    ours = {name.lower(): word for word, theirs in words.items() for name in (word, theirs)}

    def read(value: Json) -> Value:
        if value is None or value == "":
            return None
        if (word := ours.get(str(value).lower())) is None:
            raise ValueError(f"{value!r} is none of {', '.join(words.values())}")
        return word

    return Form(name, read, lambda value: words.get(str(value)) if value is not None else None)


def _period(value: Json) -> Value:
    match value:
        case None | "":
            return None
        case str() if value.strip().lower() == UNLIMITED:
            return UNLIMITED
        case _:
            return int(str(value))


_PERIOD = Form("days", _period, lambda value: "Unlimited" if value == UNLIMITED else int(str(value)) if value else None)


def _for_ever(written: Literal[True] | None) -> Literal[True] | None:
    if written is None:
        raise ValueError("leave it out: Preservation Lock is never taken off")
    return written


_DELETING = ("delete", "keep_and_delete")


class RetentionPolicy(Spec):
    """Where something is kept, how long, and whether it is deleted then. Experimental.

    Who deletes what a policy keeps loses sight of it alone; until the period ends it can be found and given back.
    Shorter, narrower, off, and whatever deletes is refused by every run: `toolkit retention start` does it, once. It
    takes up to seven days to reach everything. Microsoft renames no policy: one that is adopted keeps its name in the
    portal; its comment says ours.
    """

    effects = declare_effects(
        {
            "enabled": ObjectScope(switches_on),
            "action": Effect("items older than the period are deleted", becomes(*_DELETING)),
            "keep_days": Effect("items are deleted sooner", lowers, only_if={"action": _DELETING}),
            "from": Effect("items are deleted at another time", changes, only_if={"action": _DELETING}),
            **dict.fromkeys(PLACES, ObjectScope(changes)),
            **dict.fromkeys(EXCEPTIONS, EXCEPTION),
            "only_matching": CONDITION,
            "locked": Effect("the retention policy can never be shortened or removed again", switches_on),
        },
        {Harmless.LABEL: ("comment", "managed_by")},
    )

    properties: ClassVar[Properties] = PROPERTIES

    enabled: Annotated[bool, Setting(FLAG)] = declare("Says whether it works.", default=True)
    mail: Annotated[Addresses, Wire(PLACES["mail"])] = declare(
        "Keeps the mail of all mailboxes, or of those listed.", "all", [_HEAD]
    )
    files: Annotated[Sites, Wire(PLACES["files"])] = declare(
        "Keeps the files in everybody's OneDrive, or at the addresses listed.", "all"
    )
    sites: Annotated[Sites, Wire(PLACES["sites"])] = declare(
        "Keeps what is in all SharePoint sites, or in those listed.", "all"
    )
    groups: Annotated[Addresses, Wire(PLACES["groups"])] = declare(
        "Keeps the mail and files of all Microsoft 365 groups, or of those listed.", "all"
    )
    teams_chats: Annotated[Addresses, Wire(PLACES["teams_chats"])] = declare(
        "Keeps everybody's chats in Teams, or those of the people listed.", "all"
    )
    teams_channels: Annotated[Addresses, Wire(PLACES["teams_channels"])] = declare(
        "Keeps the messages in the channels of all teams, or of those listed.", "all"
    )
    mail_except: Annotated[AddressesSpared, Wire("ExchangeLocationException")] = declare(
        "Lists mailboxes that are left out.", [_HEAD]
    )
    files_except: Annotated[SitesSpared, Wire("OneDriveLocationException")] = declare(
        "Lists addresses of OneDrive that are left out.", ["https://example-my.sharepoint.com/personal/canteen"]
    )
    sites_except: Annotated[SitesSpared, Wire("SharePointLocationException")] = declare(
        "Lists sites that are left out.", ["https://example.sharepoint.com/sites/canteen"]
    )
    groups_except: Annotated[AddressesSpared, Wire("ModernGroupLocationException")] = declare(
        "Lists groups that are left out.", ["canteen@example-primary.example"]
    )
    teams_chats_except: Annotated[AddressesSpared, Wire("TeamsChatLocationException")] = declare(
        "Lists people whose chats are left out.", [_HEAD]
    )
    teams_channels_except: Annotated[AddressesSpared, Wire("TeamsChannelLocationException")] = declare(
        "Lists teams that are left out.", ["canteen@example-primary.example"]
    )
    keep_days: Annotated[
        Annotated[int, Field(ge=1)] | Literal["unlimited"] | None, Setting(_PERIOD, wire="RetentionDuration")
    ] = declare("Says for how many days, or `unlimited`.", 2555, UNLIMITED)
    action: Annotated[
        Literal["keep", "delete", "keep_and_delete"],
        Setting(_words("action", _ACTIONS), wire="RetentionComplianceAction", silence="keep"),
    ] = declare(
        "keep: no one can delete it for good before the period ends, and nothing is deleted then; delete: it is "
        "deleted when the period ends; keep_and_delete: both. A run makes nothing that deletes.",
        default="keep",
    )
    from_: Annotated[Literal["created", "modified"], Setting(_words("since", _CLOCKS), wire="ExpirationDateOption")] = (
        declare(
            "Says when the days begin: when something was made or last changed (not in Teams).",
            "modified",
            default="created",
            alias="from",
        )
    )
    only_matching: Annotated[str | None, Setting(TEXT, wire="ContentMatchQuery", silence=None)] = declare(
        "Narrows it to what a query finds, in Microsoft's keyword query language.", "subject:trip"
    )
    locked: Annotated[Literal[True] | None, AfterValidator(_for_ever), Setting(SWITCH, wire="RestrictiveRetention")] = (
        declare(
            "Puts Preservation Lock on it. No one can ever remove that: from then on the policy cannot be switched "
            "off, shortened, narrowed or removed, not even by Microsoft. Leave it out unless the governors said so.",
            True,
        )
    )
    comment: Annotated[str | None, AfterValidator(check_unmarked), Setting(PROSE, wire="Comment")] = declare(
        f"Says what it is for; toolkit puts behind it: {MARK}.", "Retention schedule, line 12"
    )
    managed_by: Annotated[Literal["toolkit"], Setting(TEXT, wire="Comment", silence="toolkit", mark=True)] = declare(
        "Says whose it is; the sentence in its comment is put back if it is gone.", default="toolkit"
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        named = {place for place in PLACES if getattr(self, place)}
        if named & TEAMS and named - TEAMS:
            raise ValueError(
                f"{min(named & TEAMS)} cannot go with {min(named - TEAMS)}: Microsoft keeps Teams by policies of "
                "its own, so write two"
            )
        if named & TEAMS and self.from_ == "modified":
            raise ValueError("`from: modified` is not for Teams, where messages are kept from when they were written")
        if self.action != "keep" and self.keep_days == UNLIMITED:
            raise ValueError(f"`action: {self.action}` needs `keep_days` as a number: unlimited never ends")
        return self

    @classmethod
    def observed(cls, body: Body, names: object = None) -> Settings:  # noqa: ARG003 - Spec's
        """Read a policy, beside which its endpoint put what the rule says."""
        rule = mapping(body.get(RULE))
        shown: Body = {**body, **{name: rule.get(name) for name in OF_RULE}, "Comment": words_of(body)}
        table = cls.table()
        mark = mark_of(body)
        return {n: mark if n == "managed_by" else s.form.read(shown.get(wire_name(n, s))) for n, s in table.items()}

    @classmethod
    def body(cls, settings: Settings, names: object = None) -> Body:  # noqa: ARG003 - Spec's
        """Put settings on the wire; those of the comment by their own names, since two of them make it."""
        table = cls.table()
        return {
            name if table[name].wire == "Comment" else wire_name(name, table[name]): table[name].form.write(value)
            for name, value in settings.items()
        }
