"""Exchange settings for the whole organisation, as rows of a table."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from connectors.microsoft365.builtin_objects import exchange_kind, read_row, read_rows
from connectors.microsoft365.setting_tables import TableProperty, model_of, name_rules
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import (
    FLAG,
    NUMBER,
    Desired,
    Doubt,
    Effect,
    EvidenceSemantics,
    FixedObjects,
    Form,
    Harmless,
    NamedOnly,
    ReadScope,
    Remote,
    SettingEffect,
    flag,
    lowers,
    raises,
    switches_off,
    switches_on,
)
from toolkit.values import Body, Settings

_ORGANISATION, _TRANSPORT = "OrganizationConfig", "TransportConfig"
_CUSTOMISED = (
    "AdminAuditLogConfig"  # Exchange refuses changes to it until Enable-OrganizationCustomization was run once
)
_STORM = Effect("Exchange stops a storm of replies to all", switches_on)
_FEWER = Effect(_STORM.words, lowers, only_if={"storm_protection": (True, None)})
_ROWS: Sequence[tuple[str, str, str, str, bool | int, str, SettingEffect]] = (
    ("customer_lockbox", "lockbox_enabled", _ORGANISATION, "CustomerLockboxEnabled", False,
     "Microsoft's engineers must request approval before they open the school's data",
     Effect("Microsoft's engineers wait for approval before they can help", switches_on)),
    ("direct_send", "reject_direct_send", _ORGANISATION, "RejectDirectSend", False,
     "Exchange refuses mail in the school's name that does not match a connector",
     Effect("mail in the school's name without a connector, for example from a copier, is refused", switches_on)),
    ("audit_log", "unified_audit_log", _CUSTOMISED, "UnifiedAuditLogIngestionEnabled", True,
     "the audit log records the actions of people and administrators",
     Effect("the audit log stops recording", switches_off)),
    ("mailbox_auditing", "audit_disabled", _ORGANISATION, "AuditDisabled", False,
     "mailboxes do not record the actions of their owner, delegates and administrators",
     Effect("mailboxes stop recording actions", switches_on)),
    ("mail_tips", "all_tips", _ORGANISATION, "MailTipsAllTipsEnabled", True,
     "Outlook shows tips about a message before it is sent",
     Harmless.WARNING),
    ("mail_tips", "external_recipient_tips", _ORGANISATION, "MailTipsExternalRecipientsTipsEnabled", False,
     "a tip names recipients outside the school",
     Harmless.WARNING),
    ("mail_tips", "group_metrics", _ORGANISATION, "MailTipsGroupMetricsEnabled", True,
     "tips show the number of people in a group",
     Harmless.WARNING),
    ("mail_tips", "large_audience_threshold", _ORGANISATION, "MailTipsLargeAudienceThreshold", 25,
     "the number of recipients above which a tip warns of a large audience",
     Harmless.WARNING),
    ("mail_tips", "mailbox_tips", _ORGANISATION, "MailTipsMailboxSourcedTipsEnabled", True,
     "tips show that a recipient has an automatic reply or a full mailbox",
     Harmless.WARNING),
    ("reply_all_storm", "storm_protection", _TRANSPORT, "ReplyAllStormProtectionEnabled", True,
     "Exchange stops a storm of replies to all",
     _STORM),
    ("reply_all_storm", "storm_recipients", _TRANSPORT, "ReplyAllStormDetectionMinimumRecipients", 2500,
     "the number of recipients from which replies count as a storm. A small school never reaches the default",
     _FEWER),
    ("reply_all_storm", "storm_replies", _TRANSPORT, "ReplyAllStormDetectionMinimumReplies", 10,
     "the number of replies in an hour from which they count as a storm",
     _FEWER),
    ("reply_all_storm", "storm_hours", _TRANSPORT, "ReplyAllStormBlockDurationHours", 6,
     "the number of hours for which replies are stopped",
     Effect("replies to all are stopped for longer", raises)),
    ("smtp_sign_in", "smtp_sign_in_disabled", _TRANSPORT, "SmtpClientAuthenticationDisabled", True,
     "devices and programs cannot send mail with only a user name and password. Check copiers first",
     Effect("copiers and programs that send mail with a password stop sending", switches_on)),
)  # fmt: skip
"""The object, setting, cmdlet noun, property, value in a new tenant, meaning and effect.

