"""Settings of the admin console that decide about mail: blocked senders, forwarding, and services that are off."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from connectors.google_workspace.kinds.policy_setting.raw import RAW
from connectors.google_workspace.mail_flow.group_rules import sender_is_inside
from toolkit.sdk import (
    MailDirectory,
    MailFacts,
    MailMessage,
    MailObject,
    MailResult,
    MailRule,
    Truth,
    all_of,
    any_of,
    cannot_tell,
    flag,
    mapping,
    mappings,
    no,
    split_unread,
    text,
    texts,
    yes,
)
from toolkit.values import Body

KIND = "policy_setting"
_SERVICE, _FORWARDING, _STATES = "gmail.service_status", "gmail.auto_forwarding", "gmail.rule_states"
_BLOCKED, _LISTS = "settings/gmail.blocked_sender_lists", "settings/gmail.email_address_lists"
SETTINGS = (_SERVICE, _FORWARDING, _STATES, _BLOCKED, _LISTS)


def by_setting(facts: MailFacts, setting: str) -> Iterator[tuple[str, MailObject]]:
    """Yield each unit with its object of a setting."""
    for entry in facts.objects.get(KIND, ()):
        name, _, unit = entry.name.partition(" @ ")
        if name == setting:
            yield unit, entry


def rows_of(entry: MailObject, key: str) -> Sequence[Body]:
    """Return the rows of a list in a setting."""
    raw = mapping(entry.raw.get(RAW))
    return mappings(entry.raw.get(key) or raw.get(key))


def _unit_of(directory: MailDirectory, address: str) -> str | None:
    recipient = directory.recipients.get(address.casefold())
    return recipient.unit if recipient and recipient.unit else None


def is_in_unit(directory: MailDirectory, address: str, unit: str) -> Truth:
    """Return whether a person is directly in a unit. Each unit shows the settings that it inherits."""
    own = _unit_of(directory, address)
    if own is None:
        return no("not an account of the school")
    if own.casefold() == unit.casefold():
        return yes(unit)
    return no(f"{address} is in {own}")


def unread_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield a rule for the settings, or for each setting of a unit, that could not be read."""
    _settings, unread = split_unread(facts, KIND, "settings of Gmail")
    for rule in unread:
        unit = rule.name.partition(" @ ")[2]
        yield replace(rule, matches=partial(_concerns_unit, facts, unit, rule.matches)) if unit else rule


def _concerns_unit(
    facts: MailFacts, unit: str, unread: Callable[[MailMessage, str], Truth], message: MailMessage, recipient: str
) -> Truth:
    people = any_of(is_in_unit(facts.directory, person, unit) for person in (message.sender, recipient))
    return all_of((people, unread(message, recipient)))


