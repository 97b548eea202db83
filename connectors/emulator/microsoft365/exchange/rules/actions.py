"""What a transport rule can do, and the settings it has beside conditions and actions."""

from connectors.emulator.microsoft365.exchange.parameters import CmdletParameter, Reach, Role


def _action(
    name: str,
    kind: str,
    *,
    needs: str | None = None,
    default: str | None = None,
    longest: int | None = None,
    most: int | None = None,
    reach: Reach = Reach.WORKS,
    shown_as: str | None = None,
) -> CmdletParameter:
    lowest, highest = {"SclValue": (-1, 9), "RejectStatusCode": (400, 500)}.get(kind, (None, None))
    return CmdletParameter(
        name,
        kind,
        role=Role.ACTION,
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
