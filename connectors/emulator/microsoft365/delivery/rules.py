"""Mail flow rules during a delivery: whether they match, and their effects for one recipient.

The order is the priority. Follows learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/mail-flow-rules
and learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/mail-flow-rule-actions.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from connectors.emulator.delivery.matching import all_of, any_of, negate
from connectors.emulator.delivery.outcome import REDIRECTED, UNKNOWN, DeliveryOutcome, Step
from connectors.emulator.microsoft365.delivery.actions import Applied, apply_actions
from connectors.emulator.microsoft365.delivery.conditions import DECISIONS, SECOND_HALVES
from connectors.emulator.microsoft365.delivery.situation import Condition, Situation
from connectors.emulator.microsoft365.exchange.rules import CONDITIONS, SHOWN_ALONE
from connectors.emulator.store import Body

KIND = "transport_rule"
_EXCEPTION = "ExceptIf"
_NAMES = (*(parameter.name for parameter in CONDITIONS), *SHOWN_ALONE)
_MOST_DOUBTFUL = 8
"""Each rule in doubt doubles the ways that a message can take. With more rules in doubt, the result is unknown."""


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """Whether a rule matches, and the conditions that the message does not decide."""

    is_match: bool | None
    decisive: tuple[str, ...]  # conditions that are true, or the first that is false
    missing: tuple[str, ...]

    @property
    def why(self) -> str:
        return ", ".join(self.missing if self.is_match is None else self.decisive)


def match_rule(rule: Body, situation: Situation) -> RuleMatch:
    """Return whether a message meets every condition of a rule and none of its exceptions."""
    conditions = _decide_parts(rule, situation, "")
    exceptions = _decide_parts(rule, situation, _EXCEPTION)
    is_match = all_of([*conditions.values(), negate(any_of(exceptions.values()))])
    missing = [name for name, fact in (conditions | exceptions).items() if fact is None]
    if is_match is False:
        against = [name for name, fact in conditions.items() if fact is False]
        decisive = against or [name for name, fact in exceptions.items() if fact]
    else:
        decisive = [name for name, fact in conditions.items() if fact]
    return RuleMatch(is_match, tuple(decisive), tuple(missing))


def _decide_parts(rule: Body, situation: Situation, prefix: str) -> dict[str, bool | None]:
    """Return the decision for each condition or exception that a rule uses, by the name of its parameter."""
    return {
        condition.prefix + condition.name: _decide(condition, situation) for condition in _parts_in_use(rule, prefix)
    }


def _parts_in_use(rule: Body, prefix: str) -> Iterator[Condition]:
    for name in _NAMES:
        value = rule.get(prefix + name)
        if name not in SECOND_HALVES and value is not None and value is not False and value not in ([], ""):
            yield Condition(name, value, rule, prefix)


def _decide(condition: Condition, situation: Situation) -> bool | None:
    if situation.message.type == "Encrypted" and _needs_content(condition.name):
        return None
    if _lacks_subject(condition.name, situation):
        return False
    decide = DECISIONS.get(condition.name)
    return decide(situation, condition) if decide else None


def _lacks_subject(name: str, situation: Situation) -> bool:
    """Return whether a message has no attachment, or no person of the directory, for a condition about one.

    Follows learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/conditions-and-exceptions.
    """
    if name.startswith("Attachment"):
        return not situation.message.attachments
    if name.startswith("SenderADAttribute"):
        return not situation.is_sent_from_inside
    return name.startswith("RecipientADAttribute") and not situation.directory.is_inside(situation.recipient)


def _needs_content(name: str) -> bool:
    """Return whether a condition inspects the content, which rules cannot do in a message encrypted with S/MIME."""
    return name.startswith(("Attachment", "SubjectOrBody"))


def is_live(rule: Body, at: datetime) -> bool:
    """Return whether a rule acts on messages at a time: enabled, in mode Enforce, and between its dates."""
    begins, ends = rule.get("ActivationDate"), rule.get("ExpiryDate")
    return (
        rule.get("State", "Enabled") == "Enabled"
        and rule.get("Mode") in {None, "Enforce"}
        and (not begins or at >= datetime.fromisoformat(str(begins)))
        and (not ends or at < datetime.fromisoformat(str(ends)))
    )


_Finish: TypeAlias = Callable[[Applied], DeliveryOutcome]
"""Returns the outcome after the policies that follow the rules."""


def run_rules(
    rules: Sequence[Body], situation: Situation, outcome: DeliveryOutcome, finish: _Finish, doubts: int = 0
) -> Applied:
    """Return the outcome and the situation after the rules, in the order of their priorities.

    A rule that cannot be decided is both applied and left out. The result is unknown if the two differ. If they have
    the same result by different rules, the outcome names both rules.
    """
    for place, rule in enumerate(rules):
        if not is_live(rule, situation.message.at):
            continue
        match = match_rule(rule, situation)
        outcome = outcome.add_step(Step(KIND, str(rule["Name"]), match.is_match, match.why))
        before = Applied(situation, outcome)
        if match.is_match is None:
            unknown = outcome.decide(UNKNOWN, KIND, str(rule["Name"]), text=match.why)
            ways = () if doubts >= _MOST_DOUBTFUL else _try_both_ways(rules[place:], before, finish, doubts + 1)
            return next(iter(ways), Applied(situation, unknown, is_final=True))
        if match.is_match:
            applied = apply_actions(rule, situation, outcome)
            situation, outcome = applied.situation, applied.outcome
            if applied.is_final:
                return applied
    return Applied(situation, outcome)


def _try_both_ways(rules: Sequence[Body], before: Applied, finish: _Finish, doubts: int) -> list[Applied]:
    """Return the end of the rules without the first rule. The list is empty if the first rule changes the result."""
    left_out = run_rules(rules[1:], before.situation, before.outcome, finish, doubts)
    applied = apply_actions(rules[0], before.situation, before.outcome)
    if not applied.is_final:
        applied = run_rules(rules[1:], applied.situation, applied.outcome, finish, doubts)
    first, second = finish(left_out), finish(applied)
    same_targets = first.result != REDIRECTED or first.targets == second.targets
    same_result = (first.result, first.folder) == (second.result, second.folder) and same_targets
    if not same_result or first.result == UNKNOWN:
        return []
    if first.is_delivered:
        return [left_out]
    both = " or ".join(dict.fromkeys((second.by, first.by)))
    targets = tuple(sorted({*first.targets, *second.targets}))
    outcome = replace(first, by=both, text=first.text if first.text == second.text else "", targets=targets)
    return [replace(left_out, outcome=outcome, is_final=True)]
