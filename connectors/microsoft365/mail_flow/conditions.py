"""Decide the conditions of mail rules for a message and a recipient.

Each condition that toolkit decides has a row in DECIDED. A condition without a row is unknown, unless the message
cannot meet it: a message without attachments meets no condition about attachments.

Follows https://learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/conditions-and-exceptions
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from ipaddress import ip_address, ip_network

from connectors.microsoft365.mail_flow.attachment_conditions import ATTACHMENT_CONDITIONS
from connectors.microsoft365.mail_flow.meeting import Decide, Meeting, is_over, match_patterns, match_words
from toolkit.sdk import (
    MailDirectory,
    MailObject,
    Truth,
    all_of,
    answer,
    any_of,
    cannot_tell,
    negate,
    no,
    yes,
)
from toolkit.values import Settings, Value, entries


def _is_in_domain(address: str, domain: str) -> bool:
    host = address.rpartition("@")[2].casefold()
    return host == domain.casefold() or host.endswith(f".{domain.casefold()}")


def _match_address(addresses: Iterable[str], value: Value, directory: MailDirectory) -> Truth:
    for address in addresses:
        for entry in entries(value):
            if directory.is_person(address, entry):
                return yes(address)
    return no()


def _match_members(addresses: Iterable[str], value: Value, directory: MailDirectory) -> Truth:
    return any_of(directory.is_member(address, group) for address in addresses for group in entries(value))


def _in_subject_or_text(meeting: Meeting, value: Value, match: Callable[[str | None, Value, str], Truth]) -> Truth:
    message = meeting.message
    return any_of((match(message.subject, value, "subject"), match(message.body, value, "text")))


def _to_scope(meeting: Meeting, value: Value) -> Truth:
    inside = meeting.directory.is_at_school(meeting.recipient)
    if value == "InOrganization":
        return answer(inside, "the recipient is inside" if inside else "the recipient is outside")
    if value == "NotInOrganization":
        return answer(not inside, "the recipient is outside" if not inside else "the recipient is inside")
    return no("the recipient is inside") if inside else cannot_tell("partner organisations are not read")


def _from_scope(meeting: Meeting, value: Value) -> Truth:
    inside = meeting.sender_is_inside()
    if value == "InOrganization" or inside.value is None:
        return inside
    return answer(not inside.value, *inside.reasons)


def _ip(meeting: Meeting, value: Value) -> Truth:
    if meeting.message.ip is None:
        return cannot_tell("the address of the sending server is not known (--ip)")
    return is_in_ranges(meeting.message.ip, value)


def is_in_ranges(ip: str, value: Value) -> Truth:
    """Return whether an IP address is one of the addresses, networks or ranges of a list."""
    address = ip_address(ip)
    for entry in entries(value):
        try:
            first, _, last = entry.partition("-")
            ends = (ip_address(first), ip_address(last)) if last else None
            network = None if last else ip_network(entry, strict=False)
        except ValueError:
            return cannot_tell(f"toolkit cannot read the range {entry}")
        if network is not None and address.version == network.version and address in network:
            return yes(entry)
        if ends and ends[0].version == address.version and int(ends[0]) <= int(address) <= int(ends[1]):
            return yes(entry)
    return no(f"{ip} is not in the list")


def _between(meeting: Meeting, value: Value) -> Truth:
    other, directory = meeting.settings.get("between_member_of_2"), meeting.directory
    sender, recipient = [meeting.message.sender], [meeting.recipient]
    return any_of(
        all_of((_match_members(sender, first, directory), _match_members(recipient, second, directory)))
        for first, second in ((value, other), (other, value))
    )


def _header_fields(meeting: Meeting, name: Value) -> list[str] | None:
    """Return the values of a header field. From, To, Cc and Subject come from the message itself."""
    message, field = meeting.message, str(name).casefold()
    match field:
        case "from":
            return [message.sender]
        case "to":
            return list(message.to_addresses)
        case "cc":
            return list(message.cc)
        case "subject":
            return None if message.subject is None else [message.subject]
    return [text for header, text in message.headers if header == field]


def _header(match: Callable[[str | None, Value, str], Truth], field: str, texts: str) -> Decide:
    def decide(meeting: Meeting, _value: Value) -> Truth:
        name = meeting.settings.get(field)
        shown = _header_fields(meeting, name)
        if shown is None:
            return cannot_tell(f"the header field {name} is not known")
        return any_of([match(text, meeting.settings.get(texts), str(name)) for text in shown] or [no(f"no {name}")])

    return decide


def _message_type(meeting: Meeting, value: Value) -> Truth:
    if meeting.message.type is None:
        return cannot_tell("the type of the message is not known")
    return answer(meeting.message.type == value, meeting.message.type or "an ordinary message")


def _size_over(meeting: Meeting, value: Value) -> Truth:
    if meeting.message.size is None:
        return cannot_tell("the size is not known (--size)")
    return is_over(meeting.message.size, value)


def _spam_level(meeting: Meeting, value: Value) -> Truth:
    level = meeting.message.spam_level
    if level is None:
        return cannot_tell("the spam level that Microsoft gives is not known")
    return answer(isinstance(value, int) and (level == -1 if value == -1 else level >= value), f"level {level}")


def _sender_attribute(meeting: Meeting, _value: Value) -> Truth:
    inside = meeting.sender_is_inside()
    return no("the sender is outside") if inside.value is False else cannot_tell("attributes of people are not read")


def _recipient_attribute(meeting: Meeting, _value: Value) -> Truth:
    if not meeting.directory.is_at_school(meeting.recipient):
        return no("the recipient is outside")
    return cannot_tell("attributes of people are not read")


def _always(reason: str) -> Decide:
    return lambda _meeting, _value: cannot_tell(reason)


def _sender_words(meeting: Meeting, value: Value) -> Truth:
    return any_of(match_words(address, value, "sender") for address in meeting.senders)


def _sender_patterns(meeting: Meeting, value: Value) -> Truth:
    return any_of(match_patterns(address, value, "sender") for address in meeting.senders)


def _sender_domain(meeting: Meeting, value: Value) -> Truth:
    domains = [d for d in entries(value) if any(_is_in_domain(address, d) for address in meeting.senders)]
    return yes(domains[0]) if domains else no()


def _recipient_domain(meeting: Meeting, value: Value) -> Truth:
    domains = [domain for domain in entries(value) if _is_in_domain(meeting.recipient_address, domain)]
    return yes(domains[0]) if domains else no()


def _recipient_words(meeting: Meeting, value: Value) -> Truth:
    return match_words(meeting.recipient_address, value, "recipient")


def _recipient_patterns(meeting: Meeting, value: Value) -> Truth:
    return match_patterns(meeting.recipient_address, value, "recipient")


def _header_people(*fields: str) -> Decide:
    return lambda meeting, value: _match_address(_addresses(meeting, fields), value, meeting.directory)


def _header_members(*fields: str) -> Decide:
    return lambda meeting, value: _match_members(_addresses(meeting, fields), value, meeting.directory)


def _addresses(meeting: Meeting, fields: Iterable[str]) -> list[str]:
    return [address for field in fields for address in getattr(meeting.message, field)]


DECIDED: Mapping[str, Decide] = {
    "from": lambda meeting, value: _match_address(meeting.senders, value, meeting.directory),
    "from_member_of": lambda meeting, value: _match_members(meeting.senders, value, meeting.directory),
    "from_scope": _from_scope,
    "from_address_contains_words": _sender_words,
    "from_address_matches_patterns": _sender_patterns,
    "sender_domain_is": _sender_domain,
    "sender_ip_ranges": _ip,
    "sender_ad_attribute_contains_words": _sender_attribute,
    "sender_ad_attribute_matches_patterns": _sender_attribute,
    "sent_to": lambda meeting, value: _match_address([meeting.recipient], value, meeting.directory),
    "sent_to_member_of": lambda meeting, value: _match_members([meeting.recipient], value, meeting.directory),
    "sent_to_scope": _to_scope,
    "recipient_address_contains_words": _recipient_words,
    "recipient_address_matches_patterns": _recipient_patterns,
    # Exchange Online treats these two like the two above: other recipients of the message are not affected.
    "any_of_recipient_address_contains_words": _recipient_words,
    "any_of_recipient_address_matches_patterns": _recipient_patterns,
    "recipient_domain_is": _recipient_domain,
    "recipient_ad_attribute_contains_words": _recipient_attribute,
    "recipient_ad_attribute_matches_patterns": _recipient_attribute,
    "any_of_to_header": _header_people("to_addresses"),
    "any_of_to_header_member_of": _header_members("to_addresses"),
    "any_of_cc_header": _header_people("cc"),
    "any_of_cc_header_member_of": _header_members("cc"),
    "any_of_to_cc_header": _header_people("to_addresses", "cc"),
    "any_of_to_cc_header_member_of": _header_members("to_addresses", "cc"),
    "between_member_of_1": _between,
    "subject_contains_words": lambda meeting, value: match_words(meeting.message.subject, value, "subject"),
    "subject_matches_patterns": lambda meeting, value: match_patterns(meeting.message.subject, value, "subject"),
    "subject_or_body_contains_words": lambda meeting, value: _in_subject_or_text(meeting, value, match_words),
    "subject_or_body_matches_patterns": lambda meeting, value: _in_subject_or_text(meeting, value, match_patterns),
    "header_contains_message_header": _header(match_words, "header_contains_message_header", "header_contains_words"),
    "header_matches_message_header": _header(
        match_patterns, "header_matches_message_header", "header_matches_patterns"
    ),
    "message_type_matches": _message_type,
    "message_size_over": _size_over,
    "with_importance": lambda meeting, value: answer(meeting.message.importance == value, meeting.message.importance),
    "scl_over": _spam_level,
    **ATTACHMENT_CONDITIONS,
    "has_classification": _always("message classifications are not known"),
    "has_no_classification": _always("message classifications are not known"),
    "content_character_set_contains_words": _always("the character set is not known"),
    "manager_addresses": _always("the managers of people are not read"),
    "sender_management_relationship": _always("the managers of people are not read"),
    "ad_comparison_attribute": _always("attributes of people are not read"),
}
"""How each condition is decided. The second setting of a pair, such as `header_contains_words`, belongs to it."""

SECOND_OF_PAIR = frozenset(
    {
        "between_member_of_2", "header_contains_words", "header_matches_patterns", "manager_for_evaluated_user",
        "ad_comparison_operator",
    }
)  # fmt: skip
"""Settings that a condition above reads too."""

EXCEPT = "except_if_"


def applies(rule: MailObject, conditions: Iterable[str], meeting: Meeting, unknown: Iterable[str] = ()) -> Truth:
    """Return whether a rule applies: the message meets all conditions, and none of the exceptions.

    `unknown` are conditions in use that toolkit does not read.
    """
    settings = rule.settings
    names = [name for name in conditions if name not in SECOND_OF_PAIR]
    exceptions = {name.removeprefix(EXCEPT): value for name, value in settings.items() if name.startswith(EXCEPT)}
    excepting = replace(meeting, settings={**_options(settings), **exceptions})
    met = [_decide(name, meeting, settings[name]) for name in names if settings.get(name) is not None]
    spared = any_of(
        _decide(name, excepting, exceptions[name]).with_name("except if")
        for name in names
        if exceptions.get(name) is not None
    )
    unread = [cannot_tell(f"toolkit does not read the condition {name}") for name in unknown]
    not_spared = negate(spared) if spared.value is not False else yes()
    return all_of([*met, not_spared, *unread])


def _options(settings: Settings) -> Settings:
    return {name: settings[name] for name in ("sender_address_location", "recipient_address_type") if name in settings}


def _decide(name: str, meeting: Meeting, value: Value) -> Truth:
    decide = DECIDED.get(name)
    truth = decide(meeting, value) if decide else cannot_tell("toolkit does not decide this condition")
    return truth.with_name(name)
