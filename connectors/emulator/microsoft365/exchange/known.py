"""Cmdlets that Exchange Online has and this emulator does not: they answer 501, unknown ones as the service."""

_FULL = ("Get", "New", "Set", "Remove")
_SWITCHED = (*_FULL, "Enable", "Disable")

_NOUNS = {
    ("Get",): (
        "ConnectionByClientType EXOMailbox EXORecipient HistoricalSearch MailboxFolderStatistics MailboxStatistics "
        "MailDetailATPReport MailFlowStatusReport ManagementRole MessageTrace MessageTraceDetail MessageTraceV2 "
        "MessageTraceDetailV2 MobileDeviceStatistics QuarantineMessage RecipientStatisticsReport User "
        "UnifiedGroupLinks SpoofIntelligenceInsight StaleMailboxReport"
    ),
    ("Get", "Set"): (
        "AdminAuditLogConfig AntiPhishPolicy ATPPolicyForO365 CASMailbox CASMailboxPlan Contact DkimSigningConfig "
        "EmailTenantSettings Group HostedConnectionFilterPolicy IRMConfiguration MailboxAutoReplyConfiguration "
        "MailboxCalendarConfiguration MailboxJunkEmailConfiguration MailboxMessageConfiguration MailboxPlan "
        "MailboxRegionalConfiguration MailUser OMEConfiguration OrganizationRelationship PerimeterConfig "
        "ReportSubmissionPolicy ResourceConfig SafeAttachmentPolicy SafeLinksPolicy TransportConfig "
        "CalendarProcessing UserPhoto Clutter FocusedInbox"
    ),
    ("Get", "Add", "Remove"): (
        "AvailabilityAddressSpace MailboxPermission RecipientPermission DistributionGroupMember RoleGroupMember"
    ),
    ("Get", "Add", "Set", "Remove"): "MailboxFolderPermission PublicFolderClientPermission",
    _FULL: (
        "ActiveSyncDeviceAccessRule AddressBookPolicy AddressList ApplicationAccessPolicy AuthenticationPolicy "
        "ClientAccessRule DataClassification DistributionGroup DynamicDistributionGroup EmailAddressPolicy "
        "GlobalAddressList HostedContentFilterPolicy InboundConnector MailContact ManagementRoleAssignment "
        "ManagementScope MigrationBatch MobileDeviceMailboxPolicy OfflineAddressBook OwaMailboxPolicy PublicFolder "
        "QuarantinePolicy RetentionPolicy RetentionPolicyTag RoleGroup ServicePrincipal SharingPolicy "
        "TenantAllowBlockListItems TransportRuleCollection UnifiedGroup"
    ),
    _SWITCHED: (
        "AntiPhishRule EOPProtectionPolicyRule ATPProtectionPolicyRule HostedContentFilterRule "
        "HostedOutboundSpamFilterRule InboxRule JournalRule MalwareFilterRule SafeAttachmentRule SafeLinksRule "
        "SweepRule"
    ),
    ("New", "Remove", "Enable", "Disable"): "Mailbox",
    ("New", "Set", "Remove"): "OutboundConnector",
    ("New", "Remove"): "HostedOutboundSpamFilterPolicy MalwareFilterPolicy RemoteDomain AcceptedDomain",
    ("Set",): "AcceptedDomain",
    ("Test",): "Mailflow MAPIConnectivity OAuthConnectivity ApplicationAccessPolicy ServicePrincipalAuthorization",
    ("Search",): "MailboxAuditLog AdminAuditLog Mailbox",
    ("Start",): "HistoricalSearch ManagedFolderAssistant",
    ("Enable",): "OrganizationCustomization",
    ("Release", "Delete", "Preview", "Export"): "QuarantineMessage",
}

KNOWN = {
    f"{verb}-{noun}".lower(): f"{verb}-{noun}"
    for verbs, nouns in _NOUNS.items()
    for noun in nouns.split()
    for verb in verbs
}
