"""The conditions of mail flow rules that a delivery decides. Each has the same meaning as an exception.

Follows learn.microsoft.com/powershell/module/exchangepowershell/new-transportrule and learn.microsoft.com/exchange/
security-and-compliance/mail-flow-rules/conditions-and-exceptions. Where these differ, the name of the source is below.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from connectors.emulator.delivery.matching import (
    all_of,
    any_of,
    contains_word,
    is_in_domain,
    is_in_range,
    matches_pattern,
)
from connectors.emulator.delivery.message import Attachment, extension_of
from connectors.emulator.microsoft365.delivery.situation import Condition, Situation

Decision: TypeAlias = Callable[[Situation, Condition], bool | None]

_Texts: TypeAlias = Callable[[Situation, Condition], Sequence[str | None]]
"""The texts that a condition searches. The value is None if the message does not show the text."""


def _contains(texts: _Texts) -> Decision:
    def decide(situation: Situation, condition: Condition) -> bool | None:
        return any_of(
            None if text is None else contains_word(text, condition.texts) for text in texts(situation, condition)
        )

    return decide


def _matches(texts: _Texts) -> Decision:
    def decide(situation: Situation, condition: Condition) -> bool | None:
        return any_of(
            None if text is None else matches_pattern(text, condition.texts) for text in texts(situation, condition)
        )

    return decide


def _senders(situation: Situation, condition: Condition) -> list[str]:
    """Return the addresses that a condition about the sender examines, by the rule's SenderAddressLocation."""
    message = situation.message
    match condition.rule.get("SenderAddressLocation"):
        case "Envelope":
            return [message.envelope_sender]
        case "HeaderOrEnvelope":
            return [message.sender, message.envelope_sender]
    return [message.sender]


def _is_sender(situation: Situation, condition: Condition) -> bool:
    named = situation.directory.primary_addresses(condition.value)
    return any(situation.directory.primary_address(sender) in named for sender in _senders(situation, condition))


def _is_member_sender(situation: Situation, condition: Condition) -> bool | None:
    senders = situation.primary_addresses(_senders(situation, condition))
    return _any_is_member(situation, senders, condition)


def _any_is_member(situation: Situation, addresses: Iterable[str], condition: Condition) -> bool | None:
    groups = situation.directory.primary_addresses(condition.value)
    return any_of(situation.directory.is_member(address, groups) for address in addresses)


def _is_sent_from_scope(situation: Situation, condition: Condition) -> bool:
    return situation.is_sent_from_inside is (condition.value == "InOrganization")


def _is_sender_in_domain(situation: Situation, condition: Condition) -> bool:
    return any(is_in_domain(sender, condition.texts) for sender in _senders(situation, condition))


def _is_sent_from_range(situation: Situation, condition: Condition) -> bool | None:
    ip = situation.message.ip
    return None if ip is None else is_in_range(ip, condition.texts)


def _is_recipient(situation: Situation, condition: Condition) -> bool:
    return situation.recipient in situation.directory.primary_addresses(condition.value)


def _is_member_recipient(situation: Situation, condition: Condition) -> bool | None:
    return _any_is_member(situation, [situation.recipient], condition)


def _is_recipient_in_scope(situation: Situation, condition: Condition) -> bool | None:
    if condition.value not in {"InOrganization", "NotInOrganization"}:
        return None  # on-premises only
    return situation.directory.is_inside(situation.recipient) is (condition.value == "InOrganization")


def _recipient_texts(situation: Situation, condition: Condition) -> list[str | None]:
    """Return the recipient's primary address, or the address as written if the rule checks original addresses."""
    if condition.rule.get("RecipientAddressType") == "Original":
        written = [
            address
            for address in situation.message.recipients
            if situation.directory.primary_address(address) == situation.recipient
        ]
        return [*written] or [situation.recipient]
    return [situation.recipient]


def _any_header_recipient(*fields: str) -> Decision:
    """Return a decision about the To and Cc lines. A match concerns every recipient of the message."""

    def decide(situation: Situation, condition: Condition) -> bool:
        named = situation.directory.primary_addresses(condition.value)
        return any(address in named for address in _addresses_in(situation, fields))

    return decide


