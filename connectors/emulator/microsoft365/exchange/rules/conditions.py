"""What a transport rule can look for; every condition is an exception too, with ExceptIf before its name."""

from dataclasses import replace

from connectors.emulator.microsoft365.exchange.parameters import CmdletParameter, Reach, Role


def _condition(
    name: str,
    kind: str,
    *,
    needs: str | None = None,
    default: str | None = None,
    longest: int | None = None,
    reach: Reach = Reach.WORKS,
    entry: str = "String",
) -> CmdletParameter:
    return CmdletParameter(
        name,
        kind,
        entry=entry,
        role=Role.CONDITION,
        reach=reach,
        needs=(needs,) if needs else (),
        default=default,
        unset=False if kind == "Boolean" else None,
        longest=longest,
        lowest=-1 if kind == "SclValue" else None,
        highest=9 if kind == "SclValue" else None,
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
