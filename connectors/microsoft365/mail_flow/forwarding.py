"""The policies after the mail rules: automatic forwarding, and spam levels that a rule sets.

Follows https://learn.microsoft.com/defender-office-365/outbound-spam-policies-external-email-forwarding
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import partial

from connectors.microsoft365.mail_flow.policy_objects import (
    OUTBOUND,
    REMOTE,
    SPAM,
    Matches,
    is_from_outside,
    leaves,
    limit_to_only_policy,
)
from toolkit.sdk import (
    MailFacts,
    MailMessage,
    MailObject,
    MailResult,
    MailRule,
    Truth,
    all_of,
    any_of,
    cannot_tell,
    no,
    split_unread,
    text,
    yes,
)

_LIKELY, _HIGH = 5, 7
"""The spam levels from which a message is spam, and spam with high confidence."""


def forwarding_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the policies that stop mail which a mailbox forwards outside automatically."""
    policies, unread = split_unread(facts, OUTBOUND, "outbound policies")
    yield from (_limit_to_automatic(rule, facts) for rule in unread)
    closed = [policy for policy in policies if policy.settings.get("auto_forwarding_mode") in {"Off", "Automatic"}]
    for policy in closed[:1] if len(closed) == len(policies) else closed:
        yield MailRule(
            kind=OUTBOUND,
            name=policy.name,
            matches=partial(_is_forwarded, facts, [] if len(closed) == len(policies) else policies),
            effect="rejects mail that is forwarded outside automatically",
            result=MailResult.REJECTED,
        )
    domains, unread = split_unread(facts, REMOTE, "remote domains")
    yield from (_limit_to_automatic(rule, facts) for rule in unread)
    for entry in domains:
        if types := [name for setting, value, name in _REFUSED if entry.settings.get(setting) == value]:
            yield MailRule(
                kind=REMOTE,
                name=entry.name,
                matches=partial(_is_refused_abroad, facts, entry, types),
                effect="drops automatic mail to this domain outside",
                result=MailResult.DROPPED,
            )


_REFUSED = (("auto_forward_enabled", False, "AutoForward"), ("allowed_oof_type", "None", "OOF"))
"""Settings of a remote domain, with the value that refuses a type of message."""


def _limit_to_automatic(unread: MailRule, facts: MailFacts) -> MailRule:
    """Return the rule for unread policies, limited to mail that leaves automatically."""
    return replace(unread, matches=partial(_leaves_automatically, facts, unread.matches))


def _has_type(message: MailMessage, types: Collection[str]) -> Truth:
    if message.type is None:
        return cannot_tell("whether the message is sent automatically is not known")
    return yes(message.type) if message.type in types else no("not sent automatically")


def _is_forwarded(facts: MailFacts, policies: Sequence[MailObject], message: MailMessage, recipient: str) -> Truth:
    forwarded = all_of((_has_type(message, ["AutoForward"]), leaves(facts, message, recipient)))
    return limit_to_only_policy(forwarded, policies)


def _is_refused_abroad(
    facts: MailFacts, entry: MailObject, types: Collection[str], message: MailMessage, recipient: str
) -> Truth:
    domain = recipient.rpartition("@")[2].casefold()
    return all_of((_has_type(message, types), leaves(facts, message, recipient), _is_closest(facts, entry, domain)))


def _is_closest(facts: MailFacts, entry: MailObject, domain: str) -> Truth:
    """Return whether a remote domain is the closest to a domain. An object that a plan creates shows no domain yet."""
    own = _pattern(entry)
    others = [_pattern(other) for other in facts.objects.get(REMOTE, ()) if other is not entry]
    if own and not fnmatchcase(domain, own):
        return no(f"{domain} is not {own}")
    if own and any(other and fnmatchcase(domain, other) and len(other) > len(own) for other in others):
        return no(f"{domain} has a remote domain of its own")
    return yes() if own and all(others) else cannot_tell("the domain of a remote domain is not known")


def _pattern(entry: MailObject) -> str:
    return text(entry.raw.get("DomainName")).casefold() or ("*" if entry.name == "Default" else "")


def _leaves_automatically(facts: MailFacts, unread: Matches, message: MailMessage, recipient: str) -> Truth:
    automatic = _has_type(message, ["AutoForward", "OOF"])
    return all_of((automatic, leaves(facts, message, recipient), unread(message, recipient)))


_SPAM_RESULTS = {
    "Quarantine": MailResult.QUARANTINED,
    "Delete": MailResult.DROPPED,
    "Redirect": MailResult.REDIRECTED,
}


def spam_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the actions of the spam policies for a message whose spam level a rule has set."""
    policies, unread = split_unread(facts, SPAM, "spam policies")
    for rule in unread:
        yield replace(rule, matches=partial(_has_level, facts, [], levels=(_LIKELY, 9), unread=rule.matches))
    for policy in policies:
        for setting, levels in (
            ("spam_action", (_LIKELY, _HIGH - 1)),
            ("high_confidence_spam_action", (_HIGH, 9)),
        ):
            action = str(policy.settings.get(setting) or "MoveToJmf")
            yield MailRule(
                kind=SPAM,
                name=policy.name,
                matches=partial(_has_level, facts, policies, levels=levels),
                effect=f"treats the message as spam ({action})",
                result=_SPAM_RESULTS.get(action),
                is_note=action not in _SPAM_RESULTS,
            )


def _has_level(
    facts: MailFacts,
    policies: Sequence[MailObject],
    message: MailMessage,
    recipient: str,
    *,
    levels: tuple[int, int],
    unread: Matches | None = None,
) -> Truth:
    """Return whether a rule has set a level of spam, and the policy for mail that comes in acts on it."""
    level = message.spam_level
    if level is None or not levels[0] <= level <= levels[1]:
        return no("no rule sets such a spam level")
    if not facts.directory.is_at_school(recipient):
        return no("the recipient is outside")
    if unread:
        return unread(message, recipient)
    inside = cannot_tell("Microsoft does not document a spam level that a rule sets for mail inside")
    comes_in = any_of((is_from_outside(facts, message), inside))
    return limit_to_only_policy(all_of((yes(f"spam level {level}"), comes_in)), policies)
