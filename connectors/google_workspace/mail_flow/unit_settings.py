"""Settings of the admin console that decide about mail: blocked senders, compliance rules, services that are off."""

from collections.abc import Iterator, Mapping, Sequence
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
    contains_word,
    flag,
    mapping,
    mappings,
    negate,
    no,
    text,
    texts,
    unreadable_rule,
    yes,
)
from toolkit.values import Body, Json

KIND = "policy_setting"
_SERVICE, _FORWARDING, _STATES = "gmail.service_status", "gmail.auto_forwarding", "gmail.rule_states"
_BLOCKED, _LISTS = "settings/gmail.blocked_sender_lists", "settings/gmail.email_address_lists"
_RULES: Mapping[str, tuple[str, str]] = {
    "gmail.content_compliance": ("content_compliance", "contentComplianceRules"),
    "settings/gmail.attachment_compliance": ("attachment_compliance", "attachmentComplianceRules"),
    "settings/gmail.objectionable_content": ("objectionable_content", "objectionableContentRules"),
}
SETTINGS = (_SERVICE, _FORWARDING, _STATES, _BLOCKED, _LISTS, *_RULES)
_PROGRAMS = frozenset({"exe", "dll", "com", "scr", "msi"})
_SCRIPTS = frozenset({"bat", "cmd", "js", "jse", "vbs", "vbe", "wsf", "ps1", "jar"})
_ARCHIVES = frozenset({"zip", "rar", "7z", "gz", "tar"})


def _by_setting(facts: MailFacts, setting: str) -> Iterator[tuple[str, MailObject]]:
    """Yield each unit with its object of a setting."""
    for entry in facts.objects.get(KIND, ()):
        name, _, unit = entry.name.partition(" @ ")
        if name == setting:
            yield unit, entry


def _rows(entry: MailObject, key: str) -> Sequence[Body]:
    raw = mapping(entry.raw.get(RAW))
    return mappings(entry.raw.get(key) or raw.get(key))


def _unit_of(directory: MailDirectory, address: str) -> str | None:
    recipient = directory.recipients.get(address.casefold())
    return recipient.unit if recipient and recipient.unit else None


def _is_in(directory: MailDirectory, address: str, unit: str) -> Truth:
    own = _unit_of(directory, address)
    if own is None:
        return no("not an account of the school")
    if own.casefold() == unit.casefold():
        return yes(unit)
    return no(f"{address} is in {own}")


def _unread_rules(facts: MailFacts) -> Iterator[MailRule]:
    if KIND in facts.unread_kinds:
        yield unreadable_rule(KIND, "settings of Gmail", facts.unread_kinds[KIND])


