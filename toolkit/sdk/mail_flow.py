"""The types with which a connector describes its cloud's mail flow: a message, the rules in order, and their effects.

A connector turns the objects of its kinds into rules that answer yes, no or unknown for a message and a recipient. The
walk in toolkit/planning/mail_flow explores them in the service's order. Each cloud has a MAIL_FLOW in
connectors/<provider>/mail_flow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar

from toolkit.records import dataclass
from toolkit.sdk.truth import Truth, cannot_tell, no, yes
from toolkit.values import Body, Settings

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class MailAttachment:
    """A file in a message. A value that is not known is None."""

    name: str
    size: int | None = None  # in bytes
    text: str | None = None
    is_encrypted: bool | None = None
    is_program: bool | None = None  # by its content
    files: tuple[str, ...] | None = None  # the names of the files in an archive

    @property
    def extension(self) -> str:
        """Return the file name extension in lower case, without the dot, or ""."""
        return extension_of(self.name)


def extension_of(name: str) -> str:
    """Return the extension of a file name in lower case, without the dot, or ""."""
    return name.rpartition(".")[2].casefold() if "." in name else ""


@dataclass(frozen=True, slots=True)
class MailMessage:
    """A message that someone asks about. A value that is not known is None, and never empty."""

    sender: str  # the From address, in lower case
    to_addresses: tuple[str, ...]
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    envelope_sender: str = ""  # if it differs from the From address
    subject: str | None = None
    body: str | None = None
    attachments: tuple[MailAttachment, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()  # further fields, their names in lower case
    size: int | None = None  # in bytes
    ip: str | None = None  # of the server that connects
    type: str | None = ""  # for example AutoForward or Calendaring; "" is an ordinary message
    importance: str = "Normal"
    is_authenticated: bool | None = None  # the sender signed in, or the sender's domain is verified
    spam_level: int | None = None  # that a rule sets

    @property
    def recipients(self) -> tuple[str, ...]:
        """Return the addresses in To, Cc and Bcc, each once."""
        return tuple(dict.fromkeys((*self.to_addresses, *self.cc, *self.bcc)))


class MailResult(StrEnum):
    """The result of a message for a recipient. No result says that a message arrives."""

    NOT_STOPPED = "not_stopped"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    MODERATED = "moderated"
    REDIRECTED = "redirected"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


Change = Callable[[MailMessage], MailMessage]


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRule:
    """A rule, list or policy that a message meets on its way, and its effect if it applies."""

    kind: str  # the name of its kind, without the provider
    name: str
    matches: Callable[[MailMessage, str], Truth]  # for a message and a recipient
    effect: str = ""  # in words, such as "adds the text below the message"
    result: MailResult | None = None  # None if the message goes on
    text: str = ""  # of the rejection
    people: tuple[str, ...] = ()  # the moderators, or the new recipients
    ends_stage: bool = False  # the later rules of the stage do not apply
    change: Change | None = None
    only_reports: bool = False
    is_note: bool = False  # about the message after it was not stopped, such as retention


@dataclass(frozen=True, slots=True)
class MailStage:
    """A stage of the service: its rules, in the order in which they run."""

    title: str
    rules: Sequence[MailRule]
    for_lists: bool = False  # its rules judge the mailing list and not each member
    is_joint: bool = False  # the service documents no order of its rules and the rules of the next joint stage


@dataclass(frozen=True, slots=True)
class MailObject:
    """An object of a kind that decides about mail, with its settings. `unreadable` is the reason if it is unknown."""

    name: str
    settings: Settings
    raw: Body = field(default_factory=dict)  # as the service shows it
    unknown_properties: tuple[tuple[str, str], ...] = ()  # conditions and actions in use that no setting covers
    unreadable: str = ""


MailObjects: TypeAlias = Mapping[str, Sequence[MailObject]]
"""The objects by kind, without the provider."""


@dataclass(frozen=True, slots=True)
class MailRecipient:
    """A recipient in a tenant, under its primary address in lower case."""

    address: str
    is_list: bool = False
    members: tuple[str, ...] | None = None  # of a list; None if they could not be read
    failure: str = ""  # why the members could not be read
    unit: str = ""  # the path of the organisational unit
    is_unit_exact: bool = True  # otherwise the person may be in a unit below


@dataclass(frozen=True, slots=True)
class MailDirectory:
    """The people, lists and groups of a tenant that a message and the rules name."""

    domains: frozenset[str]
    recipients: Mapping[str, MailRecipient] = field(default_factory=dict)  # by each address in lower case
    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)  # the members' primary addresses, by the group
    unread_groups: Mapping[str, str] = field(default_factory=dict)  # the reason by group
    failure: str = ""  # why the recipients could not be read
    managers: Mapping[str, str] = field(default_factory=dict)  # by primary address, "" for people without a manager
    unread_managers: Mapping[str, str] = field(default_factory=dict)  # the reason by primary address

    def is_at_school(self, address: str) -> bool:
        """Return whether an address has one of the tenant's domains."""
        return address.rpartition("@")[2].casefold() in self.domains

    def primary(self, address: str) -> str:
        """Return the primary address of a recipient, in lower case."""
        recipient = self.recipients.get(address.casefold())
        return recipient.address if recipient else address.casefold()

    def is_member(self, address: str, group: str) -> Truth:
        """Return whether a sender or recipient is in a group, directly or through a nested group."""
        name = group.casefold()
        if name in self.groups:
            member = self.primary(address) in self.groups[name]
            return yes(f"{address} is in {group}") if member else no(f"{address} is not in {group}")
        return cannot_tell(f"the members of {group} are unknown ({self.unread_groups.get(name, 'not read')})")

    def find_manager(self, person: str) -> str | None:
        """Return the primary address of a person's manager, "" without a manager, or None if it was not read."""
        is_stranger = person.casefold() not in self.recipients and not self.is_at_school(person) and not self.failure
        return self.managers.get(self.primary(person), "" if is_stranger else None)

    def is_person(self, address: str, person: str) -> bool:
        """Return whether two addresses belong to the same recipient."""
        return self.primary(address) == self.primary(person)


