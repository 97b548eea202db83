"""Mail rules, which Exchange calls transport rules and the admin centre mail flow rules."""

from connectors.microsoft365.kinds.transport_rule.endpoint import SETTLES, TransportRules
from connectors.microsoft365.kinds.transport_rule.expertise import cautious, defeats, does_same_job, holds_up, promotion
from connectors.microsoft365.kinds.transport_rule.limits import check_name
from connectors.microsoft365.kinds.transport_rule.recipients import doubts
from connectors.microsoft365.kinds.transport_rule.rule import TransportRule
from toolkit.tenant.kind import Kind, Permissions

__all__ = ["KIND", "check_name"]

KIND = Kind(
    name="transport_rule",
    title="mail rule",
    spec=TransportRule,
    endpoint=TransportRules(),
    reference="https://learn.microsoft.com/powershell/module/exchange/new-transportrule",
    permissions=Permissions(
        read=("Exchange.ManageAsApp", "Security Reader, or a role group with Get-TransportRule and Get-Recipient"),
        write=("Exchange.ManageAsApp", "Exchange Administrator, or a role group with the Transport Rules role"),
    ),
    settles=SETTLES,
    most=300,
    sample="""\
- microsoft365.transport_rule: Mark mail to the office
  from_scope: NotInOrganization
  sent_to: [office@example-primary.example]
  prepend_subject: "[office] "
""",
    check_name=check_name,
    does_same_job=does_same_job,
    defeats=defeats,
    holds_up=holds_up,
    doubts=doubts,
    cautious=cautious,
    promotion=promotion,
)
