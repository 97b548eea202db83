"""Moderation of mailing lists: which messages wait, who approves them, and who may write to the list.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/set-distributiongroup,
https://learn.microsoft.com/powershell/module/exchangepowershell/set-dynamicdistributiongroup and
https://learn.microsoft.com/powershell/module/exchangepowershell/set-unifiedgroup
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, model_validator

from connectors.microsoft365.audit_log import exchange_log_place
from connectors.microsoft365.exchange.recipients import Recipient
from connectors.microsoft365.kinds.list_moderation.mailing_lists import (
    ACCEPTED,
    BCC_BLOCKED,
    BYPASS,
    MODERATORS,
    REFUSED,
    SYNCED,
    TYPE,
    MailingLists,
    read_lists,
)
from connectors.microsoft365.moderators import closed_moderators
from connectors.microsoft365.outside_senders import count_outside_senders
from connectors.microsoft365.permissions import EXCHANGE, administrator, global_reader, graph
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import (
    ADDRESSES,
    FLAG,
    TEXT,
    Desired,
    Doubt,
    Effect,
    EffectArea,
    Harmless,
    Kind,
    Lifecycle,
    Listed,
    MailSemantics,
    NameRules,
    ObjectEffects,
    Permissions,
    Properties,
    Scale,
    Setting,
    Spec,
    ValueChange,
    declare,
    declare_effects,
    flag,
    limits_to_entries,
    removes_entries,
    switches_on,
    written_entries,
)
from toolkit.values import Json, Settings, entries

_HOLDS_MAIL = frozenset({"usermailbox", "sharedmailbox", "mailuser", "mailcontact"})


def _check_not_empty(value: Listed | None) -> Listed | None:
    if value is not None and not written_entries(value):
        raise ValueError(
            "an empty list lets everyone post. Name the permitted senders, or write null to let everyone post"
        )
    return value


def _make_sender_effect(words: str, change: ValueChange) -> Effect:
    return Effect(words, change, count=count_outside_senders, meets_outside=True)


class ListModeration(Spec):
    """The settings for who may write to a mailing list, and for whose messages wait for a moderator."""

    effects = declare_effects(
        {
            "moderated": _make_sender_effect("messages to {name} wait for a moderator", switches_on),
            "bypass": Effect("some senders to {name} wait for a moderator", removes_entries, {"moderated": (True,)}),
            "accepted_senders": _make_sender_effect("only the named senders can post to {name}", limits_to_entries),
            "inside_only": _make_sender_effect("mail from outside to {name} is refused", switches_on),
        },
        {Harmless.NOTICE: ("notices",), Harmless.PART: ("moderators",)},
    )

    properties: ClassVar[Properties] = Properties(
        ignored={
            TYPE: "The type of the list, which decides its cmdlets.",
            SYNCED: "Whether the list is synced from the school's own directory. Synced lists are not changed.",
            REFUSED: "The people whose messages the list refuses.",
            BCC_BLOCKED: "Whether the list refuses messages from inside that have it in Bcc.",
        }
    )
    together: ClassVar[tuple[frozenset[str], ...]] = (frozenset({"moderated", "moderators"}),)

    moderated: Annotated[bool, Setting(FLAG, wire="ModerationEnabled")] = declare(
        "Whether messages to the list wait for a moderator.", True, default=False
    )
    moderators: Annotated[Listed | None, Setting(ADDRESSES, wire=MODERATORS)] = declare(
        "Primary addresses of the mailboxes or contacts that approve messages. Name at least two.",
        ["head@example-primary.example", "office@example-primary.example"],
    )
    bypass: Annotated[Listed | None, Setting(ADDRESSES, wire=BYPASS, at_least=True)] = declare(
        "People and groups whose messages never wait. Entries added by others stay.",
        ["head@example-primary.example"],
    )
    accepted_senders: Annotated[Listed | None, AfterValidator(_check_not_empty), Setting(ADDRESSES, wire=ACCEPTED)] = (
        declare("The only people and groups who may post. null lets everyone post.", ["head@example-primary.example"])
    )
    inside_only: Annotated[bool, Setting(FLAG, wire="RequireSenderAuthenticationEnabled")] = declare(
        "Whether mail from outside the organisation is refused, for example from a parent or a parents' app.",
        default=True,
    )
    notices: Annotated[Literal["Always", "Internal", "Never"], Setting(TEXT, wire="SendModerationNotifications")] = (
        declare("Senders who are notified that their message was rejected.", default="Always")
    )

    @model_validator(mode="after")
    def _check_moderators(self) -> Self:
        if self.moderated and not written_entries(self.moderators):
            raise ValueError("moderated: true needs `moderators`. Otherwise every message waits until it expires")
        return self


_PEOPLE = ("moderators", "bypass", "accepted_senders")


def _doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each synced list, and for each moderator or sender that is missing or unsuitable."""
    index = via.recipients.read()
    for shown in read_lists(via, [entry.address.name for entry in desired]):
        if flag(shown.row().get(SYNCED)):
            reason = "the list is synced from the school's own directory. Change it there"
            yield Doubt(shown.recipient.address, "", reason)
    for entry in desired:
        for setting in _PEOPLE:
            for address in entries(entry.settings.get(setting)):
                if reason := _find_recipient_problem(index.find(address), address, setting):
                    yield Doubt(entry.address.name, setting, reason)