def blocked_senders(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the lists of senders whose mail is refused, for each unit of recipients."""
    yield from _unread_rules(facts)
    lists = dict(_by_setting(facts, _LISTS))
    for unit, entry in _by_setting(facts, _BLOCKED):
        for row in _rows(entry, "blockedSenders"):
            addresses = _addresses(lists.get(unit), texts(row.get("senderBlocklist")))
            lists_off = [name for name in texts(row.get("senderBlocklist")) if _states(facts, unit).get(name) is False]
            off = [cannot_tell("Google does not document a list of addresses that is off") for _name in lists_off]
            is_on = all_of((_is_on(facts, unit, row), *off))
            yield MailRule(
                kind="blocked_senders",
                name=text(row.get("description")) or "Blocked senders",
                matches=partial(_is_blocked, facts, (unit, is_on, addresses)),
                effect="refuses mail from these senders",
                result=MailResult.REJECTED,
            )


def _addresses(lists: MailObject | None, ids: Sequence[str]) -> tuple[str, ...] | None:
    """Return the entries of lists of addresses, or None if one of them is not shown."""
    rows = {text(row.get("id")): row for row in _rows(lists, "emailAddressList")} if lists else {}
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
    unit, is_on, addresses = blocked
    if addresses is None:
        listed = cannot_tell("Google does not show the list of addresses")
    else:
        listed = any_of(_is_entry(message.sender, entry) for entry in addresses)
    return all_of((_is_in(facts.directory, recipient, unit), listed, is_on))


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
        for place, entry in _by_setting(facts, _STATES)
        if place == unit
        for state in _rows(entry, "ruleStates")
    }


def _is_on(facts: MailFacts, unit: str, row: Body) -> Truth:
    """Return whether a compliance rule is on at a unit, which Google shows in a setting of its own."""
    states = _states(facts, unit)
    identifier = text(row.get("ruleId"))
    if identifier not in states:
        return cannot_tell(
            "Google does not show whether the rule is on. Look in the Admin console under Gmail > Compliance"
        )
    return yes("the rule is on") if states[identifier] else no("the rule is off")


_CONSEQUENCES = {
    "REJECT": (MailResult.REJECTED, "rejects the message"),
    "QUARANTINE": (MailResult.QUARANTINED, "puts the message into quarantine"),
    "MODIFY": (None, "changes the message or its route"),
    "MODIFY_MESSAGE": (None, "changes the message or its route"),
}


def compliance_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the rules for content, attachments and objectionable words, for each unit."""
    for setting, (kind, key) in _RULES.items():
        for unit, entry in _by_setting(facts, setting):
            if entry.unreadable:
                yield unreadable_rule(KIND, entry.name, entry.unreadable)
                continue
            for row in _rows(entry, key):
                consequence = text(mapping(row.get("consequence")).get("ruleConsequenceType"))
                result, effect = _CONSEQUENCES.get(consequence, (MailResult.UNKNOWN, "its effect is unknown"))
                yield MailRule(
                    kind=kind,
                    name=text(row.get("description")) or setting,
                    matches=partial(_meets, facts, unit, row),
                    effect=effect,
                    result=result,
                    text=text(mapping(row.get("consequence")).get("rejectionNotice")),
                )


_DIRECTIONS = (
    ("affectInboundMessages", False, True),
    ("affectOutboundMessages", True, False),
    ("affectInternalSendingMessages", True, True),
    ("affectInternalReceivingMessages", True, True),
)
"""Google's names of directions: whether the sender and the recipient are at the school."""


def _meets(facts: MailFacts, unit: str, row: Body, message: MailMessage, recipient: str) -> Truth:
    condition = mapping(row.get("condition"))
    directions = [
        _goes(facts, name, unit, message, recipient, from_inside=sender, to_inside=receiver)
        for name, sender, receiver in _DIRECTIONS
        if flag(condition.get(name))
    ]
    other = [name for name in condition if name not in {direction[0] for direction in _DIRECTIONS}]
    unread = [cannot_tell(f"toolkit does not decide the condition {name}") for name in other if condition[name]]
    expressions = [_matches_expression(entry, message) for entry in mappings(row.get("matchExpressions"))]
    every = "ALL" in text(row.get("matchType") or row.get("expressionMatchType"))
    if "words" in row:
        expressions.append(_contains_any(texts(row["words"]), message))
    unread += [cannot_tell(f"toolkit does not decide {name}") for name in row if name not in _DECIDED_KEYS]
    content = (all_of if every else any_of)(expressions) if expressions else yes("every message")
    return all_of((any_of(directions), content, *unread, _is_on(facts, unit, row)))


_DECIDED_KEYS = frozenset(
    {
        "ruleId",
        "description",
        "condition",
        "consequence",
        "matchExpressions",
        "matchType",
        "expressionMatchType",
        "words",
    }
)


def _contains_any(words: Sequence[str], message: MailMessage) -> Truth:
    """Return whether the subject, the text or an attachment contains one of the words."""
    parts = {"subject": message.subject, "text": message.body}
    parts |= {f"text of {file.name}": file.text for file in message.attachments}
    known_texts = [text for text in parts.values() if text is not None]
    match = any_of(contains_word(text, word) for text in known_texts for word in words)
    missing = [f"the {name} is not known" for name, text in parts.items() if text is None]
    return cannot_tell(*missing) if match.value is False and missing else match


def _goes(
    facts: MailFacts, name: str, unit: str, message: MailMessage, recipient: str, *, from_inside: bool, to_inside: bool
) -> Truth:
    """Return whether a message goes in a direction, and the person whom the rule covers is in the unit."""
    inside, to = sender_is_inside(facts, message), facts.directory.is_at_school(recipient)
    covered = message.sender if from_inside and name != "affectInternalReceivingMessages" else recipient
    return all_of(
        (
            inside if from_inside else negate(inside),
            yes() if to == to_inside else no("another direction"),
            _is_in(facts.directory, covered, unit),
        )
    )


def _matches_expression(expression: Body, message: MailMessage) -> Truth:
    """Return whether a message meets an expression. Only types of files are decided."""
    kinds = mapping(expression.get("fileType"))
    if set(expression) != {"fileType"} or text(kinds.get("category")) != "EXECUTABLE":
        what: Json = sorted(expression)
        return cannot_tell(f"toolkit does not decide {', '.join(texts(what))}")
    if not message.attachments:
        return no("no attachment")
    return any_of(_is_program(file.extension, file.name, kinds) for file in message.attachments)


def _is_program(extension: str, name: str, kinds: Body) -> Truth:
    if extension in _PROGRAMS:
        return yes(name)
    if extension in _SCRIPTS:
        return cannot_tell(f"Google does not document whether {name} counts as a program")
    if extension in _ARCHIVES and flag(kinds.get("includeArchives")):
        return cannot_tell(f"the files inside {name} are not known")
    return no(name)


def unit_rules(facts: MailFacts) -> Iterator[MailRule]:
    """Yield the settings of the recipient's or sender's unit that stop a message: no Gmail, no forwarding."""
    for unit, entry in _by_setting(facts, _SERVICE):
        if entry.settings.get("service_state") == "DISABLED":
            yield MailRule(
                kind=KIND,
                name=entry.name,
                matches=partial(_is_for, facts, unit),
                effect="Gmail is off for this account, so that mail goes back to the sender",
                result=MailResult.REJECTED,
            )
    for unit, entry in _by_setting(facts, _FORWARDING):
        if entry.settings.get("enable_auto_forwarding") is False:
            yield MailRule(
                kind=KIND,
                name=entry.name,
                matches=partial(_is_forwarded, facts, unit),
                effect="Gmail does not forward mail automatically",
                result=MailResult.DROPPED,
            )


def _is_for(facts: MailFacts, unit: str, _message: MailMessage, recipient: str) -> Truth:
    return _is_in(facts.directory, recipient, unit)


def _is_forwarded(facts: MailFacts, unit: str, message: MailMessage, recipient: str) -> Truth:
    if facts.directory.is_at_school(recipient):
        return no("the recipient is inside")
    if message.type is None:
        return cannot_tell("whether the message is forwarded automatically is not known")
    forwarded = yes("AutoForward") if message.type == "AutoForward" else no("not forwarded automatically")
    return all_of((forwarded, _is_in(facts.directory, message.sender, unit)))
