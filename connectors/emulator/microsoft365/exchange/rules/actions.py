"""What a transport rule can look for and do, and its other settings."""

from dataclasses import replace
from functools import partial

from connectors.emulator.microsoft365.exchange.parameters import CmdletParameter, Reach, Role


def _action(
    name: str,
    kind: str,
    *,
    role: Role = Role.ACTION,
    needs: str | None = None,
    default: str | None = None,
    longest: int | None = None,
    most: int | None = None,
    reach: Reach = Reach.WORKS,
    shown_as: str | None = None,
    entry: str = "String",
) -> CmdletParameter:
    lowest, highest = {"SclValue": (-1, 9), "RejectStatusCode": (400, 500)}.get(kind, (None, None))
    return CmdletParameter(
        name,
        kind,
        entry=entry,
        role=role,
        reach=reach,
        needs=(needs,) if needs else (),
        default=default,
        unset=False if kind == "Boolean" else None,
        longest=longest,
        most=most,
        lowest=lowest,
        highest=highest,
        shown_as=shown_as,
    )


_condition = partial(_action, role=Role.CONDITION)
ACTIONS = (
    _action("AddManagerAsRecipientType", "AddedRecipientType"),
    _action("AddToRecipients", "RecipientIdParameter[]"),
    _action("ApplyClassification", "String"),
    _action(
        "ApplyHtmlDisclaimerFallbackAction", "DisclaimerFallbackAction", needs="ApplyHtmlDisclaimerText", default="Wrap"
    ),
    _action("ApplyHtmlDisclaimerLocation", "DisclaimerLocation", needs="ApplyHtmlDisclaimerText", default="Append"),
    _action("ApplyHtmlDisclaimerText", "DisclaimerText", longest=5000),
    _action("ApplyOME", "Boolean"),
    _action(
        "ApplyRightsProtectionCustomizationTemplate",
        "OMEConfigurationIdParameter",
        needs="ApplyRightsProtectionTemplate",
    ),
    _action("ApplyRightsProtectionTemplate", "RmsTemplateIdParameter"),
    _action("BlindCopyTo", "RecipientIdParameter[]"),
    _action("CopyTo", "RecipientIdParameter[]"),
    _action("DeleteMessage", "Boolean"),
    _action("Disconnect", "Boolean", reach=Reach.IGNORED),
    _action("GenerateIncidentReport", "RecipientIdParameter", needs="IncidentReportContent"),
    _action("GenerateNotification", "DisclaimerText", longest=5120),
    _action("IncidentReportContent", "IncidentReportContent[]", needs="GenerateIncidentReport"),
    _action("IncidentReportOriginalMail", "IncidentReportOriginalMail", reach=Reach.ABSENT),
    _action("LogEventText", "EventLogText", reach=Reach.IGNORED),
    _action("ModerateMessageByManager", "Boolean"),
    _action("ModerateMessageByUser", "RecipientIdParameter[]", most=10),
    _action("NotifySender", "NotifySenderType", reach=Reach.IGNORED, shown_as="SenderNotificationType"),
    _action("PrependSubject", "SubjectPrefix"),
    _action("Quarantine", "Boolean"),
    _action("RedirectMessageTo", "RecipientIdParameter[]", most=10),
    _action("RejectMessageEnhancedStatusCode", "RejectEnhancedStatus"),
    _action("RejectMessageReasonText", "RejectText", longest=1024),
    _action("RemoveHeader", "HeaderName"),
    _action("RemoveOME", "Boolean"),
    _action("RemoveOMEv2", "Boolean"),
    _action("RemoveRMSAttachmentEncryption", "Boolean"),
    _action("RouteMessageOutboundConnector", "OutboundConnectorIdParameter"),
    _action("RouteMessageOutboundRequireTls", "Boolean"),
    _action("SetAuditSeverity", "AuditSeverity"),
    _action("SetHeaderName", "HeaderName", needs="SetHeaderValue"),
    _action("SetHeaderValue", "HeaderValue", needs="SetHeaderName"),
    _action("SetSCL", "SclValue"),
    _action("SmtpRejectMessageRejectStatusCode", "RejectStatusCode", reach=Reach.IGNORED),
    _action("SmtpRejectMessageRejectText", "RejectText", reach=Reach.IGNORED),
    _action("StopRuleProcessing", "Boolean"),
)


def _setting(name: str, kind: str, default: str) -> CmdletParameter:
    return CmdletParameter(name, kind, default=default, unset=default, nullable=False)


SETTINGS = (
    CmdletParameter("ActivationDate", "DateTime"),
    CmdletParameter("Comments", "String", longest=1024),
    CmdletParameter("DlpPolicy", "String", reach=Reach.IGNORED),
    CmdletParameter("DomainController", "Fqdn", reach=Reach.ABSENT),
    CmdletParameter("ExpiryDate", "DateTime"),
    _setting("Mode", "RuleMode", "Enforce"),
    CmdletParameter("Name", "String", nullable=False, longest=64),
    CmdletParameter("Priority", "Int32", nullable=False, lowest=0),
    _setting("RecipientAddressType", "RecipientAddressType", "Resolved"),
    _setting("RuleErrorAction", "RuleErrorAction", "Ignore"),
    CmdletParameter("RuleSubType", "RuleSubType", reach=Reach.UNSET, default="None", unset="None", nullable=False),
    _setting("SenderAddressLocation", "SenderAddressLocation", "Header"),
)

