"""The filters before and after the mail rules, the mailing lists, and the notes about a message that goes on.

The recipients of a policy are not among the settings that toolkit reads, so any policy next to the default may apply.

Follows https://learn.microsoft.com/defender-office-365/how-policies-and-protections-are-combined and
https://learn.microsoft.com/defender-office-365/outbound-spam-policies-external-email-forwarding
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from connectors.microsoft365.mail_flow.conditions import Meeting, is_in_ranges
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
    negate,
    no,
    unreadable_rule,
    yes,
)
from toolkit.values import entries

CONNECTION, MALWARE, SAFE_FILES = "connection_filter", "malware_filter_policy", "safe_attachment_policy"
SPAM, LISTS, OUTBOUND = "content_filter_policy", "list_moderation", "outbound_spam_policy"
REMOTE, TAG, RETENTION = "remote_domain", "external_in_outlook", "retention_policy"
_LIKELY, _HIGH = 5, 7
"""The spam levels from which a message is spam, and spam with high confidence."""

Matches = Callable[[MailMessage, str], Truth]


def _readable(facts: MailFacts, kind: str, title: str) -> Iterator[MailObject | MailRule]:
    """Yield the objects of a kind, and a rule for each part that could not be read."""
    if kind in facts.unread_kinds:
        yield unreadable_rule(kind, title, facts.unread_kinds[kind])
    for entry in facts.objects.get(kind, ()):
        yield unreadable_rule(kind, entry.name, entry.unreadable) if entry.unreadable else entry


def _is_from_outside(facts: MailFacts, message: MailMessage) -> Truth:
    return negate(Meeting(message, "", facts.directory, {}).sender_is_inside())


def _leaves(facts: MailFacts, message: MailMessage, recipient: str) -> Truth:
    """Return whether a message goes from inside to outside."""
    if facts.directory.is_at_school(recipient):
        return no("the recipient is inside")
    return negate(_is_from_outside(facts, message))


def connection_filter(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the lists of servers whose mail is refused, or skips the spam filter."""
    for entry in _readable(facts, CONNECTION, "connection filter"):
        if isinstance(entry, MailRule):
            yield entry
            continue
        for setting, result, effect in (
            ("ip_block_list", MailResult.REJECTED, "refuses mail from this server"),
            ("ip_allow_list", None, "mail from this server skips the spam filter"),
        ):
            if entries(entry.settings.get(setting)):
                yield MailRule(
                    kind=CONNECTION,
                    name=entry.name,
                    matches=partial(_is_from_server, facts, entry, setting),
                    effect=effect,
                    result=result,
                    change=None if result else lambda message: replace(message, spam_level=-1),
                )


def _is_from_server(facts: MailFacts, policy: MailObject, setting: str, message: MailMessage, _recipient: str) -> Truth:
    if message.ip is None:
        listed = cannot_tell("the address of the sending server is not known (--ip)")
    else:
        listed = is_in_ranges(message.ip, policy.settings.get(setting))
    return all_of((_is_from_outside(facts, message), listed))