def _find_recipient_problem(recipient: Recipient | None, address: str, setting: str) -> str:
    if recipient is None:
        return f"{address} is not a recipient in this tenant. Name a mailbox, contact or group"
    if recipient.address != address:
        return (
            f"{address} is another address of {recipient.address}. Write {recipient.address}, because toolkit "
            "compares primary addresses"
        )
    if setting == "moderators" and recipient.kind not in _HOLDS_MAIL:
        return f"{address} is a group and cannot approve messages. Name mailboxes or contacts of people"
    return ""


def _conflicts(via: Microsoft365, desired: Sequence[Desired], _deleted_ids: Collection[str]) -> Iterator[Doubt]:
    return closed_moderators(via, [entry for entry in desired if entry.settings.get("moderated")], "moderators")


def _could_block_mail(settings: Settings, protected: Sequence[str]) -> tuple[str, ...]:
    """Return the protected addresses whose messages to the list would wait or be refused."""
    spared = set(entries(settings.get("bypass"))) if settings.get("moderated") else set(protected)
    accepted = set(entries(settings.get("accepted_senders"))) or set(protected)
    return tuple(address for address in protected if address.lower() not in spared & accepted)


def _list_missing_exceptions(settings: Settings, addresses: Sequence[str]) -> str:
    missing = [
        setting
        for setting, counts in (("bypass", settings.get("moderated")), ("accepted_senders", True))
        if counts and (setting == "bypass" or settings.get(setting))
    ]
    return " and ".join(f"{setting}: [{', '.join(addresses)}]" for setting in missing)


def _settings_on_withdrawal(written: Mapping[str, Json]) -> Mapping[str, Json]:
    undone: Mapping[str, Json] = {"moderated": False, "accepted_senders": None}
    return {name: value for name, value in undone.items() if name in written}


def _find_restricted_lists(via: Microsoft365) -> Iterator[str]:
    """Yield the lists that are moderated, or to which only some people may write."""
    for shown in read_lists(via, None):
        row = shown.row()
        if flag(row.get("ModerationEnabled")) or row.get(ACCEPTED):
            yield shown.recipient.address


def _check_name(name: str) -> str | None:
    if "@" in name and name == name.lower():
        return None
    return f"{name!r} is not the address of a mailing list. Write the complete primary address in lower case"


KIND: Kind[Microsoft365] = Kind(
    name="list_moderation",
    title="mailing list",
    plural="mailing lists",
    spec=ListModeration,
    endpoint=MailingLists(),
    reference="https://learn.microsoft.com/powershell/module/exchangepowershell/set-distributiongroup",
    permissions=Permissions(
        read=(*global_reader("View-Only Recipients"), graph("User.Read.All")),
        write=administrator(EXCHANGE, "Distribution Groups", "Security Group Creation and Membership"),
    ),
    settles=10.0,
    reach=Scale.TENANT,
    whole=False,
    fixed=True,
    logged=exchange_log_place("DistributionGroup"),
    sample="""\
- microsoft365.list_moderation: all-staff@example-primary.example
  moderated: true
  moderators: [head@example-primary.example, office@example-primary.example]
  bypass: [head@example-primary.example, office@example-primary.example, safeguarding@example-primary.example]
""",
    doubts=_doubts,
    conflicts=_conflicts,
    names_there=_find_restricted_lists,
    names=NameRules(check=_check_name),
    lifecycle=Lifecycle(withdrawn=_settings_on_withdrawal),
    mail=MailSemantics(holds_up=_could_block_mail, spared_by=_list_missing_exceptions),
    stops=ObjectEffects(area=EffectArea.MAIL),
)
