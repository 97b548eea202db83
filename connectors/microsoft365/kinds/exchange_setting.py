"""Settings of Exchange that have one value for the whole organisation: each is a row of the table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import Field, create_model

from connectors.microsoft365.audit_log import in_exchange
from connectors.microsoft365.builtin_objects import read_row, read_rows
from connectors.microsoft365.permissions import EXCHANGE, administrator, global_reader
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk.endpoint import FixedObjects, NamedOnly, Wanted
from toolkit.sdk.form import FLAG, NUMBER, Form
from toolkit.sdk.kind import Doubt, EvidenceSemantics, Kind, NameRules
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Desired, Remote
from toolkit.sdk.shapes import flag
from toolkit.sdk.spec import Setting, Spec
from toolkit.sdk.targets import Scale
from toolkit.values import Body, Settings

_PAGES = "https://learn.microsoft.com/powershell/module/exchangepowershell"
_SET_ORGANIZATION, _SET_AUDIT_LOG = f"{_PAGES}/set-organizationconfig", f"{_PAGES}/set-adminauditlogconfig"
_CUSTOMISED = "AdminAuditLogConfig"  # Exchange takes no change of it before the organisation was customised once

_SET_TRANSPORT = "https://learn.microsoft.com/powershell/module/exchangepowershell/set-transportconfig"


@dataclass(frozen=True, slots=True)
class OrganisationProperty:
    """One property that `Get-NOUN` shows and `Set-NOUN` changes."""

    object: str  # the name in a playbook, which properties that belong together share
    name: str  # the setting in a playbook; no two properties have the same
    noun: str
    property: str
    takes: type[bool] | type[int]
    default: bool | int  # what Microsoft gives a new tenant
    meaning: str
    source: str  # the vendor's page


PROPERTIES = (
    OrganisationProperty(
        "customer_lockbox", "lockbox_enabled", "OrganizationConfig", "CustomerLockboxEnabled", bool, False,
        "Microsoft's engineers must ask before they open the school's data", _SET_ORGANIZATION),
    OrganisationProperty(
        "direct_send", "reject_direct_send", "OrganizationConfig", "RejectDirectSend", bool, False,
        "Exchange refuses mail in the school's name that matches no connector", _SET_ORGANIZATION),
    OrganisationProperty(
        "audit_log", "unified_audit_log", "AdminAuditLogConfig", "UnifiedAuditLogIngestionEnabled", bool, True,
        "the audit log takes in what people and administrators do", _SET_AUDIT_LOG),
    OrganisationProperty(
        "mailbox_auditing", "audit_disabled", "OrganizationConfig", "AuditDisabled", bool, False,
        "no mailbox logs what its owner, delegates and administrators do in it", _SET_ORGANIZATION),
    OrganisationProperty(
        "mail_tips", "all_tips", "OrganizationConfig", "MailTipsAllTipsEnabled", bool, True,
        "Outlook shows tips about a message before it is sent", _SET_ORGANIZATION),
    OrganisationProperty(
        "mail_tips", "external_recipient_tips", "OrganizationConfig", "MailTipsExternalRecipientsTipsEnabled", bool,
        False, "a tip names recipients outside the school", _SET_ORGANIZATION),
    OrganisationProperty(
        "mail_tips", "group_metrics", "OrganizationConfig", "MailTipsGroupMetricsEnabled", bool, True,
        "tips know how many people a group has", _SET_ORGANIZATION),
    OrganisationProperty(
        "mail_tips", "large_audience_threshold", "OrganizationConfig", "MailTipsLargeAudienceThreshold", int, 25,
        "the number of recipients from which a tip warns that they are many", _SET_ORGANIZATION),
    OrganisationProperty(
        "mail_tips", "mailbox_tips", "OrganizationConfig", "MailTipsMailboxSourcedTipsEnabled", bool, True,
        "tips use the recipients' mailboxes: an automatic reply, or a mailbox that is full", _SET_ORGANIZATION),
    OrganisationProperty(
        "reply_all_storm", "storm_protection", "TransportConfig", "ReplyAllStormProtectionEnabled", bool, True,
        "Exchange stops a storm of replies to all", _SET_TRANSPORT),
    OrganisationProperty(
        "reply_all_storm", "storm_recipients", "TransportConfig", "ReplyAllStormDetectionMinimumRecipients", int, 2500,
        "the number of recipients from which replies count as a storm; a small school never reaches it",
        _SET_TRANSPORT),
    OrganisationProperty(
        "reply_all_storm", "storm_replies", "TransportConfig", "ReplyAllStormDetectionMinimumReplies", int, 10,
        "the number of replies in an hour from which they count as a storm", _SET_TRANSPORT),
    OrganisationProperty(
        "reply_all_storm", "storm_hours", "TransportConfig", "ReplyAllStormBlockDurationHours", int, 6,
        "for how many hours the replies are stopped", _SET_TRANSPORT),
    OrganisationProperty(
        "smtp_sign_in", "smtp_sign_in_disabled", "TransportConfig", "SmtpClientAuthenticationDisabled", bool, True,
        "devices and programs cannot send mail with a name and a password alone; ask for copiers first",
        _SET_TRANSPORT),
)  # fmt: skip
"""A new setting is one row here, one line of a case, and its default in the emulator."""

_TYPES: Mapping[type[bool] | type[int], tuple[object, Form, str]] = {
    bool: (bool, FLAG, "Says whether {}"),
    int: (Annotated[int, Field(ge=0)], NUMBER, "Gives {}"),
}


def _declared(row: OrganisationProperty) -> tuple[Any, Any]:
    """Return the type and the description of a property, from which a model is made."""
    taken, form, meaning = _TYPES[row.takes]
    default = str(row.default).lower()
    about = f"{meaning.format(row.meaning)}. Of `{row.object}`: {row.property}, which is {default} in a new tenant."
    described = Field(default=row.default, description=about, examples=[row.default])
    return Annotated[(taken, Setting(form, wire=row.property))], described


def _model() -> type[Spec]:
    fields: dict[str, Any] = {row.name: _declared(row) for row in PROPERTIES}
    if len(fields) < len(PROPERTIES):
        raise ValueError("two properties of the organisation have the same name: give each a name of its own")
    about = "Settings that Exchange has once for the whole organisation; an entry names one group of them."
    return create_model("ExchangeSetting", __base__=Spec, __doc__=about, __module__=__name__, **fields)


ExchangeSetting = _model()
_NOUNS: Mapping[str, str] = {row.object: row.noun for row in PROPERTIES}


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


def _check_name(name: str) -> str | None:
    if name in _NOUNS:
        return None
    close = get_close_matches(name, _NOUNS, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(_NOUNS)}"
    return f"Exchange has no settings named {name!r}; {hint}"


def _check_setting(name: str, setting: str) -> str | None:
    known = [row.name for row in PROPERTIES if row.object == name]
    return None if not known or setting in known else f"{name} has no setting {setting}; it has: {', '.join(known)}"


def _names(_via: Microsoft365) -> Iterator[str]:
    return iter(_NOUNS)


KIND: Kind[Microsoft365] = Kind(
    name="exchange_setting",
    title="setting of Exchange's organisation",
    plural="groups of settings",
    spec=ExchangeSetting,
    endpoint=_OrganisationSettings(),
    reference=_SET_ORGANIZATION,
    reach=Scale.TENANT,
    permissions=Permissions(
        read=global_reader("View-Only Configuration"),
        write=administrator(EXCHANGE, "Organization Configuration"),
    ),
    settles=10.0,
    whole=False,
    fixed=True,
    logged=in_exchange("OrganizationConfig"),
    sample="""\
- microsoft365.exchange_setting: mail_tips
  external_recipient_tips: true
  large_audience_threshold: 10
""",
    names=NameRules(check=_check_name, check_setting=_check_setting),
    names_there=_names,
    doubts=_not_customised,
    evidence=EvidenceSemantics(weaker=_less_logged, weakened_by="an administrator in the console", everywhere=False),
)