def malware_filter(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the policies that block attachments by their type."""
    policies: list[MailObject] = []
    for entry in _readable(facts, MALWARE, "malware policies"):
        if isinstance(entry, MailRule):
            yield entry
        else:
            policies.append(entry)
    if len(policies) > 1 and len({_rejects(policy) for policy in policies}) == 1:
        name = " or ".join(policy.name for policy in policies)
        yield _file_rule(name, _rejects(policies[0]), partial(_is_blocked_by_all, policies))
    for policy in policies:
        yield _file_rule(policy.name, _rejects(policy), partial(_has_blocked_file, policy, policies))


def _rejects(policy: MailObject) -> bool:
    return policy.settings.get("file_type_action", "Reject") == "Reject"


def _file_rule(name: str, rejects: bool, matches: Matches) -> MailRule:  # noqa: FBT001 - of the policy
    return MailRule(
        kind=MALWARE,
        name=name,
        matches=matches,
        effect=f"{'rejects' if rejects else 'puts into quarantine'} messages with files of the listed types",
        result=MailResult.REJECTED if rejects else MailResult.QUARANTINED,
    )


def _is_blocked_by_all(policies: Sequence[MailObject], message: MailMessage, _recipient: str) -> Truth:
    return all_of(_blocks_file(policy, message) for policy in policies)


def _has_blocked_file(
    policy: MailObject, policies: Sequence[MailObject], message: MailMessage, _recipient: str
) -> Truth:
    return _limit_to_only_policy(_blocks_file(policy, message), policies)


def _blocks_file(policy: MailObject, message: MailMessage) -> Truth:
    if not policy.settings.get("enable_file_filter"):
        return no("the file filter is off")
    types = {entry.casefold() for entry in entries(policy.settings.get("file_types"))}
    return any_of(yes(file.name) if file.extension in types else no(file.name) for file in message.attachments)


def _limit_to_only_policy(truth: Truth, policies: Sequence[MailObject]) -> Truth:
    """Return an answer for a policy that applies for certain only if it is the only policy."""
    if truth.value and len(policies) > 1:
        return cannot_tell(*truth.reasons, "which of several policies applies to this recipient is not read")
    return truth


def posting_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield who may write to a mailing list, and whose messages wait for a moderator."""
    for entry in _readable(facts, LISTS, "mailing lists"):
        if isinstance(entry, MailRule):
            yield entry
            continue
        settings, name = entry.settings, entry.name
        if settings.get("inside_only"):
            yield _list_rule(
                name,
                partial(_writes_from_outside, facts, name),
                "refuses mail from outside",
                MailResult.REJECTED,
            )
        if accepted := entries(settings.get("accepted_senders")):
            yield _list_rule(
                name,
                partial(_is_not_among, facts, name, accepted),
                "only the named senders may write to the list",
                MailResult.REJECTED,
            )
        if settings.get("moderated"):
            moderators = entries(settings.get("moderators"))
            spared = (*entries(settings.get("bypass")), *moderators)
            yield replace(
                _list_rule(
                    name,
                    partial(_is_not_among, facts, name, spared),
                    f"the message waits for {' or '.join(moderators)}",
                    MailResult.MODERATED,
                ),
                people=tuple(sorted(moderators)),
            )


def people_of_lists(lists: Sequence[MailObject]) -> frozenset[str]:
    """Return the people and groups that may write to mailing lists."""
    settings = ("accepted_senders", "bypass")
    return frozenset(person for entry in lists for name in settings for person in entries(entry.settings.get(name)))


def _list_rule(name: str, matches: Matches, effect: str, result: MailResult) -> MailRule:
    return MailRule(kind=LISTS, name=name, matches=matches, effect=effect, result=result)


def _writes_from_outside(facts: MailFacts, name: str, message: MailMessage, recipient: str) -> Truth:
    if not facts.directory.is_person(recipient, name):
        return no(f"not to {name}")
    return _is_from_outside(facts, message)


def _is_not_among(facts: MailFacts, name: str, people: Sequence[str], message: MailMessage, recipient: str) -> Truth:
    directory = facts.directory
    if not directory.is_person(recipient, name):
        return no(f"not to {name}")
    if any(directory.is_person(message.sender, person) for person in people):
        return no(f"{message.sender} is named")
    groups = [person for person in people if person in directory.groups or person in directory.unread_groups]
    among = any_of(directory.is_member(message.sender, group) for group in groups)
    return negate(among) if among.value is not False else yes(f"{message.sender} may not write to the list, or waits")


def forwarding_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the policies that stop mail which a mailbox forwards outside automatically."""
    policies: list[MailObject] = []
    for entry in _readable(facts, REMOTE, "remote domains"):
        if isinstance(entry, MailRule):
            yield replace(
                entry, matches=partial(_is_forwarded_unread, facts, facts.unread_kinds.get(REMOTE, "not read"))
            )
        elif entry.name == "Default" and entry.settings.get("auto_forward_enabled") is False:
            yield MailRule(
                kind=REMOTE,
                name=entry.name,
                matches=partial(_is_forwarded_to_default, facts),
                effect="drops mail that is forwarded outside automatically",
                result=MailResult.DROPPED,
            )
    for entry in _readable(facts, OUTBOUND, "outbound policies"):
        if isinstance(entry, MailRule):
            yield replace(
                entry, matches=partial(_is_forwarded_unread, facts, facts.unread_kinds.get(OUTBOUND, "not read"))
            )
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


def _limit_to_forwarded(unread: MailRule, facts: MailFacts, kind: str) -> MailRule:
    """Return the rule for unread policies, limited to mail that is forwarded automatically."""
    reason = facts.unread_kinds.get(kind, "not read")
    return replace(unread, matches=partial(_is_forwarded_unread, facts, reason))


def _is_auto_forward(message: MailMessage) -> Truth:
    if message.type is None:
        return cannot_tell("whether the message is forwarded automatically is not known")
    return yes("AutoForward") if message.type == "AutoForward" else no("not forwarded automatically")


def _is_forwarded(facts: MailFacts, policies: Sequence[MailObject], message: MailMessage, recipient: str) -> Truth:
    return _limit_to_only_policy(all_of((_is_auto_forward(message), _leaves(facts, message, recipient))), policies)


def _is_forwarded_to_default(facts: MailFacts, message: MailMessage, recipient: str) -> Truth:
    """Return whether a forwarded message goes to a domain without a remote domain of its own."""
    others = len(facts.objects.get(REMOTE, ())) > 1
    own = cannot_tell("the domains of other remote domains are not read") if others else yes()
    return all_of((_is_auto_forward(message), _leaves(facts, message, recipient), own))


def _is_forwarded_unread(facts: MailFacts, reason: str, message: MailMessage, recipient: str) -> Truth:
    return all_of((_is_auto_forward(message), _leaves(facts, message, recipient), cannot_tell(reason)))


_SPAM_RESULTS = {
    "Quarantine": MailResult.QUARANTINED,
    "Delete": MailResult.DROPPED,
    "Redirect": MailResult.REDIRECTED,
}


def spam_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the actions of the spam policies for a message whose spam level a rule has set."""
    policies: list[MailObject] = []
    for entry in _readable(facts, SPAM, "spam policies"):
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
    return cannot_tell(unread) if unread else _limit_to_only_policy(yes(f"spam level {level}"), policies)


def notes(facts: MailFacts) -> Iterator[MailRule]:
    """Yield notes about a message that no rule stops, such as its retention."""
    for entry in facts.objects.get(SAFE_FILES, ()):
        if entry.settings.get("enable"):
            yield _note(SAFE_FILES, entry.name, partial(_scans, entry), "opens the attachments first (some minutes)")
    for entry in facts.objects.get(TAG, ()):
        if entry.settings.get("enabled"):
            yield _note(TAG, entry.name, partial(_is_tagged, facts, entry), "Outlook marks the message as External")
    for entry in facts.objects.get(OUTBOUND, ()):
        limit = entry.settings.get("recipient_limit_external_per_hour")
        if limit and entry.name == "Default":
            effect = f"at most {limit} recipients outside in an hour, but the number so far is not known"
            yield _note(OUTBOUND, entry.name, partial(_leaves, facts), effect)
    for entry in facts.objects.get(RETENTION, ()):
        if entry.settings.get("enabled") and entries(entry.settings.get("mail")) == ("all",):
            days = entry.settings.get("keep_days")
            words = _duration(days) if isinstance(days, int) else "without an end"
            yield _note(RETENTION, entry.name, partial(_is_kept, facts), f"keeps the message {words}")


_YEAR = 365


def _duration(days: int) -> str:
    return f"for {days // _YEAR} years" if days > _YEAR and not days % _YEAR else f"for {days} days"


def _note(kind: str, name: str, matches: Matches, effect: str) -> MailRule:
    return MailRule(kind=kind, name=name, matches=matches, effect=effect, is_note=True)


def _scans(policy: MailObject, message: MailMessage, recipient: str) -> Truth:
    domains = entries(policy.settings.get("domains"))
    covered = recipient.rpartition("@")[2].casefold() in domains
    return yes() if message.attachments and covered else no()


def _is_tagged(facts: MailFacts, tag: MailObject, message: MailMessage, recipient: str) -> Truth:
    allowed = entries(tag.settings.get("allow_list"))
    domain = message.sender.rpartition("@")[2]
    if message.sender in allowed or domain in allowed or not facts.directory.is_at_school(recipient):
        return no("the sender is trusted")
    return _is_from_outside(facts, message)


def _is_kept(facts: MailFacts, _message: MailMessage, recipient: str) -> Truth:
    return yes() if facts.directory.is_at_school(recipient) else no()
