"""Whether a message, a share or a sign-in gets through, derived from a tenant's objects without toolkit.

An unknown condition is an error, so that no rule is left out because it is not understood.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tests.emulated import Tenant

Row = Mapping[str, Any]
_ABOUT_A_RULE = frozenset(
    "Name Guid ImmutableId CreatedBy LastModifiedBy WhenChanged WhenChangedUTC State Mode Priority Comments "
    "Identity Id ObjectState Description RuleVersion RuleErrorAction SenderAddressLocation "
    "RecipientAddressType RuleSubType IsValid Size Conditions Exceptions Actions DlpPolicy DlpPolicyId "
    "ManuallyModified UseLegacyRegex StopRuleProcessing OrganizationId DistinguishedName ExchangeVersion "
    "HasSenderOverride IsRuleConfigurationSupported".split()
)
_OF_TOMORROW = {"ContentMatchesPrompt", "ExceptIfSenderInRecipientList"}
"""Properties of the messy school that no present client knows."""
_HARMLESS = frozenset(
    "SetSCL BlindCopyTo RouteMessageOutboundConnector GenerateNotification ApplyHtmlDisclaimerText SetHeaderName "
    "ApplyHtmlDisclaimerLocation ApplyHtmlDisclaimerFallbackAction SetHeaderValue SetAuditSeverity PrependSubject "
    "RejectMessageEnhancedStatusCode GenerateIncidentReport IncidentReportContent NotifySender CopyTo".split()
)
_STOPPING = {
    "RejectMessageReasonText": "is rejected",
    "DeleteMessage": "is deleted",
    "Quarantine": "is quarantined",
    "RedirectMessageTo": "is redirected",
    "ModerateMessageByUser": "waits for a moderator",
    "ModerateMessageByManager": "waits for a moderator",
}


class School:
    """The objects of a tenant that decide, each collection read once."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant
        self._read: dict[str, Mapping[str, dict[str, Any]]] = {}
        self.people = {user["mail"]: user for user in self.all("users") if user.get("mail")}

    def by_key(self, collection: str) -> Mapping[str, dict[str, Any]]:
        if collection not in self._read:
            self._read[collection] = self._tenant.objects(collection)
        return self._read[collection]

    def all(self, collection: str) -> Sequence[dict[str, Any]]:
        return list(self.by_key(collection).values())

    def groups_of(self, address: str) -> set[str]:
        """Return the addresses of the groups of a person."""
        person, groups = self.people.get(address, {}).get("id"), self.by_key("groups")
        members = self.by_key("members").items()
        return {str(groups[key]["mail"]) for key, of in members if key in groups and person in of["members"]}

    def inside(self, address: str) -> bool:
        return address.endswith(f"@{self._tenant.domain}")

    def meets(self, address: str, named: Sequence[str]) -> bool:
        """Return whether a list names an address, by its name or alias, or through a group."""
        names = {name.casefold() for name in named}
        own_names = {address, *self.groups_of(address)}
        return bool(names & {*own_names, *(name.partition("@")[0] for name in own_names)})


def stops_message(school: School, message: Row) -> str:
    """Return the reasons why a message is stopped; "" if it is not."""
    reasons = [
        *_by_rules(school, message),
        *_by_lists(school, message),
        *_by_file_types(school, message),
        *_by_limits(school, message),
    ]
    return "; ".join(reasons)


def _by_rules(school: School, message: Row) -> Iterator[str]:
    for rule in school.all("exchange.transportRules"):
        working = rule.get("State") == "Enabled" and rule.get("Mode") in (None, "Enforce")
        if not working or not _applies(school, rule, message):
            continue
        stopping = [how for name, how in _STOPPING.items() if rule.get(name)]
        if stopping:
            yield f"the rule {rule['Name']!r}: the message {stopping[0]}"
        if rule.get("StopRuleProcessing"):
            return


def _applies(school: School, rule: Row, message: Row) -> bool:
    """Return whether every condition of a rule holds and no exception does."""
    ignored = _ABOUT_A_RULE | _HARMLESS | _OF_TOMORROW | set(_STOPPING)
    said = {name: value for name, value in rule.items() if name not in ignored and value not in (None, "", [], False)}
    held = {name: _PREDICATES[name.removeprefix("ExceptIf")](school, value, message) for name, value in said.items()}
    return not any(held[name] if name.startswith("ExceptIf") else not held[name] for name in held)


