"""Policies of the mail filters, with the rules that say whom each reaches and which comes first.

https://learn.microsoft.com/defender-office-365/how-policies-and-protections-are-combined
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.microsoft365.builtin_objects import CmdletObjects
from connectors.microsoft365.exchange.service import RULES
from toolkit.errors import BadAnswer
from toolkit.sdk.kind import Rank
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.sdk.shapes import flag, mappings, text, texts
from toolkit.values import Body, canonical_text

if TYPE_CHECKING:
    from connectors.microsoft365.connection import Microsoft365
    from toolkit.sdk.endpoint import Wanted

_PRESETS = "EOPProtectionPolicyRule"
_CONDITIONS = ("From", "FromMemberOf", "SenderDomainIs", "SentTo", "SentToMemberOf", "RecipientDomainIs")
_PRESET, _CUSTOM, _DEFAULT = range(3)


@dataclass(frozen=True, slots=True)
class FilterPolicies(CmdletObjects):
    """Policies of one filter; `rules` is the noun of the cmdlet that shows the rules which apply them."""

    rules: str = ""
    presets: bool = False  # Microsoft's preset policies have one of these too

    def read(self, via: Microsoft365, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read all policies, and all rules that apply one."""
        policies = CmdletObjects.read(self, via, wanted)
        nouns = (self.rules, *([_PRESETS] if self.presets else []))
        rules = [row for noun in nouns for row in via.exchange.get(f"Get-{noun}", {})]
        return [_with_rules(policy, [row for row in rules if row.get(self.noun) == policy.name]) for policy in policies]


def _with_rules(policy: Remote | Unreadable, rules: list[Body]) -> Remote | Unreadable:
    if isinstance(policy, Unreadable):
        return policy
    ranked = replace(policy, body={**policy.body, RULES: canonical_text(rules)})
    rank(ranked)  # what cannot be understood is an answer that cannot be read
    return ranked


def rank(policy: Remote) -> Rank:
    """Return where a policy comes: the presets, then the others by the priority of their rules, then the default."""
    if flag(policy.body.get("IsDefault"), missing=False):
        return Rank((_DEFAULT, 0))
    preset = policy.body.get("RecommendedPolicyType") in {"Standard", "Strict"}
    rules = mappings(json.loads(text(policy.body.get(RULES)) or "[]"))
    enabled = [rule for rule in rules if rule.get("State") == "Enabled"]
    if not enabled:
        why = "the rule that applies it is off" if rules else "no rule applies it"
        return Rank((_PRESET if preset else _CUSTOM, 0), nobody=f"{why}, so it reaches no one", preset=preset)
    rule = enabled[0]
    return Rank((_PRESET if preset else _CUSTOM, _priority(rule)), _whom(rule), preset=preset)


def _priority(rule: Body) -> int:
    try:
        return int(str(rule.get("Priority") or 0))
    except ValueError as wrong:
        raise BadAnswer(f"a rule of the mail filters has a priority that is not a number: {wrong}") from wrong


def _whom(rule: Body) -> str:
    """Name whom a rule reaches; one without conditions reaches everybody but its exceptions."""
    asked = [f"{name} {', '.join(found)}" for name in _CONDITIONS if (found := texts(rule.get(name)))]
    excepted = [f"{name} {', '.join(found)}" for name in _CONDITIONS if (found := texts(rule.get(f"ExceptIf{name}")))]
    spared = f"except {', '.join(excepted)}" if excepted else ""
    return ", ".join(filter(None, [" and ".join(asked), spared]))
