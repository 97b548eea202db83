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
from connectors.microsoft365.mail_flow.people_conditions import PEOPLE_CONDITIONS
from toolkit.records import dataclass
from toolkit.sdk import (
    MailDirectory,
    MailMessage,
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


def _in_subject_or_text(meeting: Meeting, value: Value, match: Callable[[str | None, Value, str], Truth]) -> Truth:
    message = meeting.message
    return any_of((match(message.subject, value, "subject"), match(message.body, value, "text")))


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


def _always(reason: str) -> Decide:
    return lambda _meeting, _value: cannot_tell(reason)


DECIDED: Mapping[str, Decide] = {
    **PEOPLE_CONDITIONS,
    "sender_ip_ranges": _ip,
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


@dataclass(frozen=True, slots=True)
class RuleConditions:
    """The conditions of a mail rule and its exceptions, each with its value."""

    settings: Settings
    conditions: tuple[tuple[str, Value], ...]
    exceptions: tuple[tuple[str, Value], ...]
    settings_of_exceptions: Settings
    unknown_conditions: tuple[Truth, ...]

    def apply(self, message: MailMessage, recipient: str, directory: MailDirectory) -> Truth:
        """Return whether the rule applies: the message meets all conditions, and none of the exceptions."""
        meeting = Meeting(message, recipient, directory, self.settings)
        met = [_decide(name, meeting, value) for name, value in self.conditions]
        excepting = replace(meeting, settings=self.settings_of_exceptions)
        spared = any_of(_decide(name, excepting, value).with_name("except if") for name, value in self.exceptions)
        not_spared = negate(spared) if spared.value is not False else yes()
        return all_of([*met, not_spared, *self.unknown_conditions])


def read_conditions(settings: Settings, conditions: Iterable[str], unknown: Iterable[str] = ()) -> RuleConditions:
    """Return the conditions and exceptions that the settings of a rule hold.

    `unknown` are conditions in use that toolkit does not read.
    """
    names = [name for name in conditions if name not in SECOND_OF_PAIR]
    exceptions = {name.removeprefix(EXCEPT): value for name, value in settings.items() if name.startswith(EXCEPT)}
    return RuleConditions(
        settings,
        tuple((name, settings[name]) for name in names if settings.get(name) is not None),
        tuple((name, exceptions[name]) for name in names if exceptions.get(name) is not None),
        {**_options(settings), **exceptions},
        tuple(cannot_tell(f"toolkit does not read the condition {name}") for name in unknown),
    )


def _options(settings: Settings) -> Settings:
    return {name: settings[name] for name in ("sender_address_location", "recipient_address_type") if name in settings}


def _decide(name: str, meeting: Meeting, value: Value) -> Truth:
    if meeting.message.type == "Encrypted" and name.startswith(("attachment", "subject_or_body")):
        return cannot_tell("mail rules cannot inspect the content of a message that its sender encrypted").with_name(
            name
        )
    decide = DECIDED.get(name)
    truth = decide(meeting, value) if decide else cannot_tell("toolkit does not decide this condition")
    return truth.with_name(name)
