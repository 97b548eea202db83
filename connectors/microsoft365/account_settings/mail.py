"""The policies of Exchange and Defender for a mailbox.

Only the first policy of a type applies: a preset policy, then the school's own policies by priority, then the default
policy. Follows https://learn.microsoft.com/defender-office-365/how-policies-and-protections-are-combined
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from connectors.microsoft365.exchange.recipients import plain_name
from connectors.microsoft365.exchange.service import RULES
from toolkit.sdk import (
    AccountFacts,
    Combination,
    LayeredSettings,
    MailObject,
    Objects,
    SettingLayer,
    Truth,
    all_of,
    answer,
    any_of,
    cannot_tell,
    mappings,
    negate,
    no,
    text,
    texts,
    yes,
)
from toolkit.values import Body, Json

_FILTERS: Mapping[str, str] = {
    "malware_filter_policy": "malware policy",
    "content_filter_policy": "spam policy",
    "anti_phish_policy": "anti-phishing policy",
    "safe_attachment_policy": "Safe Attachments policy",
    "outbound_spam_policy": "outbound policy",
}
_CHOSEN: Mapping[str, str] = {"owa_mailbox_policy": "Outlook on the web policy", "sharing_policy": "sharing policy"}
_PEOPLE, _GROUPS, _DOMAINS = (
    ("From", "SentTo"),
    ("FromMemberOf", "SentToMemberOf"),
    ("SenderDomainIs", "RecipientDomainIs"),
)
_DEFENDER, _EXCHANGE = "Defender portal > Policies & rules > Threat policies", "Exchange admin centre > Recipients"
_MAIL = "Mail"
KINDS = (*_FILTERS, *_CHOSEN)


def named_groups(objects: Objects) -> frozenset[str]:
    """Return the groups in the rules that apply policies."""
    rules = [rule for kind in _FILTERS for policy in objects.get(kind, ()) for rule in _rules_of(policy)]
    return frozenset(
        group.casefold() for rule in rules for name in _GROUPS for key in (name, f"ExceptIf{name}")
        for group in _to_texts(rule.get(key))
    )  # fmt: skip


def list_layers(facts: AccountFacts) -> Iterator[LayeredSettings]:
    """Yield the policies of each type, in the order in which Exchange looks at them."""
    for kind, title in _FILTERS.items():
        policies = sorted(facts.objects.get(kind, ()), key=_rank)
        yield LayeredSettings(
            area=_MAIL,
            title=title,
            layers=tuple(_to_layer(kind, policy, _reaches(policy, facts)) for policy in policies),
            combination=Combination.FIRST,
            where=_DEFENDER,
        )
    for kind, title in _CHOSEN.items():
        policies = list(facts.objects.get(kind, ()))
        several = len(policies) > 1
        yield LayeredSettings(
            area=_MAIL,
            title=title,
            layers=tuple(_to_layer(kind, policy, yes("for everyone")) for policy in policies),
            combination=Combination.FIRST,
            doubt="there are several policies, and which of them a mailbox has is not read" if several else "",
            where=_EXCHANGE,
        )


def _to_layer(kind: str, policy: MailObject, reaches: Truth) -> SettingLayer:
    unreadable = cannot_tell(policy.unreadable) if policy.unreadable else None
    return SettingLayer(kind, policy.name, policy.settings, unreadable or reaches)


def _rules_of(policy: MailObject) -> Sequence[Body]:
    return mappings(json.loads(text(policy.raw.get(RULES)) or "[]"))


def _is_default(policy: MailObject) -> bool:
    return policy.raw.get("IsDefault") is True


def _rank(policy: MailObject) -> tuple[int, int]:
    kind = text(policy.raw.get("RecommendedPolicyType"))
    if _is_default(policy):
        return 3, 0
    priorities = [int(str(rule.get("Priority") or 0)) for rule in _rules_of(policy) if _is_on(rule)]
    return {"Strict": 0, "Standard": 1}.get(kind, 2), min(priorities, default=0)


def _is_on(rule: Body) -> bool:
    return rule.get("State", "Enabled") == "Enabled"


def _reaches(policy: MailObject, facts: AccountFacts) -> Truth:
    if _is_default(policy):
        return yes("for everyone")
    rules = [rule for rule in _rules_of(policy) if _is_on(rule)]
    return any_of(_is_covered(rule, facts) for rule in rules) if rules else no("no rule applies it")


def _is_covered(rule: Body, facts: AccountFacts) -> Truth:
    """Return whether a rule covers the account. Every type of condition must match, and no exception may."""
    conditions = [*_conditions(rule, "", facts)]
    exceptions = [negate(exception) for exception in _conditions(rule, "ExceptIf", facts)]
    covered = all_of([*conditions, *exceptions])
    return covered if conditions or covered.value is not True else yes("for everyone")


def _conditions(rule: Body, prefix: str, facts: AccountFacts) -> Iterator[Truth]:
    address = facts.account.address
    for name in _PEOPLE:
        if people := _to_texts(rule.get(prefix + name)):
            yield answer(address in {person.casefold() for person in people}, "the account itself")
    for name in _GROUPS:
        if groups := _to_texts(rule.get(prefix + name)):
            yield any_of(_is_in_list(group.casefold(), facts) for group in groups)
    for name in _DOMAINS:
        if domains := _to_texts(rule.get(prefix + name)):
            own = "." + address.rpartition("@")[2]
            yield answer(any(own.endswith("." + plain_name(domain)) for domain in domains), "the domain")


def _is_in_list(name: str, facts: AccountFacts) -> Truth:
    """Return whether the account is in a list. The directory does not show dynamic lists, so they are unknown."""
    if name in facts.directory.gone:
        return cannot_tell(f"{name} is a dynamic list, or no longer exists")
    return facts.is_in(name)


def _to_texts(value: Json) -> Sequence[str]:
    return [value] if isinstance(value, str) else texts(value)
