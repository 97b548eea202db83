"""The filters before the mail rules: servers, types of files, and who may write to a mailing list.

The recipients of a policy are not among the settings that toolkit reads, so any policy next to the default may apply.

Follows https://learn.microsoft.com/defender-office-365/how-policies-and-protections-are-combined
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from connectors.microsoft365.kinds.list_moderation.mailing_lists import BCC_BLOCKED, REFUSED
from connectors.microsoft365.mail_flow.conditions import is_in_ranges
from connectors.microsoft365.mail_flow.policy_objects import (
    CONNECTION,
    LISTS,
    MALWARE,
    ORGANISATION,
    Matches,
    is_from_outside,
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
    negate,
    no,
    split_unread,
    texts,
    yes,
)
from toolkit.values import entries


def connection_filter(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the lists of servers whose mail is refused, or skips the spam filter."""
    policies, unread = split_unread(facts, CONNECTION, "connection filter")
    yield from unread
    for entry in policies:
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


def direct_send(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the setting that refuses mail in the school's name from a server that did not sign in.

    Only the sender of the envelope counts. Follows
    https://techcommunity.microsoft.com/blog/exchange/introducing-more-control-over-direct-send-in-exchange-online/4408790
    """
    settings, unread = split_unread(facts, ORGANISATION, "Direct Send")
    for rule in unread:
        yield replace(rule, matches=partial(_is_sent_directly, facts, rule.matches))
    for entry in settings:
        if entry.settings.get("reject_direct_send"):
            yield MailRule(
                kind=ORGANISATION,
                name=entry.name,
                matches=partial(_is_sent_directly, facts, lambda _message, _recipient: yes()),
                effect="refuses mail in the school's name from a server that did not sign in",
                result=MailResult.REJECTED,
            )


def _is_sent_directly(facts: MailFacts, is_refused: Matches, message: MailMessage, recipient: str) -> Truth:
    directory, envelope = facts.directory, message.envelope_sender or message.sender
    if not (directory.is_at_school(envelope) and directory.is_at_school(recipient)):
        return no("not in the school's name to the school")
    if message.is_authenticated is None:
        return all_of((is_refused(message, recipient), cannot_tell("whether the server signed in is not known")))
    return no("the sender signed in") if message.is_authenticated else is_refused(message, recipient)


def _is_from_server(facts: MailFacts, policy: MailObject, setting: str, message: MailMessage, _recipient: str) -> Truth:
    if message.ip is None:
        listed = cannot_tell("the address of the sending server is not known (--ip)")
    else:
        listed = is_in_ranges(message.ip, policy.settings.get(setting))
        if setting == "ip_block_list" and is_in_ranges(message.ip, policy.settings.get("ip_allow_list")).value:
            listed = no("the server is also in the list of allowed servers, which counts first")
    return all_of((is_from_outside(facts, message), listed))


def malware_filter(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the policies that block attachments by their type."""
    policies, unread = split_unread(facts, MALWARE, "malware policies")
    yield from unread
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
    return limit_to_only_policy(_blocks_file(policy, message), policies)


def _blocks_file(policy: MailObject, message: MailMessage) -> Truth:
    if not policy.settings.get("enable_file_filter"):
        return no("the file filter is off")
    types = {entry.casefold() for entry in entries(policy.settings.get("file_types"))}
    return any_of(yes(file.name) if file.extension in types else no(file.name) for file in message.attachments)


def posting_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield who may write to a mailing list, and whose messages wait for a moderator."""
    lists, unread = split_unread(facts, LISTS, "mailing lists")
    yield from unread
    for entry in lists:
        settings, name = entry.settings, entry.name
        if settings.get("inside_only"):
            yield _list_rule(
                name,
                partial(_writes_from_outside, facts, name),
                "refuses mail from outside",
                MailResult.REJECTED,
            )
        if refused := texts(entry.raw.get(REFUSED)):
            yield _list_rule(
                name,
                partial(_is_refused, facts, name, refused),
                "refuses mail from these people",
                MailResult.REJECTED,
            )
        if entry.raw.get(BCC_BLOCKED) is True:
            yield _list_rule(
                name,
                partial(_is_hidden, facts, name),
                "refuses mail from inside in which the list is in Bcc",
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
    """Return the people and groups that may or may not write to mailing lists."""
    settings = ("accepted_senders", "bypass")
    permitted = frozenset(person for row in lists for name in settings for person in entries(row.settings.get(name)))
    return permitted | {person for row in lists for person in texts(row.raw.get(REFUSED))}


def _list_rule(name: str, matches: Matches, effect: str, result: MailResult) -> MailRule:
    return MailRule(kind=LISTS, name=name, matches=matches, effect=effect, result=result)


def _writes_from_outside(facts: MailFacts, name: str, message: MailMessage, recipient: str) -> Truth:
    if not facts.directory.is_person(recipient, name):
        return no(f"not to {name}")
    return is_from_outside(facts, message)


def _is_hidden(facts: MailFacts, name: str, message: MailMessage, recipient: str) -> Truth:
    directory = facts.directory
    if not (directory.is_person(recipient, name) and any(directory.is_person(name, entry) for entry in message.bcc)):
        return no(f"{name} is not in Bcc")
    return negate(is_from_outside(facts, message))


def _is_not_among(facts: MailFacts, name: str, people: Sequence[str], message: MailMessage, recipient: str) -> Truth:
    if not facts.directory.is_person(recipient, name):
        return no(f"not to {name}")
    among = _is_among(facts, people, message)
    return negate(among) if among.value is not False else yes(f"{message.sender} may not write to the list, or waits")


def _is_refused(facts: MailFacts, name: str, people: Sequence[str], message: MailMessage, recipient: str) -> Truth:
    return _is_among(facts, people, message) if facts.directory.is_person(recipient, name) else no(f"not to {name}")


def _is_among(facts: MailFacts, people: Sequence[str], message: MailMessage) -> Truth:
    """Return whether the sender is one of these people, or in one of these groups."""
    directory = facts.directory
    if any(directory.is_person(message.sender, person) for person in people):
        return yes(f"{message.sender} is named")
    groups = [person for person in people if person in directory.groups or person in directory.unread_groups]
    return any_of(directory.is_member(message.sender, group) for group in groups)