def _is_from(school: School, named: Any, message: Row) -> bool:
    return school.meets(message["from"], named)


def _is_to(school: School, named: Any, message: Row) -> bool:
    return any(school.meets(reader, named) for reader in message["to"])


def _is_in_domain(address: str, domains: Sequence[str]) -> bool:
    return any(address.endswith((f"@{domain}", f".{domain}")) for domain in domains)


def _subject(_school: School, patterns: Any, message: Row) -> bool:
    return any(re.search(pattern, message.get("subject", ""), re.IGNORECASE) for pattern in patterns)


def _has_header(_school: School, _value: Any, _message: Row) -> bool:
    """Return False, because none of the messages has the header."""
    return False


_PREDICATES: Mapping[str, Callable[[School, Any, Row], bool]] = {
    "From": _is_from,
    "FromMemberOf": _is_from,
    "SentTo": _is_to,
    "SentToMemberOf": _is_to,
    "FromScope": lambda school, scope, message: school.inside(message["from"]) is (scope == "InOrganization"),
    "SentToScope": lambda school, scope, message: any(
        school.inside(reader) is (scope == "InOrganization") for reader in message["to"]
    ),
    "SenderDomainIs": lambda _, domains, message: _is_in_domain(message["from"], domains),
    "RecipientDomainIs": lambda _, domains, message: any(_is_in_domain(reader, domains) for reader in message["to"]),
    "RecipientAddressContainsWords": lambda _, words, message: any(
        word in reader for word in words for reader in message["to"]
    ),
    "SenderIpRanges": lambda _, ranges, message: message.get("ip") in ranges,
    "AttachmentHasExecutableContent": lambda _school, _value, message: bool(message.get("program")),
    "AttachmentExtensionMatchesWords": lambda _, types, message: bool({*types} & {*message.get("files", ())}),
    "SubjectMatchesPatterns": _subject,
    "SubjectOrBodyMatchesPatterns": _subject,
    "SubjectOrBodyContainsWords": lambda school, words, message: _subject(school, [*map(re.escape, words)], message),
    "AttachmentMatchesPatterns": lambda _, patterns, message: any(
        re.search(pattern, message.get("content", "")) for pattern in patterns
    ),
    "MessageTypeMatches": lambda _, kind, message: bool(message.get("type") == kind),
    "MessageSizeOver": lambda _, size, message: message.get("megabytes", 0) > int(str(size).partition(" ")[0]),
    "HeaderMatchesMessageHeader": _has_header,
    "HeaderMatchesPatterns": _has_header,
    "HeaderContainsMessageHeader": _has_header,
    "HeaderContainsWords": _has_header,
}
"""The conditions of rules. Any other condition is an error of the test."""


def _by_lists(school: School, message: Row) -> Iterator[str]:
    sender = message["from"]
    for row in school.all("exchange.lists"):
        if row["PrimarySmtpAddress"] not in message["to"]:
            continue
        bypass, only = row["BypassModerationFromSendersOrMembers"], row["AcceptMessagesOnlyFromSendersOrMembers"]
        if row["ModerationEnabled"] and not school.meets(sender, [*bypass, *row["ModeratedBy"]]):
            yield f"the list {row['Name']}: the message waits for a moderator"
        if only and not school.meets(sender, only):
            yield f"the list {row['Name']} takes no mail from {sender}"
        if row["RequireSenderAuthenticationEnabled"] and not school.inside(sender):
            yield f"the list {row['Name']} takes no mail from outside"


def _by_file_types(school: School, message: Row) -> Iterator[str]:
    """Apply the policy that wins: a preset that is enabled for everyone, or the default."""
    presets = [rule["MalwareFilterPolicy"] for rule in school.all("exchange.presetRules") if rule["State"] == "Enabled"]
    for policy in school.all("exchange.malwareFilterPolicies"):
        wins = policy["Name"] in presets if presets else policy["IsDefault"]
        if wins and policy["EnableFileFilter"] and (types := set(policy["FileTypes"]) & set(message.get("files", ()))):
            yield f"the malware policy {policy['Name']} stops {sorted(types)}"


