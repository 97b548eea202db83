"""The policies of Exchange and Defender for an account's mailbox.

Only the first policy of a type applies: a preset policy (strict before standard), then the school's own policies by
priority, then the default policy. Settings are never combined. See learn.microsoft.com/defender-office-365/
how-policies-and-protections-are-combined.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from connectors.emulator.effective.setting import UNKNOWN, VALUE, EffectiveSetting
from connectors.emulator.microsoft365.delivery.directory import ExchangeDirectory, read_directory
from connectors.emulator.microsoft365.effective.account import DirectoryAccount, strings
from connectors.emulator.store import Body


class _Family(NamedTuple):
    key: str
    policies: str
    rules: str
    column: str  # the property of a rule that names its policy
    presets: str  # the collection of the preset rules, "" if the type has none
    conditions: tuple[str, str, str] = ("SentTo", "SentToMemberOf", "RecipientDomainIs")


_FAMILIES = (
    _Family("malware_filter", "malwareFilterPolicies", "malwareFilterRules", "MalwareFilterPolicy", "presetRules"),
    _Family(
        "content_filter", "contentFilterPolicies", "contentFilterRules", "HostedContentFilterPolicy", "presetRules"
    ),
    _Family("anti_phish", "antiPhishPolicies", "antiPhishRules", "AntiPhishPolicy", "presetRules"),
    _Family(
        "safe_attachments", "safeAttachmentPolicies", "safeAttachmentRules", "SafeAttachmentPolicy",
        "presetRulesForLinksAndFiles",
    ),
    _Family(
        "outbound_spam", "outboundSpamPolicies", "outboundSpamRules", "HostedOutboundSpamFilterPolicy", "",
        ("From", "FromMemberOf", "SenderDomainIs"),
    ),
)  # fmt: skip
# The property of a mailbox that names its policy. Without it, the default policy applies (set-casmailbox, set-mailbox).
_NAMED = (("owa_mailbox", "owaMailboxPolicies", "OwaMailboxPolicy"), ("sharing", "sharingPolicies", "SharingPolicy"))
_DEFAULT = "default"


def mail_settings(account: DirectoryAccount) -> Iterator[EffectiveSetting]:
    """Yield the policy of each type for an account's mailbox. Yield nothing for an account without a mailbox."""
    directory = read_directory(account.store, account.tenant_id)
    mailbox = directory.mailboxes.get(account.address)
    if mailbox is None:
        return
    for family in _FAMILIES:
        if setting := _choose(family, account, directory):
            yield setting
    for key, collection, column in _NAMED:
        policies = account.rows(f"exchange.{collection}")
        name = str(mailbox.get(column) or _default_name(policies))
        if name:
            yield EffectiveSetting("mail_policy", key, VALUE, name, [_DEFAULT if not mailbox.get(column) else name])


def _choose(family: _Family, account: DirectoryAccount, directory: ExchangeDirectory) -> EffectiveSetting | None:
    own = sorted(account.rows(f"exchange.{family.rules}"), key=lambda rule: int(str(rule.get("Priority") or 0)))
    presets = account.rows(f"exchange.{family.presets}") if family.presets else []
    presets = sorted(presets, key=lambda rule: "strict" not in str(rule.get("Name")).lower())
    candidates = [(rule, _reaches(rule, family.conditions, account.address, directory)) for rule in (*presets, *own)]
    reaching = [(rule, fits) for rule, fits in candidates if rule.get("State") != "Disabled" and fits is not False]
    default = _default_name(account.rows(f"exchange.{family.policies}"))
    names = [str(rule.get(family.column)) for rule, _ in reaching] + ([default] if default else [])
    if not names:
        return None
    if reaching and reaching[0][1] is None:
        why = f"the members of a dynamic list in the rule {reaching[0][0].get('Name')}"
        return EffectiveSetting("mail_policy", family.key, UNKNOWN, why=why)
    return EffectiveSetting("mail_policy", family.key, VALUE, names[0], names[:1], names[1:])


def _reaches(rule: Body, conditions: Sequence[str], address: str, directory: ExchangeDirectory) -> bool | None:
    """Return whether a rule is for a mailbox: every type of condition must match, and no exception may.

    A preset rule without conditions is for everyone. None if a dynamic list decides.
    """
    facts = [_matches(name, rule.get(name), address, directory) for name in conditions if rule.get(name)]
    names = [f"ExceptIf{name}" for name in conditions]
    spared = [
        _matches(name.removeprefix("ExceptIf"), rule.get(name), address, directory) for name in names if rule.get(name)
    ]
    if False in facts or True in spared:
        return False
    return None if None in facts or None in spared else True


def _matches(name: str, value: object, address: str, directory: ExchangeDirectory) -> bool | None:
    listed = strings(value) if not isinstance(value, str) else [value]  # type: ignore[arg-type]
    if name.endswith("DomainIs"):
        domain = address.rpartition("@")[2]
        return any(domain == entry.lower() or domain.endswith("." + entry.lower()) for entry in listed)
    addresses = directory.primary_addresses(listed)
    return directory.is_member(address, addresses) if name.endswith("MemberOf") else address in addresses


def _default_name(policies: Sequence[Body]) -> str:
    return next((str(policy["Name"]) for policy in policies if policy.get("IsDefault") or policy.get("Default")), "")
