"""Mail rules. Exchange calls them transport rules, and the admin centre calls them mail flow rules."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from connectors.microsoft365.audit_log import exchange_log_place
from connectors.microsoft365.kinds.transport_rule.endpoint import SETTLES, TransportRules
from connectors.microsoft365.kinds.transport_rule.limits import check_name, size_of_patterns
from connectors.microsoft365.kinds.transport_rule.precedence import defeats, is_acting
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from connectors.microsoft365.kinds.transport_rule.safety_checks import (
    JOBS,
    NESTING,
    could_block_mail,
    describe_promotion,
    excludes_addresses,
    find_targets,
    jobs,
    missing_exceptions,
    start_in_test_mode,
)
from connectors.microsoft365.moderators import closed_moderators
from connectors.microsoft365.permissions import EXCHANGE, administrator, global_reader
from connectors.microsoft365.via import Microsoft365
from toolkit.sdk import (
    ADDRESS,
    ADDRESSES,
    Desired,
    Doubt,
    Effect,
    EffectArea,
    Jobs,
    Kind,
    Lifecycle,
    MailSemantics,
    NameRules,
    ObjectEffects,
    Permissions,
    Scale,
    SharedSize,
    always,
)
from toolkit.values import Body, entries

AT_ONCE = 50
_OUTSIDE = ("from", "sent_to", "except_if_from", "except_if_sent_to")
"""Settings that also accept addresses outside the tenant. An example of New-TransportRule shows one.

https://learn.microsoft.com/powershell/module/exchangepowershell/new-transportrule
"""

_MODERATORS = "moderate_message_by_user"


def doubts(via: Microsoft365, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Yield a doubt for each recipient in a mail rule that is missing or unsuitable.

    One request finds fifty recipients.
    """
    named = [
        (rule.address.name, setting, address)
        for rule in desired
        for setting, address in _list_named_addresses(rule)
        if setting not in _OUTSIDE or not via.organization.is_outside(address)
    ]
    recipient_types = _find_recipient_types(via, sorted({address for _, _, address in named}))
    for rule, setting, address in named:
        if address not in recipient_types:
            yield Doubt(
                rule, setting, f"{address} is not a recipient in this tenant. Name a mailbox, contact or group."
            )
        elif "member_of" in setting and "group" not in recipient_types[address]:
            yield Doubt(rule, setting, f"{address} is not a group")
        elif setting == _MODERATORS and "group" in recipient_types[address]:
            yield Doubt(
                rule,
                setting,
                f"{address} is a group and cannot approve messages. Name mailboxes or contacts of people.",
            )


def conflicts(via: Microsoft365, desired: Sequence[Desired], _deleted_ids: Collection[str]) -> Iterator[Doubt]:
    return closed_moderators(via, desired, _MODERATORS)


def _list_named_addresses(rule: Desired) -> Iterator[tuple[str, str]]:
    for setting, note in TransportRule.table().items():
        value = rule.settings.get(setting)
        if note.form is ADDRESS and isinstance(value, str):
            yield setting, value
        elif note.form is ADDRESSES:
            yield from ((setting, address) for address in entries(value))


def _find_recipient_types(via: Microsoft365, addresses: Sequence[str]) -> Mapping[str, str]:
    """Return the recipient type of each address, in lower case.

    Addresses without a recipient in the tenant are left out.
    """
    types: dict[str, str] = {}
    for start in range(0, len(addresses), AT_ONCE):
        batch = addresses[start : start + AT_ONCE]
        condition = " -or ".join(f"EmailAddresses -eq 'smtp:{_escape_quotes(address)}'" for address in batch)
        rows = via.exchange.get("Get-Recipient", {"Filter": condition, "ResultSize": "Unlimited"})
        types |= {
            address: str(row.get("RecipientTypeDetails")).lower() for row in rows for address in _list_addresses(row)
        }
    return types


def _escape_quotes(address: str) -> str:
    return address.replace("'", "''")


def _list_addresses(row: Body) -> Iterator[str]:
    for entry in entries(ADDRESSES.read(row.get("EmailAddresses"))):
        yield entry.removeprefix("smtp:")
    yield str(row.get("PrimarySmtpAddress") or "").lower()


__all__ = ["KIND", "check_name"]

KIND = Kind(
    name="transport_rule",
    title="mail rule",
    plural="mail rules",
    spec=TransportRule,
    endpoint=TransportRules(),
    reference="https://learn.microsoft.com/powershell/module/exchange/new-transportrule",
    permissions=Permissions(
        read=global_reader("View-Only Configuration", "View-Only Recipients"),
        write=administrator(EXCHANGE, "Transport Rules", "View-Only Recipients"),
    ),
    settles=SETTLES,
    logged=exchange_log_place("TransportRule"),
    sample="""\
- microsoft365.transport_rule: Mark mail to the office
  from_scope: NotInOrganization
  sent_to: [office@example-primary.example]
  prepend_subject: "[office] "
""",
    jobs=Jobs(names=JOBS, of=jobs, works=is_acting),
    reach=Scale.MAILBOX,
    targets=find_targets,
    nesting=NESTING,
    leaves_out={"from_member_of": "except_if_from", "sent_to_member_of": "except_if_sent_to"},
    doubts=doubts,
    conflicts=conflicts,
    names=NameRules(check=check_name),
    lifecycle=Lifecycle(
        most=300,
        shared_size=SharedSize(20_480, "bytes of regular expressions", size_of_patterns),
        cautious=start_in_test_mode,
        promotion=describe_promotion,
    ),
    mail=MailSemantics(
        defeats=defeats, holds_up=could_block_mail, spares=excludes_addresses, spared_by=missing_exceptions
    ),
    stops=ObjectEffects(
        area=EffectArea.MAIL,
        deleted=Effect("the mail [rule|rules] {name} [stops|stop] working", always),
        acts=is_acting,
    ),
)
