"""The filters before the mail rules: servers, types of files, and who may write to a mailing list.

The recipients of a policy are not among the settings that toolkit reads, so any policy next to the default may apply.

Follows https://learn.microsoft.com/defender-office-365/how-policies-and-protections-are-combined
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from connectors.microsoft365.mail_flow.conditions import is_in_ranges
from connectors.microsoft365.mail_flow.policy_objects import (
    CONNECTION,
    LISTS,
    MALWARE,
    Matches,
    is_from_outside,
    limit_to_only_policy,
    readable,
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
    yes,
)
from toolkit.values import entries


def connection_filter(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the lists of servers whose mail is refused, or skips the spam filter."""
    for entry in readable(facts, CONNECTION, "connection filter"):
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
        if setting == "ip_block_list" and is_in_ranges(message.ip, policy.settings.get("ip_allow_list")).value:
            listed = no("the server is also in the list of allowed servers, which counts first")
    return all_of((is_from_outside(facts, message), listed))


def malware_filter(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the policies that block attachments by their type."""
    policies: list[MailObject] = []
    for entry in readable(facts, MALWARE, "malware policies"):
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
    return limit_to_only_policy(_blocks_file(policy, message), policies)


def _blocks_file(policy: MailObject, message: MailMessage) -> Truth:
    if not policy.settings.get("enable_file_filter"):
        return no("the file filter is off")
    types = {entry.casefold() for entry in entries(policy.settings.get("file_types"))}
    return any_of(yes(file.name) if file.extension in types else no(file.name) for file in message.attachments)


def posting_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield who may write to a mailing list, and whose messages wait for a moderator."""
    for entry in readable(facts, LISTS, "mailing lists"):
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
    return is_from_outside(facts, message)


def _is_not_among(facts: MailFacts, name: str, people: Sequence[str], message: MailMessage, recipient: str) -> Truth:
    directory = facts.directory
    if not directory.is_person(recipient, name):
        return no(f"not to {name}")
    if any(directory.is_person(message.sender, person) for person in people):
        return no(f"{message.sender} is named")
    groups = [person for person in people if person in directory.groups or person in directory.unread_groups]
    among = any_of(directory.is_member(message.sender, group) for group in groups)
    return negate(among) if among.value is not False else yes(f"{message.sender} may not write to the list, or waits")