def blocked_senders(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the lists of senders whose mail is refused, for each unit of recipients."""
    lists = dict(by_setting(facts, _LISTS))
    for unit, entry in by_setting(facts, _BLOCKED):
        for row in rows_of(entry, "blockedSenders"):
            addresses = _addresses(lists.get(unit), texts(row.get("senderBlocklist")))
            lists_off = [name for name in texts(row.get("senderBlocklist")) if _states(facts, unit).get(name) is False]
            off = [cannot_tell("Google does not document a list of addresses that is off") for _name in lists_off]
            acts = all_of((is_on(facts, unit, row), *off))
            yield MailRule(
                kind="blocked_senders",
                name=text(row.get("description")) or "Blocked senders",
                matches=partial(_is_blocked, facts, (unit, acts, addresses)),
                effect="refuses mail from these senders",
                result=MailResult.REJECTED,
            )


def _addresses(lists: MailObject | None, ids: Sequence[str]) -> tuple[str, ...] | None:
    """Return the entries of lists of addresses, or None if one of them is not shown."""
    rows = {text(row.get("id")): row for row in rows_of(lists, "emailAddressList")} if lists else {}
    if not set(ids) <= rows.keys():
        return None
    shown: list[str] = []
    for identifier in ids:
        for value in rows[identifier].values():
            entries_shown = mappings(value.get("address")) if isinstance(value, Mapping) else []
            shown += [text(entry.get("address")).casefold() for entry in entries_shown]
    return tuple(filter(None, shown))


BlockedSenders = tuple[str, Truth, tuple[str, ...] | None]
"""A unit, whether its rule is on, and the addresses, or None if Google does not show them."""


def _is_blocked(facts: MailFacts, blocked: BlockedSenders, message: MailMessage, recipient: str) -> Truth:
    unit, acts, addresses = blocked
    if addresses is None:
        listed = cannot_tell("Google does not show the list of addresses")
    else:
        listed = any_of(_is_entry(message.sender, entry) for entry in addresses)
    return all_of((is_in_unit(facts.directory, recipient, unit), listed, acts, _is_named(facts, message, recipient)))


def _is_named(facts: MailFacts, message: MailMessage, recipient: str) -> Truth:
    """Return whether a message names a recipient. Otherwise it comes through a group.

    https://support.google.com/a/answer/2364632 says that a message through a group may arrive all the same.
    """
    if any(facts.directory.is_person(recipient, address) for address in message.recipients):
        return yes()
    return cannot_tell("Google does not document blocked senders for a message through a group")


def _is_entry(sender: str, entry: str) -> Truth:
    domain = sender.rpartition("@")[2]
    if entry in (sender, domain):
        return yes(entry)
    if "@" not in entry and domain.endswith(f".{entry}"):
        return cannot_tell(f"Google does not document whether {entry} includes {domain}")
    return no(f"not {entry}")


def _states(facts: MailFacts, unit: str) -> Mapping[str, bool]:
    """Return whether each rule and list is on at a unit, by id."""
    return {
        text(state.get("ruleId")): flag(state.get("enabled"))
        for place, entry in by_setting(facts, _STATES)
        if place == unit
        for state in rows_of(entry, "ruleStates")
    }


def is_on(facts: MailFacts, unit: str, row: Body) -> Truth:
    """Return whether a compliance rule is on at a unit, which Google shows in a setting of its own."""
    states = _states(facts, unit)
    identifier = text(row.get("ruleId"))
    if identifier not in states:
        return cannot_tell(
            "Google does not show whether the rule is on. Look in the Admin console under Gmail > Compliance"
        )
    return yes("the rule is on") if states[identifier] else no("the rule is off")


def unit_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the units of recipients in which Gmail is off."""
    for unit, entry in by_setting(facts, _SERVICE):
        if entry.settings.get("service_state") == "DISABLED":
            yield MailRule(
                kind=KIND,
                name=entry.name,
                matches=partial(_is_for, facts, unit),
                effect="Gmail is off for this account, so that mail goes back to the sender",
                result=MailResult.REJECTED,
            )


def forwarding_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the units of senders in which Gmail forwards nothing automatically, as existing filters do not either.

    Follows https://support.google.com/a/answer/2491924
    """
    for unit, entry in by_setting(facts, _FORWARDING):
        if entry.settings.get("enable_auto_forwarding") is False:
            yield MailRule(
                kind=KIND,
                name=entry.name,
                matches=partial(_is_forwarded, facts, unit),
                effect="Gmail does not forward mail automatically",
                result=MailResult.DROPPED,
            )


def _is_for(facts: MailFacts, unit: str, _message: MailMessage, recipient: str) -> Truth:
    return is_in_unit(facts.directory, recipient, unit)


def _is_forwarded(facts: MailFacts, unit: str, message: MailMessage, _recipient: str) -> Truth:
    if message.type is None:
        return cannot_tell("whether the message is forwarded automatically is not known")
    forwarded = yes("AutoForward") if message.type == "AutoForward" else no("not forwarded automatically")
    return all_of((forwarded, sender_is_inside(facts, message), is_in_unit(facts.directory, message.sender, unit)))