def _any_header_member(*fields: str) -> Decision:
    def decide(situation: Situation, condition: Condition) -> bool | None:
        return _any_is_member(situation, _addresses_in(situation, fields), condition)

    return decide


def _addresses_in(situation: Situation, fields: Sequence[str]) -> list[str]:
    written = {"to": situation.message.to_addresses, "cc": situation.message.cc_addresses}
    return situation.primary_addresses([address for field in fields for address in written[field]])


def _all_recipient_texts(situation: Situation, condition: Condition) -> list[str | None]:
    del condition
    return [*situation.primary_addresses(situation.message.recipients)]


def _is_between_groups(situation: Situation, condition: Condition) -> bool | None:
    """Return whether sender and recipient are in the two groups, in either direction."""
    first, second = condition.value, condition.sibling("BetweenMemberOf2")
    directory, sender = situation.directory, situation.directory.primary_address(situation.message.sender)
    ways = ((sender, situation.recipient), (situation.recipient, sender))
    return any_of(
        all_of(
            directory.is_member(person, directory.primary_addresses(groups))
            for person, groups in zip(way, (first, second), strict=True)
        )
        for way in ways
    )


def _has_manager(situation: Situation, condition: Condition) -> bool:
    evaluated = condition.sibling("ManagerForEvaluatedUser")
    person = situation.message.sender if evaluated == "Sender" else situation.recipient
    manager = situation.directory.manager(situation.directory.primary_address(person))
    return manager is not None and manager in situation.directory.primary_addresses(condition.value)


def _is_management_related(situation: Situation, condition: Condition) -> bool:
    directory = situation.directory
    sender = directory.primary_address(situation.message.sender)
    if condition.value == "Manager":
        return directory.manager(situation.recipient) == sender
    return directory.manager(sender) == situation.recipient


def _subject(situation: Situation, condition: Condition) -> list[str | None]:
    del condition
    return [situation.subject]


def _subject_and_body(situation: Situation, condition: Condition) -> list[str | None]:
    del condition
    return [situation.subject, situation.message.body]


def _header_texts(name_parameter: str) -> _Texts:
    def texts(situation: Situation, condition: Condition) -> list[str | None]:
        value = situation.header(str(condition.sibling(name_parameter) or ""))
        return [] if value is None else [value]

    return texts


def _senders_texts(situation: Situation, condition: Condition) -> list[str | None]:
    return [*_senders(situation, condition)]


def _file_names(situation: Situation, condition: Condition) -> list[str | None]:
    """Return the names of the attachments and of the files inside archives, which rules inspect too."""
    del condition
    names: list[str | None] = []
    for attachment in situation.message.attachments:
        names += [attachment.name, *(attachment.files if attachment.files is not None else (None,))]
    return names


def _is_extension(situation: Situation, condition: Condition) -> bool | None:
    sought = {word.lower().lstrip(".") for word in condition.texts}
    names = _file_names(situation, condition)
    return any_of(None if name is None else extension_of(name) in sought for name in names)


def _attachment_texts(situation: Situation, condition: Condition) -> list[str | None]:
    del condition
    return [attachment.text for attachment in situation.message.attachments]


def _has_program(situation: Situation, condition: Condition) -> bool | None:
    del condition
    return any_of(attachment.program for attachment in situation.message.attachments)


def _is_protected(situation: Situation, condition: Condition) -> bool | None:
    del condition
    return any_of(_is_locked(attachment) for attachment in situation.message.attachments)


_WITH_PASSWORDS = frozenset(
    {"doc", "docm", "docx", "xls", "xlsb", "xlsm", "xlsx", "ppt", "pptm", "pptx", "zip", "7z", "pdf"}
)  # the kinds of files in which Exchange detects a password


def _is_locked(attachment: Attachment) -> bool | None:
    return attachment.encrypted if attachment.extension in _WITH_PASSWORDS else False


