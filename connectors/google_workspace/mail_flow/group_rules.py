"""Who may post to a group, and whose messages wait for a manager."""

from collections.abc import Iterator, Sequence
from functools import partial

from toolkit.sdk import (
    MailFacts,
    MailMessage,
    MailObject,
    MailResult,
    MailRule,
    Truth,
    answer,
    any_of,
    cannot_tell,
    negate,
    no,
    split_unread,
    yes,
)
from toolkit.values import entries

KIND = "group_posting"


def named_groups(groups: Sequence[MailObject]) -> frozenset[str]:
    """Return the groups whose members must be known."""
    return frozenset(group.name.casefold() for group in groups)


def posting_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield for each group who may post, and whose messages wait."""
    groups, unread = split_unread(facts, KIND, "groups")
    yield from unread
    for group in groups:
        managers = tuple(sorted(entries(group.settings.get("managers"))))
        yield MailRule(
            kind=KIND,
            name=group.name,
            matches=partial(_is_too_large, facts, group),
            effect="the message is larger than the group accepts",
            result=MailResult.REJECTED,
        )
        yield MailRule(
            kind=KIND,
            name=group.name,
            matches=partial(_may_not_post, facts, group),
            effect="this sender may not post to the group",
            result=MailResult.REJECTED,
        )
        yield MailRule(
            kind=KIND,
            name=group.name,
            matches=partial(_waits, facts, group),
            effect=f"the message waits for a manager ({', '.join(managers) or 'no manager is known'})",
            result=MailResult.MODERATED,
            people=managers,
        )


def _is_too_large(facts: MailFacts, group: MailObject, message: MailMessage, recipient: str) -> Truth:
    """Return whether a message is larger than a group accepts. A message without a size is taken to be small."""
    largest = group.raw.get("maxMessageBytes")
    if not facts.directory.is_person(recipient, group.name):
        return no(f"not to {group.name}")
    if message.size is None or not isinstance(largest, int):
        return no("the size is not known (--size) and is taken to be small")
    return answer(message.size > largest, f"{message.size} bytes, and the group accepts {largest}")


def sender_is_inside(facts: MailFacts, message: MailMessage) -> Truth:
    """Return whether the sender is at the school, and signed in or verified."""
    if not facts.directory.is_at_school(message.sender):
        return no(f"{message.sender} is outside")
    if message.is_authenticated is None:
        return cannot_tell(f"it is not known whether the sender of {message.sender} signed in")
    return yes(f"{message.sender} is inside") if message.is_authenticated else no("the sender did not sign in")


def _may_not_post(  # noqa: PLR0911 - a return for each value
    facts: MailFacts, group: MailObject, message: MailMessage, recipient: str
) -> Truth:
    if not facts.directory.is_person(recipient, group.name):
        return no(f"not to {group.name}")
    if str(group.raw.get("archiveOnly")).casefold() == "true":
        return yes("the group is archived")
    member = facts.directory.is_member(message.sender, group.name)
    manages = facts.directory.primary(message.sender) in entries(group.settings.get("managers"))
    match group.settings.get("who_can_post"):
        case "ANYONE_CAN_POST":
            return no("anyone may post")
        case "ALL_IN_DOMAIN_CAN_POST":
            undocumented = cannot_tell("Google does not document messages of members who are outside")
            return negate(any_of((sender_is_inside(facts, message), undocumented if member.value else member)))
        case "ALL_MEMBERS_CAN_POST":
            return negate(any_of((member, yes("a manager") if manages else no("not a manager"))))
        case "ALL_MANAGERS_CAN_POST":
            return no("a manager") if manages else yes("only managers may post")
        case "ALL_OWNERS_CAN_POST":
            return cannot_tell("whether the sender owns the group is not read") if manages else yes("only owners may")
        case other:
            return cannot_tell(f"toolkit does not know {other}")


def _waits(facts: MailFacts, group: MailObject, message: MailMessage, recipient: str) -> Truth:
    if not facts.directory.is_person(recipient, group.name):
        return no(f"not to {group.name}")
    manages = facts.directory.primary(message.sender) in entries(group.settings.get("managers"))
    member = facts.directory.is_member(message.sender, group.name)
    match group.settings.get("moderation"):
        case "MODERATE_NONE" | None:
            return no("no message waits")
        case "MODERATE_ALL_MESSAGES":
            return cannot_tell("Google does not document messages of managers") if manages else yes("every message")
        case "MODERATE_NON_MEMBERS":
            return no("a manager") if manages else negate(member)
        case other:
            return cannot_tell(f"whether {other} concerns this sender is not read")
