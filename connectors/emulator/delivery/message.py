"""A message to deliver, read from the JSON of a request. The form is described in `tests/delivery/draw.py`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from connectors.emulator.store import Body, Json

ARCHIVES = frozenset({"zip", "7z", "rar", "tar", "gz", "bz2", "cab"})


class BadMessage(ValueError):
    """Raised if a request does not describe a message."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file in a message. A property is None if the request does not give the fact."""

    name: str
    size: int  # bytes
    text: str | None = None
    encrypted: bool | None = None
    program: bool | None = None  # by its content
    files: tuple[str, ...] | None = None  # names of the files in an archive. Empty if the file is not an archive.

    @property
    def extension(self) -> str:
        """Return the end of the name after the last dot, in lower case, or "" without a dot."""
        return extension_of(self.name)


@dataclass(frozen=True, slots=True)
class Message:
    """A message before the service changes it. A property is None if the request does not give the fact."""

    sender: str  # in the From header, in lower case like every address
    envelope_sender: str
    to_addresses: tuple[str, ...]
    cc_addresses: tuple[str, ...]
    bcc_addresses: tuple[str, ...]
    subject: str
    body: str
    attachments: tuple[Attachment, ...]
    headers: Mapping[str, str]  # by name in lower case
    size: int  # bytes of the message with its attachments
    at: datetime
    is_authenticated: bool
    ip: str | None
    type: str
    importance: str
    scl: int | None

    @property
    def recipients(self) -> tuple[str, ...]:
        """Return every address once, in the order To, Cc, Bcc."""
        return tuple(dict.fromkeys((*self.to_addresses, *self.cc_addresses, *self.bcc_addresses)))


def extension_of(name: str) -> str:
    """Return the extension of a file's name in lower case, or "" if the name has no dot."""
    return name.rpartition(".")[2].lower() if "." in name else ""


_TYPES = (
    "", "OOF", "AutoForward", "Encrypted", "Calendaring", "PermissionControlled", "Voicemail", "Signed",
    "ApprovalRequest", "ReadReceipt",
)  # fmt: skip
_IMPORTANCE = ("Low", "Normal", "High")
_KEYS = frozenset(
    {
        "from", "sender", "to", "cc", "bcc", "subject", "body", "attachments", "headers", "size", "at",
        "authenticated", "ip", "type", "importance", "scl",
    }
)  # fmt: skip


def read_message(written: Json, now: datetime) -> Message:
    """Return the message that a request describes. It is sent `now`, if it does not say when.

    Raise BadMessage if a key is unknown or a value has the wrong type.
    """
    if not isinstance(written, Mapping):
        raise BadMessage("a message must be a JSON object")
    if unknown := sorted(written.keys() - _KEYS):
        raise BadMessage(f"a message has no key {unknown[0]}. Its keys are {', '.join(sorted(_KEYS))}")
    subject, body = _text(written, "subject"), _text(written, "body")
    attachments = tuple(_read_attachment(file) for file in _list(written, "attachments"))
    size = _number(written, "size")
    sender = _address(written, "from")
    message = Message(
        sender=sender,
        envelope_sender=_address(written, "sender") if written.get("sender") else sender,
        to_addresses=_addresses(written, "to"),
        cc_addresses=_addresses(written, "cc"),
        bcc_addresses=_addresses(written, "bcc"),
        subject=subject,
        body=body,
        attachments=attachments,
        headers=_read_headers(written),
        size=size if size is not None else _count_bytes(subject, body, attachments),
        at=_read_instant(written, now),
        is_authenticated=_flag(written, "authenticated") or False,
        ip=_read_ip_address(written),
        type=_choice(written, "type", _TYPES, ""),
        importance=_choice(written, "importance", _IMPORTANCE, "Normal"),
        scl=_number(written, "scl"),
    )
    if not message.recipients:
        raise BadMessage("a message needs a recipient in to, cc or bcc")
    return message


def _count_bytes(subject: str, body: str, attachments: Sequence[Attachment]) -> int:
    return len(subject.encode()) + len(body.encode()) + sum(attachment.size for attachment in attachments)


def _read_attachment(written: Json) -> Attachment:
    if not isinstance(written, Mapping):
        raise BadMessage("an attachment must be a JSON object with a name and a size")
    name, size = _text(written, "name"), _number(written, "size")
    if not name or size is None:
        raise BadMessage("an attachment needs a name and a size in bytes")
    files = tuple(str(file) for file in _list(written, "files"))
    is_known_inside = "files" in written or extension_of(name) not in ARCHIVES
    return Attachment(
        name=name,
        size=size,
        text=_text(written, "text") if "text" in written else None,
        encrypted=_flag(written, "encrypted"),
        program=_flag(written, "program"),
        files=files if is_known_inside else None,
    )


def _read_headers(written: Body) -> Mapping[str, str]:
    headers = written.get("headers") or {}
    if not isinstance(headers, Mapping):
        raise BadMessage("headers must be a JSON object: the value of each header by its name")
    return {name.lower(): str(value) for name, value in headers.items()}


def _read_instant(written: Body, now: datetime) -> datetime:
    if not written.get("at"):
        return now
    try:
        instant = datetime.fromisoformat(_text(written, "at"))
    except ValueError as bad:
        raise BadMessage(f"at: {bad}") from bad
    if instant.tzinfo is None:
        raise BadMessage(f"at: {written['at']} has no time zone")
    return instant


def _read_ip_address(written: Body) -> str | None:
    text = _text(written, "ip")
    try:
        return str(ip_address(text)) if text else None
    except ValueError as bad:
        raise BadMessage(f"ip: {bad}") from bad


def _text(written: Body, key: str) -> str:
    value = written.get(key) or ""
    if not isinstance(value, str):
        raise BadMessage(f"{key} must be a text, not {value}")
    return value


def _number(written: Body, key: str) -> int | None:
    value = written.get(key)
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise BadMessage(f"{key} must be a whole number, not {value}")


def _flag(written: Body, key: str) -> bool | None:
    value = written.get(key)
    if value is None or isinstance(value, bool):
        return value
    raise BadMessage(f"{key} must be true or false, not {value}")


def _list(written: Body, key: str) -> Sequence[Json]:
    value = written.get(key) or ()
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise BadMessage(f"{key} must be a list")
    return value


def _choice(written: Body, key: str, choices: Sequence[str], default: str) -> str:
    value = _text(written, key) or default
    if value not in choices:
        raise BadMessage(f"{key} must be one of {', '.join(filter(None, choices))}, not {value}")
    return value


def _address(written: Body, key: str) -> str:
    return _check_address(key, written.get(key))


def _addresses(written: Body, key: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_check_address(key, address) for address in _list(written, key)))


def _check_address(key: str, value: Json) -> str:
    if not isinstance(value, str) or "@" not in value.strip("@"):
        raise BadMessage(f"{key}: {value} is not a mail address")
    return value.strip().lower()