def _is_attachment_over(situation: Situation, condition: Condition) -> bool | None:
    """Return whether one of the attachments has at least the size (conditions-and-exceptions)."""
    size = read_size(condition)
    return None if size is None else any(file.size >= size for file in situation.message.attachments)


def _is_message_over(situation: Situation, condition: Condition) -> bool | None:
    size = read_size(condition)
    return None if size is None else situation.message.size >= size


_BYTES = re.compile(r"\(([\d,]+) bytes\)")


def read_size(condition: Condition) -> int | None:
    """Return a size in bytes from the form that Get-TransportRule shows, such as 10 MB (10,485,760 bytes)."""
    match = _BYTES.search(str(condition.value))
    return int(match[1].replace(",", "")) if match else None


def _has_spam_level(situation: Situation, condition: Condition) -> bool | None:
    if situation.scl is None or not isinstance(condition.value, int | str):
        return None
    return situation.scl >= int(condition.value)


DECISIONS: Mapping[str, Decision] = {
    "From": _is_sender,
    "FromMemberOf": _is_member_sender,
    "FromScope": _is_sent_from_scope,
    "FromAddressContainsWords": _contains(_senders_texts),
    "FromAddressMatchesPatterns": _matches(_senders_texts),
    "SenderDomainIs": _is_sender_in_domain,
    "SenderIpRanges": _is_sent_from_range,
    "SentTo": _is_recipient,
    "SentToMemberOf": _is_member_recipient,
    "SentToScope": _is_recipient_in_scope,
    "RecipientAddressContainsWords": _contains(_recipient_texts),
    "RecipientAddressMatchesPatterns": _matches(_recipient_texts),
    "RecipientDomainIs": lambda situation, condition: is_in_domain(situation.recipient, condition.texts),
    "AnyOfToHeader": _any_header_recipient("to"),
    "AnyOfToHeaderMemberOf": _any_header_member("to"),
    "AnyOfCcHeader": _any_header_recipient("cc"),
    "AnyOfCcHeaderMemberOf": _any_header_member("cc"),
    "AnyOfToCcHeader": _any_header_recipient("to", "cc"),
    "AnyOfToCcHeaderMemberOf": _any_header_member("to", "cc"),
    "AnyOfRecipientAddressContainsWords": _contains(_all_recipient_texts),
    "AnyOfRecipientAddressMatchesPatterns": _matches(_all_recipient_texts),
    "BetweenMemberOf1": _is_between_groups,
    "ManagerAddresses": _has_manager,
    "SenderManagementRelationship": _is_management_related,
    "SubjectContainsWords": _contains(_subject),
    "SubjectMatchesPatterns": _matches(_subject),
    "SubjectOrBodyContainsWords": _contains(_subject_and_body),
    "SubjectOrBodyMatchesPatterns": _matches(_subject_and_body),
    "HeaderContainsWords": _contains(_header_texts("HeaderContainsMessageHeader")),
    "HeaderMatchesPatterns": _matches(_header_texts("HeaderMatchesMessageHeader")),
    "AttachmentExtensionMatchesWords": _is_extension,
    "AttachmentNameMatchesPatterns": _matches(_file_names),
    "AttachmentContainsWords": _contains(_attachment_texts),
    "AttachmentMatchesPatterns": _matches(_attachment_texts),
    "AttachmentHasExecutableContent": _has_program,
    "AttachmentIsPasswordProtected": _is_protected,
    "AttachmentSizeOver": _is_attachment_over,
    "MessageSizeOver": _is_message_over,
    "MessageTypeMatches": lambda situation, condition: situation.message.type == condition.value,
    "WithImportance": lambda situation, condition: situation.message.importance == condition.value,
    "SCLOver": _has_spam_level,
}
"""The conditions that are decided, by the parameter that holds the values."""

SECOND_HALVES = frozenset(
    {"BetweenMemberOf2", "HeaderContainsMessageHeader", "HeaderMatchesMessageHeader", "ManagerForEvaluatedUser"}
)
"""Parameters that only complete another condition."""
