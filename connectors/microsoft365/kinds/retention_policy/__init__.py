"""Retention policies: what is kept even if a person deletes it, and what is deleted when its time has come."""

from connectors.microsoft365.kinds.retention_policy.endpoint import SETTLES, RetentionPolicies
from connectors.microsoft365.kinds.retention_policy.expertise import (
    JOBS,
    check_name,
    does_same_job,
    jobs,
    reaches,
    weaker,
)
from connectors.microsoft365.kinds.retention_policy.extent import extent, extent_needs
from connectors.microsoft365.kinds.retention_policy.policy import RetentionPolicy, is_ours
from connectors.microsoft365.permissions import COMPLIANCE, administrator, global_reader
from toolkit.sdk.kind import EvidenceSemantics, Jobs, Kind, NameRules
from toolkit.sdk.permission import Permissions
from toolkit.sdk.targets import Scale

KIND = Kind(
    name="retention_policy",
    title="retention policy",
    plural="retention policies",
    spec=RetentionPolicy,
    endpoint=RetentionPolicies(),
    reference="https://learn.microsoft.com/powershell/module/exchangepowershell/new-retentioncompliancepolicy",
    permissions=Permissions(
        read=global_reader("View-Only Retention Management", service=COMPLIANCE),
        write=administrator(COMPLIANCE, "Retention Management"),
    ),
    settles=SETTLES,
    sample="""\
- microsoft365.retention_policy: Governors' mail
  mail: [head@example-primary.example]
  keep_days: unlimited
""",
    reach=Scale.MAILBOX,
    targets=reaches,
    is_ours=is_ours,
    jobs=Jobs(names=JOBS, of=jobs, same=does_same_job),
    names=NameRules(check=check_name, mark="managed_by"),
    evidence=EvidenceSemantics(
        weaker=weaker, weakened_by="`toolkit retention start REF`", extent=extent, extent_needs=extent_needs
    ),
)
