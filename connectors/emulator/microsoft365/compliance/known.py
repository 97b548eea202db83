"""Cmdlets that Security & Compliance has and this emulator does not: they answer 501, unknown ones as the service."""

_NOUNS = {
    ("Get", "New", "Set", "Remove"): (
        "AppRetentionCompliancePolicy AppRetentionComplianceRule CaseHoldPolicy CaseHoldRule ComplianceCase "
        "ComplianceSearch ComplianceTag DlpCompliancePolicy DlpComplianceRule LabelPolicy RoleGroup "
        "ProtectionAlert SupervisoryReviewPolicyV2"
    ),
    ("Get", "Add", "Remove"): "ComplianceCaseMember RoleGroupMember eDiscoveryCaseAdmin",
    ("Get", "New"): "ComplianceSearchAction ServicePrincipal",
    ("Start", "Stop"): "ComplianceSearch",
    ("Get",): "AdminAuditLogConfig ComplianceRetentionEventType Label",
    ("Invoke",): "HoldRemovalAction",
}

KNOWN = {
    f"{verb}-{noun}".lower(): f"{verb}-{noun}"
    for verbs, nouns in _NOUNS.items()
    for noun in nouns.split()
    for verb in verbs
}
