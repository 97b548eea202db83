"""The policies after the mail rules: automatic forwarding, and spam levels that a rule sets.

Follows https://learn.microsoft.com/defender-office-365/outbound-spam-policies-external-email-forwarding
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from connectors.microsoft365.mail_flow.policy_objects import (
    OUTBOUND,
    REMOTE,
    SPAM,
    leaves,
    limit_to_only_policy,
    readable,
)
from toolkit.sdk import MailFacts, MailMessage, MailObject, MailResult, MailRule, Truth, all_of, cannot_tell, no, yes

_LIKELY, _HIGH = 5, 7
"""The spam levels from which a message is spam, and spam with high confidence."""


def forwarding_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the policies that stop mail which a mailbox forwards outside automatically."""
    policies: list[MailObject] = []
    for entry in readable(facts, OUTBOUND, "outbound policies"):
        if isinstance(entry, MailRule):
            yield _limit_to_forwarded(entry, facts, OUTBOUND)
        else:
            policies.append(entry)
    closed = [policy for policy in policies if policy.settings.get("auto_forwarding_mode") in {"Off", "Automatic"}]
    for policy in closed[:1] if len(closed) == len(policies) else closed:
        yield MailRule(
            kind=OUTBOUND,
            name=policy.name,
            matches=partial(_is_forwarded, facts, [] if len(closed) == len(policies) else policies),
            effect="rejects mail that is forwarded outside automatically",
            result=MailResult.REJECTED,
        )
    for entry in readable(facts, REMOTE, "remote domains"):
        if isinstance(entry, MailRule):
            yield _limit_to_forwarded(entry, facts, REMOTE)
        elif entry.name == "Default" and entry.settings.get("auto_forward_enabled") is False:
            yield MailRule(
                kind=REMOTE,
                name=entry.name,
                matches=partial(_is_forwarded_to_default, facts),
                effect="drops mail that is forwarded outside automatically",
                result=MailResult.DROPPED,
            )


def _limit_to_forwarded(unread: MailRule, facts: MailFacts, kind: str) -> MailRule:
    """Return the rule for unread policies, limited to mail that is forwarded automatically."""
    reason = facts.unread_kinds.get(kind, "not read")
    return replace(unread, matches=partial(_is_forwarded_unread, facts, reason))


def _is_auto_forward(message: MailMessage) -> Truth:
    if message.type is None:
        return cannot_tell("whether the message is forwarded automatically is not known")
    return yes("AutoForward") if message.type == "AutoForward" else no("not forwarded automatically")


def _is_forwarded(facts: MailFacts, policies: Sequence[MailObject], message: MailMessage, recipient: str) -> Truth:
    return limit_to_only_policy(all_of((_is_auto_forward(message), leaves(facts, message, recipient))), policies)


def _is_forwarded_to_default(facts: MailFacts, message: MailMessage, recipient: str) -> Truth:
    """Return whether a forwarded message goes to a domain without a remote domain of its own."""
    others = len(facts.objects.get(REMOTE, ())) > 1
    own = cannot_tell("the domains of other remote domains are not read") if others else yes()
    return all_of((_is_auto_forward(message), leaves(facts, message, recipient), own))


def _is_forwarded_unread(facts: MailFacts, reason: str, message: MailMessage, recipient: str) -> Truth:
    return all_of((_is_auto_forward(message), leaves(facts, message, recipient), cannot_tell(reason)))


_SPAM_RESULTS = {
    "Quarantine": MailResult.QUARANTINED,
    "Delete": MailResult.DROPPED,
    "Redirect": MailResult.REDIRECTED,
}


def spam_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the actions of the spam policies for a message whose spam level a rule has set."""
    policies: list[MailObject] = []
    for entry in readable(facts, SPAM, "spam policies"):
        if isinstance(entry, MailRule):
            reason = facts.unread_kinds.get(SPAM, "not read")
            yield replace(entry, matches=partial(_has_level, _LIKELY, 9, [], reason))
        else:
            policies.append(entry)
    for policy in policies:
        for setting, least, most in (
            ("spam_action", _LIKELY, _HIGH - 1),
            ("high_confidence_spam_action", _HIGH, 9),
        ):
            action = str(policy.settings.get(setting) or "MoveToJmf")
            yield MailRule(
                kind=SPAM,
                name=policy.name,
                matches=partial(_has_level, least, most, policies, ""),
                effect=f"treats the message as spam ({action})",
                result=_SPAM_RESULTS.get(action),
                is_note=action not in _SPAM_RESULTS,
            )


def _has_level(
    least: int, most: int, policies: Sequence[MailObject], unread: str, message: MailMessage, _recipient: str
) -> Truth:
    level = message.spam_level
    if level is None or not least <= level <= most:
        return no("no rule sets such a spam level")
    return cannot_tell(unread) if unread else limit_to_only_policy(yes(f"spam level {level}"), policies)