A new setting is a row here, a line of a test case, and its default in the emulator.
"""
_TYPES: Mapping[type, tuple[object, Form, str]] = {
    bool: (bool, FLAG, "Whether"),
    int: (Annotated[int, Field(ge=0)], NUMBER, "Sets"),
}


def _make_properties() -> Iterator[TableProperty]:
    for object_name, name, noun, shown, default, meaning, effect in _ROWS:
        taken, form, says = _TYPES[type(default)]
        about = f"{says} {meaning}."
        yield TableProperty(object_name, name, noun, shown, taken, form, default, about, effect=effect)


PROPERTIES = tuple(_make_properties())
ExchangeSetting = model_of(
    "ExchangeSetting",
    __name__,
    "Exchange settings for the whole organisation. An entry names a group of settings.",
    PROPERTIES,
)
_NOUNS: Mapping[str, str] = {row.object: row.source for row in PROPERTIES}


class _OrganisationSettings(FixedObjects):
    """The settings in the table.

    One request reads all objects that a cmdlet returns, and one request changes an object.
    """

    none_created = "Exchange has no settings named {name!r}"
    none_deleted = "the settings {name!r} cannot be deleted, only changed"

    def read(self, via: Microsoft365, selection: ReadScope) -> Iterator[Remote]:
        """Yield the selected objects, or all objects. The objects contain only properties that are in the table."""
        nouns = {
            name: noun
            for name, noun in _NOUNS.items()
            if not isinstance(selection, NamedOnly) or name in selection.names
        }
        rows = read_rows(via, sorted(set(nouns.values())))
        for name, noun in nouns.items():
            shown = {row.property: rows[noun].get(row.property) for row in PROPERTIES if row.object == name}
            yield Remote(name, name, shown)  # objects with the same noun share its identity, so the name is the id

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        via.exchange.change(f"Set-{_NOUNS[remote.name]}", body)


def _find_refused_changes(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each change that Exchange refuses before Enable-OrganizationCustomization has been run."""
    asking = [entry for entry in desired if _NOUNS.get(entry.address.name) == _CUSTOMISED]
    if asking and flag(read_row(via, "OrganizationConfig").get("IsDehydrated"), missing=False):
        why = "Exchange refuses this until an administrator has run Enable-OrganizationCustomization once"
        yield from (Doubt(entry.address.name, next(iter(entry.origins), ""), why) for entry in asking)


def _describe_less_logging(before: Settings | None, after: Settings | None) -> str | None:
    if before is None or after is None:
        return None
    if before.get("unified_audit_log") and after.get("unified_audit_log") is False:
        return "the audit log would stop recording"
    if before.get("audit_disabled") is False and after.get("audit_disabled"):
        return "mailboxes would no longer record actions"
    return None


KIND = exchange_kind(
    "OrganizationConfig",
    "Organization Configuration",
    name="exchange_setting",
    title="Exchange organisation setting",
    plural="groups of settings",
    spec=ExchangeSetting,
    endpoint=_OrganisationSettings(),
    whole=False,
    sample="""\
- microsoft365.exchange_setting: mail_tips
  external_recipient_tips: true
  large_audience_threshold: 10
""",
    names=name_rules(PROPERTIES, "Exchange"),
    names_there=lambda _via: list(_NOUNS),
    doubts=_find_refused_changes,
    evidence=EvidenceSemantics(
        weaker=_describe_less_logging, weakened_by="an administrator in the console", everywhere=False
    ),
)
