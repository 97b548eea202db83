"""Describe the message of a question, with the assumptions about it."""

from collections.abc import Sequence
from dataclasses import field, replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.errors import UsageError
from toolkit.planning.mail_flow.parse_message import (
    LARGEST_FILE,
    attachment_of_name,
    parse_header,
    parse_mail_address,
    parse_message_file,
    parse_size,
)
from toolkit.records import dataclass
from toolkit.school.school import School
from toolkit.sdk.mail_flow import MailMessage


@dataclass(frozen=True, slots=True)
class MailQuestion:
    """The message of a question, the moment, and the assumptions about the message."""

    message: MailMessage = field(repr=False)  # so that no trace quotes it
    at: datetime | None = None
    assumptions: tuple[str, ...] = ()


def describe_message(
    school: School,
    *,
    sender: str | None = None,
    to: Sequence[str] = (),
    subject: str | None = None,
    attachments: Sequence[str] = (),
    headers: Sequence[str] = (),
    size: str | None = None,
    ip: str | None = None,
    type_: str | None = None,
    at: str | None = None,
    eml: Path | None = None,
) -> MailQuestion:
    """Return a message with these properties. With `eml`, they replace the properties of the file.

    Raise UsageError if a property is invalid, or if the sender or the recipients are missing.

        >>> api.describe_message(school.school, sender="a@b.example", to=["office@example-primary.example"]).at
    """
    message = parse_message_file(_read_file(eml)) if eml else MailMessage(sender="", to_addresses=())
    if sender:
        message = replace(message, sender=parse_mail_address(sender, "--from"), envelope_sender="")
    if to:
        message = replace(message, to_addresses=tuple(parse_mail_address(address, "--to") for address in to), cc=())
    if not message.sender:
        raise UsageError("--from is missing. Name the sender, or a saved message with --eml")
    if not message.recipients:
        raise UsageError("--to is missing. Name a recipient, or a saved message with --eml")
    message = replace(
        message,
        subject=message.subject if subject is None else subject,
        attachments=(*message.attachments, *map(attachment_of_name, attachments)),
        headers=(*message.headers, *map(parse_header, headers)),
        size=parse_size(size) if size else message.size,
        ip=_parse_ip(ip) if ip else None,
        type=message.type if type_ is None else type_,
    )
    domains = {domain.casefold() for domain in school.domains}
    if message.sender.rpartition("@")[2] in domains and not (eml or ip):
        message = replace(message, is_authenticated=True)
    return MailQuestion(message, parse_moment(at, school) if at else None, tuple(_assumptions(message, eml)))


def _assumptions(message: MailMessage, eml: Path | None) -> list[str]:
    taken = ["the sender signed in at the school"] if message.is_authenticated else []
    if eml:
        return taken
    files = "each attachment is as its name suggests" if message.attachments else "no attachment"
    fields = "no header field but those given" if message.headers else "no special header field"
    return [*taken, files, fields]


def _read_file(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"--eml: the file cannot be read: {error.strerror}") from error


def _parse_ip(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        raise UsageError(f"--ip: {text!r} is not an IP address. Write it as 192.0.2.10") from None


def parse_moment(text: str, school: School) -> datetime:
    """Return the moment of --at, by the school's clock if it has no time zone. Raise UsageError for another text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at: {text!r} is not a date and time. Write it as 2026-11-10T09:30") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(school.time_zone))
