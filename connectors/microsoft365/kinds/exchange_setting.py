"""Settings of Exchange that have one value for the whole organisation: each is a row of the table."""

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
    Remote,
    SettingEffect,
    Wanted,
    flag,
    lowers,
    raises,
    switches_off,
    switches_on,
)
from toolkit.values import Body, Settings

_ORGANISATION, _TRANSPORT = "OrganizationConfig", "TransportConfig"
_CUSTOMISED = "AdminAuditLogConfig"  # Exchange takes no change of it before the organisation was customised once
_STORM = Effect("many replies to all at once are stopped", switches_on)
_FEWER = Effect(_STORM.words, lowers, only_if={"storm_protection": (True, None)})
_ROWS: Sequence[tuple[str, str, str, str, bool | int, str, SettingEffect]] = (
    ("customer_lockbox", "lockbox_enabled", _ORGANISATION, "CustomerLockboxEnabled", False,
     "Microsoft's engineers must ask before they open the school's data",
     Effect("Microsoft's engineers wait for an approval before they help", switches_on)),
    ("direct_send", "reject_direct_send", _ORGANISATION, "RejectDirectSend", False,
     "Exchange refuses mail in the school's name that matches no connector",
     Effect("mail in the school's name without a connector, as from a copier, is refused", switches_on)),
    ("audit_log", "unified_audit_log", _CUSTOMISED, "UnifiedAuditLogIngestionEnabled", True,
     "the audit log takes in what people and administrators do",
     Effect("the audit log records nothing more", switches_off)),
    ("mailbox_auditing", "audit_disabled", _ORGANISATION, "AuditDisabled", False,
     "no mailbox logs what its owner, delegates and administrators do in it",
     Effect("mailboxes record nothing more", switches_on)),
    ("mail_tips", "all_tips", _ORGANISATION, "MailTipsAllTipsEnabled", True,
     "Outlook shows tips about a message before it is sent",
     Harmless.WARNING),
    ("mail_tips", "external_recipient_tips", _ORGANISATION, "MailTipsExternalRecipientsTipsEnabled", False,
     "a tip names recipients outside the school",
     Harmless.WARNING),
    ("mail_tips", "group_metrics", _ORGANISATION, "MailTipsGroupMetricsEnabled", True,
     "tips know how many people a group has",
     Harmless.WARNING),
    ("mail_tips", "large_audience_threshold", _ORGANISATION, "MailTipsLargeAudienceThreshold", 25,
     "the number of recipients from which a tip warns that they are many",
     Harmless.WARNING),
    ("mail_tips", "mailbox_tips", _ORGANISATION, "MailTipsMailboxSourcedTipsEnabled", True,
     "tips use the recipients' mailboxes: an automatic reply, or a mailbox that is full",
     Harmless.WARNING),
    ("reply_all_storm", "storm_protection", _TRANSPORT, "ReplyAllStormProtectionEnabled", True,
     "Exchange stops a storm of replies to all",
     _STORM),
    ("reply_all_storm", "storm_recipients", _TRANSPORT, "ReplyAllStormDetectionMinimumRecipients", 2500,
     "the number of recipients from which replies count as a storm; a small school never reaches it",
     _FEWER),
    ("reply_all_storm", "storm_replies", _TRANSPORT, "ReplyAllStormDetectionMinimumReplies", 10,
     "the number of replies in an hour from which they count as a storm",
     _FEWER),
    ("reply_all_storm", "storm_hours", _TRANSPORT, "ReplyAllStormBlockDurationHours", 6,
     "for how many hours the replies are stopped",
     Effect("replies to all are stopped for longer", raises)),
    ("smtp_sign_in", "smtp_sign_in_disabled", _TRANSPORT, "SmtpClientAuthenticationDisabled", True,
     "devices and programs cannot send mail with a name and a password alone; ask for copiers first",
     Effect("copiers and programs that send mail with a password stop sending", switches_on)),
)  # fmt: skip
"""An object, its setting, the noun of its cmdlets, the property, the value in a new tenant, the meaning, the effect.

A new setting is one row here, one line of a case, and its default in the emulator.
"""
_TYPES: Mapping[type, tuple[object, Form, str]] = {
    bool: (bool, FLAG, "Says whether"),
    int: (Annotated[int, Field(ge=0)], NUMBER, "Gives"),
}


def _properties() -> Iterator[TableProperty]:
    for object_name, name, noun, shown, default, meaning, effect in _ROWS:
        taken, form, says = _TYPES[type(default)]
        about = f"{says} {meaning}."
        yield TableProperty(object_name, name, noun, shown, taken, form, default, about, effect=effect)


PROPERTIES = tuple(_properties())
ExchangeSetting = model_of(
    "ExchangeSetting",
    __name__,
    "Settings that Exchange has once for the whole organisation; an entry names one group of them.",
    PROPERTIES,
)
_NOUNS: Mapping[str, str] = {row.object: row.source for row in PROPERTIES}


class _OrganisationSettings(FixedObjects):
    """Each pair of cmdlets of the table; one request reads all objects of a pair, one changes an object."""

    none_created = "Exchange has no settings named {name!r}"
    none_deleted = "the settings {name!r} are changed, never deleted"

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterator[Remote]:
        """Read those that are named, or all; of the organisation only the properties of the table."""
        nouns = {
            name: noun for name, noun in _NOUNS.items() if not isinstance(wanted, NamedOnly) or name in wanted.names
        }
        rows = read_rows(via, sorted(set(nouns.values())))
        for name, noun in nouns.items():
            shown = {row.property: rows[noun].get(row.property) for row in PROPERTIES if row.object == name}
            yield Remote(name, name, shown)  # groups of one noun share its identity, which tells none of them apart

    def update(self, via: Microsoft365, remote: Remote, name: str, body: Body) -> None:  # noqa: ARG002 - Endpoint's
        via.exchange.change(f"Set-{_NOUNS[remote.name]}", body)


def _not_customised(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Refuse what Exchange takes only once an administrator ran Enable-OrganizationCustomization."""
    asking = [one for one in desired if _NOUNS.get(one.address.name) == _CUSTOMISED]
    if asking and flag(read_row(via, "OrganizationConfig").get("IsDehydrated"), missing=False):
        why = "Exchange takes this only after an administrator has run Enable-OrganizationCustomization once"
        yield from (Doubt(one.address.name, next(iter(one.origins), ""), why) for one in asking)


def _less_logged(before: Settings | None, after: Settings | None) -> str | None:
    """Return how a change makes Exchange log less than before."""
    if before is None or after is None:
        return None
    if before.get("unified_audit_log") and after.get("unified_audit_log") is False:
        return "the audit log would take in nothing any more"
    if before.get("audit_disabled") is False and after.get("audit_disabled"):
        return "no mailbox would log any more what is done in it"
    return None


KIND = exchange_kind(
    "OrganizationConfig",
    "Organization Configuration",
    name="exchange_setting",
    title="setting of Exchange's organisation",
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
    doubts=_not_customised,
    evidence=EvidenceSemantics(weaker=_less_logged, weakened_by="an administrator in the console", everywhere=False),
)