@dataclass(frozen=True, slots=True)
class MailFacts:
    """Everything that was read to judge a message: objects by kind, the directory, and the moment."""

    objects: Mapping[str, Sequence[MailObject]]
    unread_kinds: Mapping[str, str]  # the reason by kind
    directory: MailDirectory
    at: datetime


@dataclass(frozen=True, slots=True)
class NotRead:
    """A part of the mail flow that toolkit does not read, and its place in the admin centre."""

    what: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFlow(Generic[C]):
    """A cloud's mail flow: the kinds that decide, the reader of its directory, and its stages in order."""

    kinds: tuple[str, ...]
    named_groups: Callable[[Mapping[str, Sequence[MailObject]]], frozenset[str]]
    read_directory: Callable[[C, Sequence[str], frozenset[str]], MailDirectory]  # addresses, groups in rules
    stages: Callable[[MailFacts], Sequence[MailStage]]
    not_read: tuple[NotRead, ...] = ()
    complete_directory: Callable[[C, MailDirectory, MailObjects, Sequence[str]], MailDirectory] = field(
        default=lambda _connection, directory, _objects, _addresses: directory
    )  # adds facts about people that only some rules need
    names: Mapping[str, Callable[[C, Sequence[str]], frozenset[str]]] = field(
        default_factory=dict
    )  # for a kind that cannot be listed: the objects to read for some recipients


def unreadable_rule(kind: str, name: str, reason: str) -> MailRule:
    """Return a rule for something that could not be read, which may have any effect."""
    return MailRule(
        kind=kind,
        name=name,
        matches=lambda _message, _recipient: cannot_tell(reason),
        effect="its effect is unknown",
        result=MailResult.UNKNOWN,
    )


def unread_kind(facts: MailFacts, kind: str, title: str) -> Sequence[MailRule]:
    """Return a rule for a kind that could not be read, which may have any effect, or nothing."""
    return [unreadable_rule(kind, title, facts.unread_kinds[kind])] if kind in facts.unread_kinds else []


def split_unread(facts: MailFacts, kind: str, title: str) -> tuple[Sequence[MailObject], Sequence[MailRule]]:
    """Return the objects of a kind that were read, and a rule for the kind or each object that could not be read."""
    objects = facts.objects.get(kind, ())
    unread = [unreadable_rule(kind, entry.name, entry.unreadable) for entry in objects if entry.unreadable]
    return [entry for entry in objects if not entry.unreadable], [*unread_kind(facts, kind, title), *unread]