def _by_limits(school: School, message: Row) -> Iterator[str]:
    default = next(policy for policy in school.all("exchange.outboundSpamPolicies") if policy["IsDefault"])
    outside = message.get("copies") or sum(not school.inside(reader) for reader in message["to"])
    limit = default["RecipientLimitExternalPerHour"]
    if school.inside(message["from"]) and limit and outside > limit:
        yield f"{outside} outside readers are more than {limit} an hour"
    (organisation,) = school.all("exchange.organizationConfig")
    if message.get("unauthenticated") and organisation["RejectDirectSend"]:
        yield "Exchange refuses direct send"


_LEVELS = ("disabled", "existingExternalUserSharingOnly", "externalUserSharingOnly", "externalUserAndGuestSharing")


def stops_share(school: School, share: Row) -> str:
    """Return why a file does not reach the person it is shared with; "" if it does."""
    if share["cloud"] == "microsoft365":
        (settings,) = school.all("sharepoint.settings")
        level, mode = settings["sharingCapability"], settings["sharingDomainRestrictionMode"]
        domain = share["with"].rpartition("@")[2]
        if _LEVELS.index(level) < _LEVELS.index(share["level"]):
            return f"sharing is {level}"
        if mode == "allowList" and domain not in settings["sharingAllowedDomainList"]:
            return f"{domain} is not among the domains to share with"
        return f"{domain} is blocked" if mode == "blockList" and domain in settings["sharingBlockedDomainList"] else ""
    allowed = {entry["domain"] for entry in school.all("google.allowlistedDomains")}
    mode = _root_value(school, "settings/drive_and_docs.external_sharing")["externalSharingMode"]
    domain = share["with"].rpartition("@")[2]
    if mode == "DISALLOWED" or (mode == "ALLOWLISTED_DOMAINS" and domain not in allowed):
        return f"Drive shares with {mode}, and {domain} is not among {sorted(allowed)}"
    return ""


def _root_value(school: School, kind: str) -> Row:
    """Return the value of a Google setting for the top unit. An administrator's value comes before Google's own."""
    (root,) = [key for key, unit in school.by_key("google.orgunits").items() if unit["orgUnitPath"] == "/"]
    unit = f"orgUnits/{root}"
    policies = [policy for policy in school.all("google.policies") if policy["setting"]["type"] == kind]
    policies = [policy for policy in policies if policy["policyQuery"].get("orgUnit") == unit]
    policies = [policy for policy in policies if not policy["policyQuery"].get("group")]
    policies.sort(key=lambda policy: policy["type"])  # ADMIN before SYSTEM
    value: Row = policies[0]["setting"]["value"]
    return value


def stops_sign_in(school: School, sign_in: Row) -> str:
    """Return why a person cannot sign in; "" if they can."""
    person = school.people.get(sign_in["who"]) or next(
        user for user in school.all("users") if user["userPrincipalName"] == sign_in["who"]
    )
    (defaults,) = school.all("entra.securityDefaults")
    if defaults["isEnabled"] and not sign_in.get("second_factor"):
        return "security defaults ask for a second factor"
    for policy in school.all("entra.conditionalAccessPolicies"):
        if policy["state"] == "enabled" and _is_for(school, policy["conditions"], person, sign_in):
            controls = (policy.get("grantControls") or {}).get("builtInControls", [])
            if "block" in controls or ("mfa" in controls and not sign_in.get("second_factor")):
                return f"{policy['displayName']!r} asks for {controls}"
    return "" if person["accountEnabled"] else "the account is blocked"


def _is_for(school: School, conditions: Row, person: Row, sign_in: Row) -> bool:
    users, apps = conditions["users"], conditions["clientAppTypes"]
    keys = {key for key, of in school.by_key("members").items() if person["id"] in of["members"]}
    roles = {role["roleTemplateId"] for key, role in school.by_key("directoryRoles").items() if key in keys}
    out = (
        {person["id"]} & {*users["excludeUsers"]}
        or keys & {*users["excludeGroups"]}
        or roles & {*users["excludeRoles"]}
    )
    named = {"All", person["id"]} & {*users["includeUsers"]} or keys & {*users["includeGroups"]}
    risky = conditions["userRiskLevels"] or conditions["signInRiskLevels"]
    client = sign_in.get("client", "browser")
    return bool(not out and (named or roles & {*users["includeRoles"]}) and not risky and {"all", client} & {*apps})
