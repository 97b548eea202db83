"""The enumerations of Exchange's parameters, by PowerShell's name of the type."""

from collections.abc import Mapping

_ATTRIBUTES = (
    "City Company Country Department DisplayName Email FaxNumber FirstName HomePhoneNumber Initials LastName Manager "
    "MobileNumber Notes Office OtherFaxNumber OtherHomePhoneNumber OtherPhoneNumber PagerNumber PhoneNumber POBox "
    "State Street Title UserLogonName ZipCode"
)
_MEMBERS = {
    # transport rules
    "AddedRecipientType": "To Cc Bcc Redirect",
    "DisclaimerFallbackAction": "Wrap Ignore Reject",
    "DisclaimerLocation": "Append Prepend",
    "EvaluatedUser": "Recipient Sender",
    "Evaluation": "Equal NotEqual",
    "FromUserScope": "InOrganization NotInOrganization",
    "Importance": "Low Normal High",
    "IncidentReportContent": (
        "Sender Recipients Subject CC BCC Severity RuleDetections FalsePositive IdMatch AttachOriginalMail"
    ),
    "IncidentReportOriginalMail": "IncludeOriginalMail DoNotIncludeOriginalMail",
    "ManagementRelationship": "Manager DirectReport",
    "MessageType": (
        "OOF AutoForward Encrypted Calendaring PermissionControlled Voicemail Signed ApprovalRequest ReadReceipt"
    ),
    "NotifySenderType": (
        "NotifyOnly RejectMessage RejectUnlessFalsePositiveOverride RejectUnlessSilentOverride "
        "RejectUnlessExplicitOverride"
    ),
    "RecipientAddressType": "Original Resolved",
    "RuleErrorAction": "Ignore Defer",
    "RuleMode": "Audit AuditAndNotify Enforce",
    "RuleState": "Enabled Disabled",
    "RuleSubType": "Dlp None",
    "SenderAddressLocation": "Header Envelope HeaderOrEnvelope",
    "AuditSeverity": "DoNotAudit Low Medium High",
    "ToUserScope": "InOrganization NotInOrganization ExternalPartner ExternalNonPartner",
    # outbound spam, malware
    "AutoForwardingMode": "Automatic Off On",
    "FileTypeFilteringAction": "Quarantine Reject",
    "OutboundRecipientLimitsExceededAction": "Alert BlockUserForToday BlockUser",
    # remote domains
    "AllowedOOFType": "External InternalLegacy ExternalLegacy None",
    "ByteEncoderTypeFor7BitCharsetsEnum": (
        "Use7Bit UseQP UseBase64 UseQPHtmlDetectTextPlain UseBase64HtmlDetectTextPlain UseQPHtml7BitTextPlain "
        "UseBase64Html7BitTextPlain Undefined"
    ),
    "CharacterSet": (
        "big5 din_66003 euc-jp euc-kr gb18030 gb2312 hz-gb-2312 iso-2022-jp iso-2022-kr iso-8859-1 iso-8859-13 "
        "iso-8859-15 iso-8859-2 iso-8859-3 iso-8859-4 iso-8859-5 iso-8859-6 iso-8859-7 iso-8859-8 iso-8859-9 koi8-r "
        "koi8-u ks_c_5601-1987 ns_4551-1 sen_850200_b shift_jis utf-7 utf-8 windows-1250 windows-1251 windows-1252 "
        "windows-1253 windows-1254 windows-1255 windows-1256 windows-1257 windows-1258 windows-874"
    ),
    "ContentType": "MimeHtmlText MimeText MimeHtml",
    "PreferredInternetCodePageForShiftJisEnum": "Undefined Iso2022Jp Esc2022Jp Sio2022Jp",
    # retention
    "ExpirationDateOption": "CreationAgeInDays ModificationAgeInDays",
    "RetentionComplianceAction": "Delete Keep KeepAndDelete",
    # recipients
    "RecipientType": (
        "UserMailbox MailContact MailUser MailUniversalDistributionGroup MailUniversalSecurityGroup "
        "MailNonUniversalGroup DynamicDistributionGroup PublicFolder"
    ),
    "RecipientTypeDetails": (
        "UserMailbox SharedMailbox RoomMailbox EquipmentMailbox SchedulingMailbox DiscoveryMailbox GroupMailbox "
        "LinkedMailbox TeamMailbox MailContact MailUser GuestMailUser MailUniversalDistributionGroup "
        "MailUniversalSecurityGroup MailNonUniversalGroup DynamicDistributionGroup RoomList PublicFolder"
    ),
}

MEMBERS: Mapping[str, tuple[str, ...]] = {
    **{kind: tuple(members.split()) for kind, members in _MEMBERS.items()},
    "ADAttribute": (*_ATTRIBUTES.split(), *(f"CustomAttribute{number}" for number in range(1, 16))),
}
