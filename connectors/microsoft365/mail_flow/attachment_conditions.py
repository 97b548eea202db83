"""The conditions of mail rules about attachments. A message without attachments does not meet them.

Exchange inspects the files in archives too, as
https://learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/inspect-message-attachments says.
"""

from collections.abc import Callable, Iterable, Mapping

from connectors.microsoft365.mail_flow.meeting import Decide, Meeting, is_over, match_patterns, match_words
from toolkit.sdk import Truth, answer, any_of, cannot_tell, extension_of, no
from toolkit.values import Value, entries


def _attachments(decide: Callable[[Meeting, Value], Iterable[Truth]]) -> Decide:
    """Return a condition about attachments: a message without any does not meet it."""

    def decide_all(meeting: Meeting, value: Value) -> Truth:
        if not meeting.message.attachments:
            return no("no attachment")
        return any_of(decide(meeting, value))

    return decide_all


_ARCHIVES = frozenset({"zip", "rar", "7z", "tar", "gz", "bz2", "cab"})


def _by_name(match: Callable[[str, Value], Truth]) -> Decide:
    """Return a condition about the names of attachments and of the files in archives."""

    def decide(meeting: Meeting, value: Value) -> Iterable[Truth]:
        for file in meeting.message.attachments:
            for name in (file.name, *(file.files or ())):
                yield match(name, value).with_name(name)
            if file.files is None and file.extension in _ARCHIVES:
                yield cannot_tell(f"the files inside {file.name} are not known")

    return _attachments(decide)


def _has_extension(name: str, value: Value) -> Truth:
    return answer(extension_of(name) in {entry.casefold().lstrip(".") for entry in entries(value)})


def _attachment_size(meeting: Meeting, value: Value) -> Iterable[Truth]:
    for file in meeting.message.attachments:
        yield cannot_tell(f"the size of {file.name} is not known") if file.size is None else is_over(file.size, value)


def _attachment_words(meeting: Meeting, value: Value) -> Iterable[Truth]:
    return (match_words(file.text, value, f"text of {file.name}") for file in meeting.message.attachments)


def _attachment_patterns(meeting: Meeting, value: Value) -> Iterable[Truth]:
    return (match_patterns(file.text, value, f"text of {file.name}") for file in meeting.message.attachments)


def _programs(meeting: Meeting, _value: Value) -> Iterable[Truth]:
    for file in meeting.message.attachments:
        if file.is_program is None:
            yield cannot_tell(f"whether the content of {file.name} is a program is not known")
        else:
            yield answer(file.is_program, file.name)


_WITH_PASSWORDS = frozenset({"docx", "xlsx", "pptx", "doc", "xls", "ppt", "docm", "xlsm", "pptm", "zip", "7z", "pdf"})
"""Types of files in which Exchange recognises a password."""


def _passwords(meeting: Meeting, _value: Value) -> Iterable[Truth]:
    for file in meeting.message.attachments:
        if file.is_encrypted is None or (file.is_encrypted and file.extension not in _WITH_PASSWORDS):
            yield cannot_tell(f"whether {file.name} has a password is not known")
        else:
            yield answer(file.is_encrypted, file.name)


def _not_known(what: str) -> Callable[[Meeting, Value], Iterable[Truth]]:
    return lambda _meeting, _value: [cannot_tell(what)]


ATTACHMENT_CONDITIONS: Mapping[str, Decide] = {
    "attachment_name_matches_patterns": _by_name(lambda name, value: match_patterns(name, value, "name")),
    "attachment_extension_matches_words": _by_name(_has_extension),
    "attachment_size_over": _attachments(_attachment_size),
    "attachment_contains_words": _attachments(_attachment_words),
    "attachment_matches_patterns": _attachments(_attachment_patterns),
    "attachment_has_executable_content": _attachments(_programs),
    "attachment_is_password_protected": _attachments(_passwords),
    "attachment_is_unsupported": _attachments(_not_known("whether Exchange can inspect the attachment is not known")),
    "attachment_processing_limit_exceeded": _attachments(_not_known("how long Exchange takes is not known")),
    "attachment_property_contains_words": _attachments(_not_known("properties of documents are not known")),
}
"""How each condition about attachments is decided."""
