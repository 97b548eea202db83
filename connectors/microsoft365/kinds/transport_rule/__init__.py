"""Mail rules, which Exchange calls transport rules and the admin centre mail flow rules."""

from connectors.microsoft365.audit_log import in_exchange
from connectors.microsoft365.kinds.transport_rule.endpoint import SETTLES, TransportRules
from connectors.microsoft365.kinds.transport_rule.expertise import cautious, defeats, does_same_job, holds_up, promotion
from connectors.microsoft365.kinds.transport_rule.limits import check_name
from connectors.microsoft365.kinds.transport_rule.recipients import doubts
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from connectors.microsoft365.permissions import EXCHANGE, administrator, global_reader
from toolkit.sdk.kind import Kind, Lifecycle, MailSemantics, NameRules
from toolkit.sdk.permission import Permissions

__all__ = ["KIND", "check_name"]

KIND = Kind(
    name="transport_rule",
    title="mail rule",
    spec=TransportRule,
    endpoint=TransportRules(),
    reference="https://learn.microsoft.com/powershell/module/exchange/new-transportrule",
    permissions=Permissions(
        read=global_reader("View-Only Configuration", "View-Only Recipients"),
        write=administrator(EXCHANGE, "Transport Rules", "View-Only Recipients"),
    ),
    settles=SETTLES,
    logged=in_exchange("TransportRule"),
    sample="""\
- microsoft365.transport_rule: Mark mail to the office
  from_scope: NotInOrganization
  sent_to: [office@example-primary.example]
  prepend_subject: "[office] "
""",
    does_same_job=does_same_job,
    doubts=doubts,
    names=NameRules(check=check_name),
    lifecycle=Lifecycle(most=300, cautious=cautious, promotion=promotion),
    mail=MailSemantics(defeats=defeats, holds_up=holds_up),
)