# A rule is switched on and off by its own two cmdlets afterwards.
ONLY_NEW = (
    CmdletParameter("Enabled", "Boolean", default=True, nullable=False, shown_as="State"),
    CmdletParameter("UseLegacyRegex", "Boolean", reach=Reach.UNSET, unset=False, nullable=False),
)


CONDITIONS = (
    _condition("ADComparisonAttribute", "ADAttribute"),
    _condition("ADComparisonOperator", "Evaluation", needs="ADComparisonAttribute", default="Equal"),
    _condition("AnyOfCcHeader", "RecipientIdParameter[]"),
    _condition("AnyOfCcHeaderMemberOf", "RecipientIdParameter[]"),
    _condition("AnyOfRecipientAddressContainsWords", "Word[]"),
    _condition("AnyOfRecipientAddressMatchesPatterns", "Pattern[]"),
    _condition("AnyOfToCcHeader", "RecipientIdParameter[]"),
    _condition("AnyOfToCcHeaderMemberOf", "RecipientIdParameter[]"),
    _condition("AnyOfToHeader", "RecipientIdParameter[]"),
    _condition("AnyOfToHeaderMemberOf", "RecipientIdParameter[]"),
    _condition("AttachmentContainsWords", "Word[]"),
    _condition("AttachmentExtensionMatchesWords", "Word[]"),
    _condition("AttachmentHasExecutableContent", "Boolean"),
    _condition("AttachmentIsPasswordProtected", "Boolean"),
    _condition("AttachmentIsUnsupported", "Boolean"),
    _condition("AttachmentMatchesPatterns", "Pattern[]"),
    _condition("AttachmentNameMatchesPatterns", "Pattern[]"),
    _condition("AttachmentProcessingLimitExceeded", "Boolean"),
    _condition("AttachmentPropertyContainsWords", "Word[]"),
    _condition("AttachmentSizeOver", "ByteQuantifiedSize"),
    _condition("BetweenMemberOf1", "RecipientIdParameter[]", needs="BetweenMemberOf2"),
    _condition("BetweenMemberOf2", "RecipientIdParameter[]", needs="BetweenMemberOf1"),
    _condition("ContentCharacterSetContainsWords", "Word[]"),
    _condition("From", "RecipientIdParameter[]"),
    _condition("FromAddressContainsWords", "Word[]"),
    _condition("FromAddressMatchesPatterns", "Pattern[]"),
    _condition("FromMemberOf", "RecipientIdParameter[]"),
    _condition("FromScope", "FromUserScope"),
    _condition("HasClassification", "String"),
    _condition("HasNoClassification", "Boolean"),
    _condition("HasSenderOverride", "Boolean", reach=Reach.IGNORED),
    _condition("HeaderContainsMessageHeader", "HeaderName", needs="HeaderContainsWords"),
    _condition("HeaderContainsWords", "Word[]", needs="HeaderContainsMessageHeader"),
    _condition("HeaderMatchesMessageHeader", "HeaderName", needs="HeaderMatchesPatterns"),
    _condition("HeaderMatchesPatterns", "Pattern[]", needs="HeaderMatchesMessageHeader"),
    _condition("ManagerAddresses", "RecipientIdParameter[]", needs="ManagerForEvaluatedUser"),
    _condition("ManagerForEvaluatedUser", "EvaluatedUser", needs="ManagerAddresses"),
    _condition("MessageContainsDataClassifications", "Hashtable[]", reach=Reach.IGNORED),
    _condition("MessageSizeOver", "ByteQuantifiedSize"),
    _condition("MessageTypeMatches", "MessageType"),
    _condition("RecipientADAttributeContainsWords", "Word[]"),
    _condition("RecipientADAttributeMatchesPatterns", "Pattern[]"),
    _condition("RecipientAddressContainsWords", "Word[]"),
    _condition("RecipientAddressMatchesPatterns", "Pattern[]"),
    _condition("RecipientDomainIs", "Word[]"),
    _condition("RecipientInSenderList", "Word[]", reach=Reach.RESERVED),
    _condition("SCLOver", "SclValue"),
    _condition("SenderADAttributeContainsWords", "Word[]"),
    _condition("SenderADAttributeMatchesPatterns", "Pattern[]"),
    _condition("SenderDomainIs", "Word[]"),
    _condition("SenderInRecipientList", "Word[]", reach=Reach.RESERVED),
    _condition("SenderIpRanges", "MultiValuedProperty", entry="IpRange"),
    _condition("SenderManagementRelationship", "ManagementRelationship"),
    _condition("SentTo", "RecipientIdParameter[]"),
    _condition("SentToMemberOf", "RecipientIdParameter[]"),
    _condition("SentToScope", "ToUserScope"),
    _condition("SubjectContainsWords", "Word[]", longest=128),
    _condition("SubjectMatchesPatterns", "Pattern[]"),
    _condition("SubjectOrBodyContainsWords", "Word[]", longest=128),
    _condition("SubjectOrBodyMatchesPatterns", "Pattern[]"),
    _condition("WithImportance", "Importance"),
)

EXCEPTIONS = tuple(
    replace(
        condition,
        name=f"ExceptIf{condition.name}",
        role=Role.EXCEPTION,
        needs=tuple(f"ExceptIf{name}" for name in condition.needs),
    )
    for condition in CONDITIONS
)
