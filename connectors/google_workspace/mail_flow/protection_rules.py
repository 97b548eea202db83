"""Data protection rules of Gmail: their conditions are decided as far as words and regular expressions go.

Follows https://cloud.google.com/identity/docs/reference/rest/v1/policies (rule.dlp) and the expressions of the console.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from connectors.google_workspace.mail_flow.group_rules import sender_is_inside
from toolkit.sdk import (
    MailFacts,
    MailMessage,
    MailObject,
    MailResult,
    MailRule,
    Truth,
    all_of,
    answer,
    any_of,
    cannot_tell,
    contains_word,
    matches_pattern,
    negate,
    no,
    split_unread,
    unread_kind,
    yes,
)
from toolkit.values import entries

RULE, DETECTOR = "dlp_rule", "detector"
_TOKEN = re.compile(
    r"""\s*(?:(?P<sign>&&|\|\||!|\(|\))|(?P<part>[a-z_]+)\.(?P<test>[a-z_]+)\((?P<arguments>(?:'[^']*'|"[^"]*"|[^()'"])*)\))"""
)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_MOST_TOKENS = 200


def rules(facts: MailFacts, trigger: str) -> Iterator[MailRule]:
    """Yield the rules that are on for a trigger of Gmail: for sending the sender's, for receiving the recipient's."""
    readable, unread = split_unread(facts, RULE, "data protection rules")
    yield from (*unread, *unread_kind(facts, DETECTOR, "data protection rules"))
    detectors = {entry.name: entry for entry in facts.objects.get(DETECTOR, ())}
    for rule in readable:
        if trigger in entries(rule.settings.get("triggers")) and rule.settings.get("state") == "ACTIVE":
            yield _to_mail_rule(facts, rule, trigger, detectors)


def _to_mail_rule(facts: MailFacts, rule: MailObject, trigger: str, detectors: Mapping[str, MailObject]) -> MailRule:
    action = rule.settings.get("gmail_action")
    result, effect = {
        "block": (MailResult.REJECTED, "blocks the message"),
        "warn": (None, "warns the sender, who may send the message anyway"),
        "audit": (None, "only records the message"),
        None: (None, "has no action in Gmail"),
    }.get(str(action) if action is not None else None, (MailResult.UNKNOWN, "its effect is unknown"))
    return MailRule(
        kind="data_protection_rule",
        name=rule.name,
        matches=partial(_applies, facts, (rule, trigger, detectors)),
        effect=effect,
        result=result,
    )


PlacedRule = tuple[MailObject, str, Mapping[str, MailObject]]
"""A rule with its trigger and the detectors."""


def _applies(facts: MailFacts, placed: PlacedRule, message: MailMessage, recipient: str) -> Truth:
    rule, trigger, detectors = placed
    sends = trigger.endswith("send")
    person = message.sender if sends else recipient
    signed_in = sender_is_inside(facts, message) if sends else yes()
    unread = [cannot_tell(f"toolkit does not read {path} of the rule") for path, _value in rule.unknown_properties]
    return all_of(
        (
            signed_in,
            _covers_person(facts, rule, person),
            _covers_direction(facts, rule, message, sends=sends),
            *unread,
            _decide_condition(str(rule.settings.get("condition") or ""), message, detectors),
        )
    )


def _covers_direction(facts: MailFacts, rule: MailObject, message: MailMessage, *, sends: bool) -> Truth:
    """Return whether a rule covers mail inside the school or mail with outsiders, whichever a message is.

    A rule on sending stops the message for everyone, so that one outside recipient makes it a message to outside.
    """
    internal, external = (bool(rule.settings.get(name)) for name in ("gmail_internal", "gmail_external"))
    if not (internal or external):
        return cannot_tell("Google does not show for which messages the action is")
    leaves = not all(facts.directory.is_at_school(recipient) for recipient in message.recipients)
    comes_in = not facts.directory.is_at_school(message.sender)
    if not sends and leaves and not comes_in and internal != external:
        return cannot_tell("Google does not document this for a recipient of a message that also goes outside")
    is_external = leaves if sends else comes_in
    covered = external if is_external else internal
    return yes() if covered else no("not for mail with outsiders" if is_external else "not for mail inside the school")


def _covers_person(facts: MailFacts, rule: MailObject, person: str) -> Truth:
    if group := rule.settings.get("group"):
        return facts.directory.is_member(person, str(group))
    recipient = facts.directory.recipients.get(person.casefold())
    if recipient is None or not recipient.unit:
        return no(f"{person} is not an account of the school")
    unit, own = str(rule.settings.get("unit") or "/").rstrip("/").casefold(), recipient.unit.casefold()
    if own == unit or own.startswith(f"{unit}/"):
        return yes()
    if not recipient.is_unit_exact and unit.startswith(f"{own}/"):
        return cannot_tell(f"the unit of {person} below {recipient.unit} is not read")
    return no(f"{person} is in {recipient.unit}")


def _decide_condition(condition: str, message: MailMessage, detectors: Mapping[str, MailObject]) -> Truth:
    """Return whether a message meets an expression of terms joined by &&, || and !, with parentheses."""
    tokens: list[re.Match[str]] = []
    place = 0
    while place < len(condition.rstrip()):
        token = _TOKEN.match(condition, place)
        if token is None or len(tokens) > _MOST_TOKENS:
            return cannot_tell("toolkit does not read the condition of the rule")
        tokens.append(token)
        place = token.end()
    try:
        truth, rest = _either(tokens, message, detectors)
    except (IndexError, RecursionError):
        return cannot_tell("toolkit does not read the condition of the rule")
    return cannot_tell("toolkit does not read the condition of the rule") if rest else truth


Tokens = Sequence[re.Match[str]]
Detectors = Mapping[str, MailObject]


def _either(tokens: Tokens, message: MailMessage, detectors: Detectors) -> tuple[Truth, Tokens]:
    truth, rest = _both(tokens, message, detectors)
    while rest and rest[0]["sign"] == "||":
        other, rest = _both(rest[1:], message, detectors)
        truth = any_of((truth, other))
    return truth, rest


def _both(tokens: Tokens, message: MailMessage, detectors: Detectors) -> tuple[Truth, Tokens]:
    truth, rest = _single(tokens, message, detectors)
    while rest and rest[0]["sign"] == "&&":
        other, rest = _single(rest[1:], message, detectors)
        truth = all_of((truth, other))
    return truth, rest


def _single(tokens: Tokens, message: MailMessage, detectors: Detectors) -> tuple[Truth, Tokens]:
    token, rest = tokens[0], tokens[1:]
    if token["sign"] == "!":
        truth, rest = _single(rest, message, detectors)
        return negate(truth), rest
    if token["sign"] == "(":
        truth, rest = _either(rest, message, detectors)
        return truth, rest[1:] if rest[0]["sign"] == ")" else rest
    if token["sign"]:
        raise IndexError(token["sign"])
    return _decide_term(token, message, detectors), rest


def _decide_term(token: re.Match[str], message: MailMessage, detectors: Detectors) -> Truth:
    quoted = _QUOTED.search(token["arguments"])
    if quoted is None:
        return cannot_tell(f"toolkit does not decide {token['test']}")
    sought = quoted[1] if quoted[1] is not None else quoted[2]
    parts = _texts_of_part(token["part"], message)
    if parts is None:
        return cannot_tell(f"toolkit does not decide {token['part']}")
    known_texts = [part for _name, part in parts if part is not None]
    match = any_of(_find(token["test"], sought, text, detectors, token["arguments"]) for text in known_texts)
    missing = [name for name, part in parts if part is None]
    if match.value is not False or not missing:
        return match
    return cannot_tell(*(f"the {name} is not known" for name in missing))


def _texts_of_part(part: str, message: MailMessage) -> Sequence[tuple[str, str | None]] | None:
    """Return the texts of a part of a message with their names, or None for a part that toolkit does not search."""
    subject = None if message.subject is None else f"subject: {message.subject}"
    people = "\n".join(
        [f"from: {message.sender}", f"to: {', '.join(message.to_addresses)}", f"cc: {', '.join(message.cc)}"]
        + [f"{name}: {value}" for name, value in message.headers]
    )
    headers = [("header", people), ("subject", subject)]
    match part:
        case "all_headers":
            return headers
        case "title" | "subject":
            return [("subject", message.subject)]
        case "body":
            return [("text", message.body)]
        case "all_content":
            files = [(f"text of {file.name}", file.text) for file in message.attachments]  # two may have one name
            return [*headers, ("text", message.body), *files]
    return None


def _find(test: str, sought: str, text: str, detectors: Detectors, arguments: str) -> Truth:
    match test:
        case "contains":
            return answer(sought.casefold() in text.casefold(), sought)
        case "contains_word":
            return contains_word(text, sought)
        case "matches_word_list" | "matches_regex_detector":
            return _find_detector(detectors.get(sought), sought, text, arguments)
    return cannot_tell(f"toolkit does not decide {test}")


def _find_detector(detector: MailObject | None, name: str, text: str, arguments: str) -> Truth:
    if detector is None:
        return cannot_tell(f"the detector {name} is not known")
    if detector.unreadable:
        return cannot_tell(f"the detector {name} could not be read")
    if expression := detector.settings.get("expression"):
        match = matches_pattern(text, str(expression), ignores_case=False)
    else:
        match = any_of(contains_word(text, word) for word in entries(detector.settings.get("words")))
    count = re.search(r"minimum_(?:unique_)?match_count\s*:\s*(\d+)", arguments)
    if match.value and count and int(count[1]) > 1:
        return cannot_tell(f"how often {name} is found is not counted")
    return match
