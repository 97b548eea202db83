"""Exchange Online: cmdlets sent to /adminapi/beta/TENANT/InvokeCommand, and those that answer 501."""

from connectors.emulator.microsoft365.exchange import cmdlets
from connectors.emulator.microsoft365.exchange.seed import seed
from connectors.emulator.microsoft365.exchange.service import AUDIENCES, HOSTS, ROOT, CmdletService, Workload

_FULL = ("Get", "New", "Set", "Remove")
_SWITCHED = (*_FULL, "Enable", "Disable")

_NOUNS = {
    ("Get",): (
        "ConnectionByClientType EXOMailbox EXORecipient HistoricalSearch MailboxFolderStatistics MailboxStatistics "
        "MailDetailATPReport MailFlowStatusReport ManagementRole MessageTrace MessageTraceDetail MessageTraceV2 "
        "MessageTraceDetailV2 MobileDeviceStatistics QuarantineMessage RecipientStatisticsReport User "
        "UnifiedGroupLinks SpoofIntelligenceInsight StaleMailboxReport AccessToCustomerDataRequest AggregateZapReport "
        "ATPTotalTrafficReport CalendarDiagnosticLog CalendarDiagnosticObjects CompromisedUserAggregateReport "
        "CompromisedUserDetailReport DetailZapReport EligibleDistributionGroupForMigration ExoPhishSimOverrideRule "
        "ExoSecOpsOverrideRule FederationInformation FolderMoveRequest HybridMailflow HybridMailflowDatacenterIPs "
        "IntraOrganizationConfiguration IPv6StatusForAcceptedDomain LogonStatistics MailFilterListReport "
        "MailTrafficATPReport MailTrafficEncryptionReport MailTrafficPolicyReport MailboxLocation MailTrafficReport "
        "MailTrafficSummaryReport MailTrafficTopReport ManagementRoleEntry MessageCategory MobileDevice "
        "MoveRequestStatistics MigrationStatistics MigrationUserStatistics MxRecordReport OutboundConnectorReport "
        "PublicFolderItemStatistics PublicFolderStatistics QuarantineMessageHeader SafeLinksAggregateReport "
        "SafeLinksDetailReport SpoofMailReport TextMessagingAccount TransportRuleAction TransportRulePredicate "
        "VivaModuleFeature DnssecForVerifiedDomain"
    ),
    ("Get", "Set"): (
        "AdminAuditLogConfig AntiPhishPolicy ATPPolicyForO365 CASMailbox CASMailboxPlan Contact DkimSigningConfig "
        "EmailTenantSettings Group HostedConnectionFilterPolicy IRMConfiguration MailboxAutoReplyConfiguration "
        "MailboxCalendarConfiguration MailboxJunkEmailConfiguration MailboxMessageConfiguration MailboxPlan "
        "MailboxRegionalConfiguration MailUser OMEConfiguration OrganizationRelationship PerimeterConfig "
        "ReportSubmissionPolicy ResourceConfig SafeAttachmentPolicy SafeLinksPolicy TransportConfig "
        "CalendarProcessing UserPhoto Clutter FocusedInbox ArcConfig DefaultTenantBriefingConfig "
        "DefaultTenantMyAnalyticsFeatureConfig FederatedOrganizationIdentifier MailboxAuditBypassAssociation "
        "MailboxSpellingConfiguration MyAnalyticsFeatureConfig OnPremisesOrganization Place "
        "PublicFolderMailboxMigrationRequest RMSTemplate SmimeConfig UserBriefingConfig VivaInsightsSettings "
        "EventsFromEmailConfiguration AvailabilityConfig PolicyTipConfig"
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
        "TenantAllowBlockListItems TransportRuleCollection UnifiedGroup AvailabilityConfig DataEncryptionPolicy "
        "DkimSigningConfig ExoPhishSimOverrideRule ExoSecOpsOverrideRule IntraOrganizationConnector "
        "M365CrossTenantAccessPolicy M365DataAtRestEncryptionPolicy MailboxRestoreRequest MessageClassification "
        "MigrationEndpoint MigrationUser MoveRequest OMEConfiguration OrganizationRelationship PhishSimOverridePolicy "
        "PublicFolderMigrationRequest ReportSubmissionPolicy ReportSubmissionRule RoleAssignmentPolicy "
        "SecOpsOverridePolicy SiteMailbox SyncRequest TeamsProtectionPolicy TeamsProtectionPolicyRule "
        "TenantAllowBlockListSpoofItems VivaModuleFeaturePolicy AntiPhishPolicy SafeAttachmentPolicy SafeLinksPolicy "
        "MailUser"
    ),
    _SWITCHED: (
        "AntiPhishRule EOPProtectionPolicyRule ATPProtectionPolicyRule HostedContentFilterRule "
        "HostedOutboundSpamFilterRule InboxRule JournalRule MalwareFilterRule SafeAttachmentRule SafeLinksRule "
        "SweepRule App"
    ),
    ("New", "Remove", "Enable", "Disable"): "Mailbox",
    ("New", "Set", "Remove"): "OutboundConnector",
    ("New", "Remove"): "HostedOutboundSpamFilterPolicy MalwareFilterPolicy RemoteDomain AcceptedDomain",
    ("Set",): "AcceptedDomain",
    ("Test",): "Mailflow MAPIConnectivity OAuthConnectivity ApplicationAccessPolicy ServicePrincipalAuthorization",
    ("Search",): "MailboxAuditLog AdminAuditLog Mailbox",
    ("Start",): "HistoricalSearch ManagedFolderAssistant",
    ("Enable",): "OrganizationCustomization DnssecForVerifiedDomain SmtpDaneInbound",
    ("Disable",): "DnssecForVerifiedDomain SmtpDaneInbound",
    ("Rotate",): "DkimSigningConfig",
    ("Get", "Remove"): "BlockedConnector BlockedSenderAddress",
    ("Get", "Restore"): "RecoverableItems",
    ("Update",): "DistributionGroupMember RoleGroupMember SafeList",
    ("Validate",): "OutboundConnector",
    ("Release", "Delete", "Preview", "Export"): "QuarantineMessage",
}

KNOWN = {
    f"{verb}-{noun}".lower(): f"{verb}-{noun}"
    for verbs, nouns in _NOUNS.items()
    for noun in nouns.split()
    for verb in verbs
}


__all__ = ["SERVICE", "seed"]

SERVICE = CmdletService(
    Workload(
        name="exchange",
        hosts=HOSTS,
        roots=(ROOT,),
        audiences=AUDIENCES,
        cmdlets=cmdlets.found,
        known=KNOWN,
        administrators=frozenset({"Exchange Administrator", "Global Administrator"}),
    )
)
