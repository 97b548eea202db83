"""Data protection rules, which Google calls DLP rules."""

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.kinds.dlp_rule.endpoint import RuleValues, doubts
from connectors.google_workspace.kinds.dlp_rule.expertise import cautious, does_same_job, holds_up, promotion
from connectors.google_workspace.kinds.dlp_rule.rule import DlpRule
from connectors.google_workspace.marked_policies import SETTLES, MarkedPolicies, check_name
from connectors.google_workspace.ownership_marker import is_ours
from connectors.google_workspace.permissions import needs
from toolkit.sdk.kind import Kind, Lifecycle, MailSemantics, NameRules
from toolkit.sdk.permission import Permissions

KIND = Kind(
    name="dlp_rule",
    title="data protection rule",
    spec=DlpRule,
    endpoint=MarkedPolicies(RuleValues()),
    reference="https://cloud.google.com/identity/docs/concepts/overview-policies",
    permissions=Permissions(
        read=needs("cloudidentity.policies.list", "directory.orgunits.list"),
        write=needs("cloudidentity.policies.create"),
    ),
    settles=SETTLES,
    logged=ADMIN,
    sample="""\
- google_workspace.dlp_rule: Safeguarding words leaving by mail
  unit: /Staff
  triggers: [gmail.email.v1.send]
  condition: "all_content.matches_word_list('Safeguarding words', {minimum_match_count: 1})"
  gmail_action: warn
  gmail_external: true
  alert: true
  alert_recipients: [super_admins]
""",
    is_ours=is_ours,
    does_same_job=does_same_job,
    doubts=doubts,
    names=NameRules(check=check_name),
    lifecycle=Lifecycle(refers_to=("detector",), cautious=cautious, promotion=promotion),
    mail=MailSemantics(holds_up=holds_up),
)
