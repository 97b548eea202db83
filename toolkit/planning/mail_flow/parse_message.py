"""Make a message from the options of a command, from a row of canaries.yaml, or from the file of a real message.

A file is hostile input: its size and depth are limited, and an error never quotes it.
"""

import email
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from io import BytesIO
from zipfile import BadZipFile, ZipFile

from toolkit.errors import UsageError
from toolkit.sdk.mail_flow import MailAttachment, MailMessage, extension_of

LARGEST_FILE = 40_000_000
"""The most bytes of a message file. No cloud accepts larger messages from outside by default."""
_MOST_PARTS = 500
_MOST_TEXT = 1_000_000
_ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,255}")
_SIZE = re.compile(r"([0-9]{1,12})\s*(B|KB|MB|GB|)", re.IGNORECASE)
_FACTORS = {"": 1, "B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_TAG = re.compile(r"<[^<>]{0,2000}>")

PROGRAMS = frozenset({"exe", "dll", "com", "scr", "sys", "cpl", "ocx", "msi"})
"""Extensions of programs."""
_CANNOT_SAY = frozenset({"", "zip", "rar", "7z", "gz", "tar", "cab", "iso", "img", "jar", "bin"})
"""Extensions that leave open whether a file is or holds a program."""


def parse_mail_address(text: str, option: str) -> str:
    """Return an address in lower case. Raise UsageError if the text is not an address."""
    address = text.strip().strip("<>").casefold()
    if not _ADDRESS.fullmatch(address):
        raise UsageError(f"{option}: {text!r} is not an e-mail address. Write it as name@example.org")
    return address


def parse_size(text: str, option: str = "--size") -> int:
    """Return a size in bytes from a text such as `25 MB`. Raise UsageError if the text is not a size."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise UsageError(f"{option}: {text!r} is not a size. Write it as 25 MB")
    return int(match[1]) * _FACTORS[match[2].upper()]


def parse_header(text: str) -> tuple[str, str]:
    """Return the name and value of a header field. Raise UsageError if the text is not a header field."""
    name, colon, value = text.partition(":")
    if not (colon and name.strip()) or re.search(r"\s", name.strip()):
        raise UsageError(f"--header: {text!r} is not a header field. Write it as 'X-Name: value'")
    return name.strip().casefold(), value.strip()


def attachment_of_name(name: str, size: int | None = None) -> MailAttachment:
    """Return an attachment whose content is as its name suggests, without a password."""
    plain = MailAttachment(name, size)
    is_program = None if plain.extension in _CANNOT_SAY else plain.extension in PROGRAMS
    return MailAttachment(name, size, is_encrypted=False, is_program=is_program)


def parse_message_file(content: bytes) -> MailMessage:
    """Return a message from the bytes of an .eml file. Raise UsageError, without a word of the file, if it cannot."""
    if len(content) > LARGEST_FILE:
        raise UsageError(f"--eml: the file is larger than {LARGEST_FILE // 1_000_000} MB")
    if content.lower().count(b"boundary=") > _MOST_PARTS:
        raise UsageError(f"--eml: the message has more than {_MOST_PARTS} parts inside one another")
    try:
        return _to_message(email.message_from_bytes(content), len(content))
    except UsageError:
        raise
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError):
        raise UsageError("--eml: the file is not a message that toolkit can read. Save the message as .eml") from None


def _to_message(parsed: Message, size: int) -> MailMessage:
    senders, to, cc = (_addresses(parsed, name) for name in ("From", "To", "Cc"))
    if not senders:
        raise UsageError("--eml: the message has no sender in a From line. Save the message as .eml")
    kind = _type_of(parsed)
    attachments = tuple(_attachments(parsed))
    headers = tuple((name.casefold(), _decode_header(value)) for name, value in parsed.items())
    return MailMessage(
        sender=senders[0],
        to_addresses=to,
        cc=cc,
        envelope_sender=next(iter(_addresses(parsed, "Return-Path")), ""),
        subject=_decode_header(parsed.get("Subject", "")),
        body=None if kind == "Encrypted" else _body_text(parsed),
        attachments=attachments,
        headers=tuple(header for header in headers if header[0] not in {"from", "to", "cc", "bcc", "subject"}),
        size=size,
        type=kind,
        importance=parsed.get("Importance", "Normal").strip().capitalize() or "Normal",
    )


def _addresses(parsed: Message, name: str) -> tuple[str, ...]:
    pairs = getaddresses([_decode_header(value) for value in parsed.get_all(name, [])])
    return tuple(dict.fromkeys(address.casefold() for _, address in pairs if _ADDRESS.fullmatch(address)))


def _decode_header(value: object) -> str:
    try:
        return str(make_header(decode_header(str(value))))
    except (MessageError, LookupError, ValueError):
        return str(value)


def _leaves(parsed: Message) -> Iterator[Message]:
    for count, part in enumerate(parsed.walk()):
        if count > _MOST_PARTS:
            raise UsageError(f"--eml: the message has more than {_MOST_PARTS} parts")
        if not part.is_multipart():
            yield part


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _part_text(part: Message) -> str:
    text = _payload(part)[: 4 * _MOST_TEXT]
    try:
        return text.decode(part.get_content_charset() or "utf-8", errors="replace")
    except LookupError:
        return text.decode("utf-8", errors="replace")


def _body_text(parsed: Message) -> str | None:
    """Return the visible text of a message, or None if it is longer than toolkit searches."""
    texts = [
        _TAG.sub(" ", _part_text(part)) if part.get_content_subtype() == "html" else _part_text(part)
        for part in _leaves(parsed)
        if part.get_content_maintype() == "text" and not part.get_filename()
    ]
    body = "\n".join(texts)
    return body if len(body) <= _MOST_TEXT else None


def _attachments(parsed: Message) -> Iterator[MailAttachment]:
    for part in _leaves(parsed):
        if not (name := part.get_filename()):
            continue
        content = _payload(part)
        is_text = part.get_content_maintype() == "text"
        yield MailAttachment(
            _decode_header(name),
            len(content),
            text=_part_text(part) if is_text and len(content) <= _MOST_TEXT else None,
            is_encrypted=_is_encrypted(content),
            is_program=content.startswith((b"MZ", b"\x7fELF")) if not content.startswith(b"PK") else None,
            files=_list_archive(content) if content.startswith(b"PK") else None,
        )


_MOST_FILES = 1000


def _list_archive(content: bytes) -> tuple[str, ...] | None:
    """Return the names of the files in a ZIP file, or None if it cannot be listed or holds another archive."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = tuple(archive.namelist())
    except (BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    has_archive = any(extension_of(name) in _CANNOT_SAY - {""} for name in names)
    return None if has_archive or len(names) > _MOST_FILES else names


_ENCRYPTED_ZIP = 6
"""The place of the flags in a ZIP file, whose first bit says that the first file in it is encrypted."""


def _is_encrypted(content: bytes) -> bool | None:
    """Return whether a file has a password, or None if its form does not show this."""
    if content.startswith(b"PK"):
        return bool(content[_ENCRYPTED_ZIP : _ENCRYPTED_ZIP + 1] >= b"\x01" and content[_ENCRYPTED_ZIP] & 1)
    if content.startswith(b"%PDF"):
        return b"/Encrypt" in content
    return None if content.startswith((b"\xd0\xcf\x11\xe0", b"Rar!", b"7z\xbc\xaf")) else False


def _type_of(parsed: Message) -> str:
    """Return Exchange's name for the type of a message, or "" for an ordinary message."""
    types = {part.get_content_type() for part in parsed.walk()}
    if "multipart/encrypted" in types or "application/x-microsoft-rpmsg-message" in types:
        return "Encrypted"
    if parsed.get_content_type() == "multipart/signed":
        return "Signed"
    if "text/calendar" in types:
        return "Calendaring"
    if "message/disposition-notification" in types:
        return "ReadReceipt"
    return ""
