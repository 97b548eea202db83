"""Send a message through a channel: by mail from a tenant, or to the URL in an environment variable."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass as checked_dataclass
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from toolkit.engine.tenants import open_tenants
from toolkit.errors import Unavailable, UsageError
from toolkit.installed import require
from toolkit.ledger.redact import Redactor
from toolkit.printable import printable, printable_lines
from toolkit.school.notices import Channel
from toolkit.school.school import School
from toolkit.school.signals import Attachment, Message
from toolkit.sdk.connector import Identity, Target
from toolkit.sdk.directory import Person
from toolkit.sdk.providers import providers

if TYPE_CHECKING:
    from apprise import NotifyBase

_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_OWN_SCHEMES = {"http": "json", "https": "jsons"}  # apprise's schemes for an address that takes JSON
_PATIENCE = 20.0  # seconds, because the services behind a URL are slower than apprise's default of 4 seconds


@checked_dataclass(frozen=True, slots=True)
class PlainMessage:
    """A message in plain text. Only a message by mail can have attachments."""

    subject: str
    text: str
    files: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        """Escape the markup of chat and mail programs, because a digest quotes texts from the tenants."""
        object.__setattr__(self, "subject", printable(self.subject))
        object.__setattr__(self, "text", printable_lines(self.text))


def reason_channel_is_withheld(channel: Channel, target: Target) -> str:
    """Return why a channel must not be used, or "" if it may be used.

    A message about emulated tenants must not leave this computer.
    """
    url = target.variables.get(channel.variable, "")
    if target.live or channel.by_mail or not url or _is_local(url):
        return ""
    return (
        f"a practice run uses only http and https URLs on this computer, but {channel.variable} leads to another "
        "computer"
    )


def send_message(message: PlainMessage, channel: Channel, school: School, target: Target) -> None:
    """Send a message through a channel.

    Raise ToolkitError, without the URL, if the delivery failed or its result is unknown.
    """
    if channel.by_mail:
        _send_mail(message, channel, school, target)
    else:
        _send_to_url(message, channel, target)


def _send_mail(message: PlainMessage, channel: Channel, school: School, target: Target) -> None:
    """Send the message from a tenant's mailbox, with the writing identity."""
    provider = providers()[channel.provider]
    missing = provider.ways.missing_variables(target.variables, Identity.WRITE) if target.live else ()
    if missing:
        raise UsageError(
            f"mail is sent with the writing identity, but these variables are not set: {', '.join(missing)}"
        )
    alone = replace(school, tenants={channel.provider: school.tenants[channel.provider]})
    to = Person(channel.to, channel.to, channel.to)
    with open_tenants(alone, providers(), target, identity=Identity.WRITE, read_only=False) as reached:
        reached.connections[channel.provider].send(
            Message(channel.sender, to, message.subject, message.text, message.files)
        )


def _send_to_url(message: PlainMessage, channel: Channel, target: Target) -> None:
    url = target.variables.get(channel.variable)
    if not url:
        raise UsageError(
            f"{channel.variable} is not set. Set it to the URL of this channel. For a scheduled job, set it in .env"
        )
    require("apprise", "notify", channel.variable)
    import apprise

    with _collect_errors():
        service = _find_apprise_service(url)
    if service is None:
        raise UsageError(f"{channel.variable} is not a URL that apprise supports. https://appriseit.com lists the URLs")
    with _collect_errors() as errors:
        service.socket_connect_timeout = service.socket_read_timeout = _PATIENCE
        if target.live and target.ca_file:
            service.verify_certificate = str(target.ca_file)  # type: ignore[assignment]  # requests takes a file too
        sent = service.notify(
            title=message.subject,
            body=message.text,
            body_format=apprise.NotifyFormat.TEXT,
            notify_type=apprise.NotifyType.INFO,
        )
    if not sent:
        said = Redactor(secret_parts_of_url(url)).text(" ".join(errors)) or "the service gave no reason"
        raise Unavailable(f"{channel.variable}: {said}")


def _find_apprise_service(url: str) -> "NotifyBase | None":
    import apprise

    service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    parts = urlsplit(url)
    if service is None and (scheme := _OWN_SCHEMES.get(parts.scheme)):
        query = urlencode([(f"-{name}", value) for name, value in parse_qsl(parts.query, keep_blank_values=True)])
        plain = parts._replace(scheme=scheme, query=query).geturl()
        service = apprise.Apprise.instantiate(plain, suppress_exceptions=True)
    return service


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in _OWN_SCHEMES and parts.hostname in _HERE


def secret_parts_of_url(url: str) -> Iterator[str]:
    """Yield the secret parts of a URL, which are all parts except the host."""
    parts = urlsplit(url)
    secrets = [url, *parts.path.split("/"), parts.username, parts.password, *dict(parse_qsl(parts.query)).values()]
    yield from (form for piece in secrets if piece for form in (piece, unquote(piece), quote(piece, safe="")))


@contextmanager
def _collect_errors() -> Iterator[Sequence[str]]:
    """Collect the errors that the library apprise logs, so that they are not printed to standard error."""
    words: list[str] = []
    ears = logging.Handler(logging.WARNING)
    ears.emit = lambda record: words.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("apprise")
    logger.addHandler(ears)
    logger.propagate = False
    try:
        yield words
    finally:
        logger.propagate = True
        logger.removeHandler(ears)
