"""Reads and changes the settings of mailboxes, and sends mail (developers.google.com/workspace/gmail/api)."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage

from connectors.google_workspace.api.answers import to_rows
from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.permissions import needs
from toolkit.errors import Rejected, ServiceError, Unavailable, answered
from toolkit.records import dataclass
from toolkit.school.signals import Message
from toolkit.sdk import Permissions
from toolkit.values import Body, Json

_SETTINGS = "gmail.users.settings."


@dataclass(frozen=True, slots=True)
class Forwarding:
    """The settings of a mailbox for forwarding all mail and for filters that forward, and its forwarding addresses."""

    everything: Body
    filters: Sequence[Body]
    addresses: Sequence[Body]


class Mailboxes:
    """The mailboxes of many people, given by address. One request reads the mailboxes of 50 people.

    A method returns each person's data or error, in order. It raises an error that every person would get.
    """

    def __init__(self, gmail: Api) -> None:
        self._gmail = gmail

    def send_as(self, people: Sequence[str]) -> Sequence[Sequence[Body] | ServiceError]:
        """Return the send-as addresses of each person, with their signatures."""
        calls = [_make_call(person, "sendAs.list") for person in people]
        return [
            _read_rows(call, answer, "sendAs") for call, answer in zip(calls, self._gmail.batch(calls), strict=True)
        ]

    def forwarding(self, people: Sequence[str]) -> Sequence[Forwarding | ServiceError]:
        methods = ("getAutoForwarding", "filters.list", "forwardingAddresses.list")
        calls = [_make_call(person, method) for person in people for method in methods]
        answers, some = self._gmail.batch(calls), len(methods)
        return [_to_forwarding(calls[n : n + some], answers[n : n + some]) for n in range(0, len(calls), some)]

    def vacation(self, people: Sequence[str]) -> Sequence[Body | ServiceError]:
        """Return the automatic reply of each person."""
        return self._gmail.batch([_make_call(person, "getVacation") for person in people])


class Mailbox:
    """A person's mailbox. Calls act as the owner, and raise PersonUnreadable if toolkit cannot act as the owner."""

    def __init__(self, gmail: Api, address: str) -> None:
        self.address = address
        self._gmail = gmail

    def send_as(self) -> Sequence[Body]:
        """Return the person's send-as addresses with their signatures."""
        return self._read_rows("sendAs.list", "sendAs")

    def change_send_as(self, address: str, body: Body) -> Body:
        """Change a send-as address. Return its settings as Gmail stores them, with a sanitised signature."""
        return self._gmail.change(self._make_call("sendAs.patch", {"sendAsEmail": address}, body))

    def change_auto_forwarding(self, body: Body) -> Body:
        """Replace the setting that forwards all mail, and return the new setting."""
        return self._gmail.change(self._make_call("updateAutoForwarding", body=body))

    def delete_forwarding_address(self, address: str) -> None:
        self._gmail.delete(self._make_call("forwardingAddresses.delete", {"forwardingEmail": address}))

    def filters(self) -> Sequence[Body]:
        return self._read_rows("filters.list", "filter")

    def create_filter(self, body: Body, *, is_it: Callable[[Body], bool]) -> Body:
        """Create a filter and return it.

        If an attempt got no response, `is_it` must recognise the filter in the list.
        """

        def find_existing() -> Body | None:
            return next((mail_filter for mail_filter in self.filters() if is_it(mail_filter)), None)

        return self._gmail.create(self._make_call("filters.create", body=body), find_existing)

    def delete_filter(self, identifier: str) -> None:
        self._gmail.delete(self._make_call("filters.delete", {"id": identifier}))

    def change_vacation(self, body: Body) -> Body:
        """Replace the automatic reply, and return the new reply.

        Gmail unsets every setting that the body leaves out.
        """
        return self._gmail.change(self._make_call("updateVacation", body=body))

    def _read_rows(self, method: str, items: str) -> Sequence[Body]:
        call = self._make_call(method)
        return to_rows(call, self._gmail.read(call), items)

    def _make_call(self, method: str, parameters: Mapping[str, Json] | None = None, body: Body | None = None) -> Call:
        return _make_call(self.address, method, parameters, body)


def _make_call(
    person: str, method: str, parameters: Mapping[str, Json] | None = None, body: Body | None = None
) -> Call:
    """Return a call that names the address of the mailbox. Gmail refuses the call if it acts as another person."""
    return Call(_SETTINGS + method, {"userId": person, **(parameters or {})}, body, person)


def _read_rows(call: Call, answer: Body | ServiceError, items: str) -> Sequence[Body] | ServiceError:
    try:
        return to_rows(call, answered(answer), items)
    except ServiceError as error:
        return error


def _to_forwarding(calls: Sequence[Call], answers: Sequence[Body | ServiceError]) -> Forwarding | ServiceError:
    try:
        everything, filters, addresses = (answered(answer) for answer in answers)
        return Forwarding(
            everything,
            filters=to_rows(calls[1], filters, "filter"),
            addresses=to_rows(calls[2], addresses, "forwardingAddresses"),
        )
    except ServiceError as error:
        return error


PERMISSIONS = Permissions(write=needs("gmail.users.messages.send"))


def send_message(gmail: Api, message: Message) -> None:
    """Send a mail message once, as its sender. Raise PersonUnreadable if toolkit cannot act as the sender.

    Raise Unavailable if there is no response, because the message may have been sent.
    """
    raw = urlsafe_b64encode(_to_rfc5322(message)).decode()
    try:
        gmail.send_once(Call("gmail.users.messages.send", {"userId": message.sender}, {"raw": raw}, message.sender))
    except Unavailable as error:
        reason = str(error).rstrip(".")
        raise Unavailable(f"{reason}. The message may have been sent, so toolkit does not send it again") from error


def _to_rfc5322(message: Message) -> bytes:
    """Return a message in the format of RFC 5322. Raise Rejected if a line break would start another header."""
    mail = EmailMessage()
    try:
        mail["From"] = message.sender
        mail["To"] = message.to.address
        mail["Subject"] = message.subject
    except ValueError as invalid_header:
        raise Rejected(
            f"the message to {message.to.address} cannot be written, so nothing was sent: {invalid_header}"
        ) from invalid_header
    mail.set_content(message.text)
    for attachment in message.attachments:
        main, _, sub = attachment.media.partition("/")
        mail.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
    return mail.as_bytes()
