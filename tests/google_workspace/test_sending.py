"""Sending one message as one mailbox: what arrives, and that it goes once."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from email import message_from_bytes, policy

import pytest

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.people import PersonUnreadable
from tests.emulated import Tenant
from tests.google_workspace.connected import SCOPE, connect, delegate, users
from tests.hostile_names import ESCAPED, OBEYED
from toolkit.errors import Refused, Rejected, Unavailable, WriteInReadOnlyRun
from toolkit.school.signals import Message
from toolkit.sdk.directory import Person

SEND, SENT = "gmail.users.messages.send", "gmail.sentMessages"
TO = Person("1", "beth.birchall@example-primary.example", "Beth Birchall")
WORDS = "You are away from Thursday – and no reply says so.\n\nDiolch!\n"


@pytest.fixture
def message(tenant: Tenant) -> Message:
    sender = users(tenant, "/Staff")[0]["primaryEmail"]
    return Message(sender, TO, "Your automatic reply", WORDS)


def test_a_message_goes_as_its_sender_in_plain_text(
    connection: GoogleWorkspace, tenant: Tenant, message: Message
) -> None:
    connection.send(message)

    (sent,) = tenant.objects(SENT).values()
    mail = message_from_bytes(urlsafe_b64decode(sent["raw"]), policy=policy.default)
    assert (sent["sender"], mail["From"], mail["To"]) == (message.sender, message.sender, TO.address)
    assert (mail["Subject"], mail.get_content_type(), mail.get_content()) == (message.subject, "text/plain", WORDS)


@pytest.mark.parametrize("fault", ["unavailable", "unavailable_after", "dropped", "dropped_after"])
def test_what_may_have_gone_is_not_sent_again(
    connection: GoogleWorkspace, tenant: Tenant, message: Message, fault: str
) -> None:
    tenant.fault(fault, SEND)

    with pytest.raises(Unavailable, match="may have been sent, so toolkit does not send it again"):
        connection.send(message)

    assert tenant.operations().count(SEND) == 1
    assert len(tenant.objects(SENT)) == fault.endswith("_after")


def test_what_was_not_taken_is_sent_again(connection: GoogleWorkspace, tenant: Tenant, message: Message) -> None:
    tenant.fault("throttled", SEND, seconds=0, times=2)

    connection.send(message)

    assert tenant.operations().count(SEND) == 3
    assert len(tenant.objects(SENT)) == 1


def test_a_run_that_only_reads_sends_nothing(tenant: Tenant, message: Message) -> None:
    reading = connect(tenant, read_only=True)

    with pytest.raises(WriteInReadOnlyRun, match="nothing was sent"):
        reading.send(message)

    reading.close()
    assert tenant.requests() == []


def test_a_sender_who_is_nobody_is_told(connection: GoogleWorkspace, tenant: Tenant) -> None:
    nobody = Message("nobody@example-primary.example", TO, "Your automatic reply", WORDS)

    with pytest.raises(PersonUnreadable, match="Google has no account nobody@"):
        connection.send(nobody)


def test_the_scope_that_is_missing_is_named(connection: GoogleWorkspace, tenant: Tenant, message: Message) -> None:
    delegate(tenant, "writer", without="gmail.send")

    with pytest.raises(Refused, match="add this scope") as raised:
        connection.send(message)

    assert raised.value.missing == SCOPE + "gmail.send"


def test_a_subject_cannot_add_a_recipient(connection: GoogleWorkspace, tenant: Tenant, message: Message) -> None:
    connection.send(Message(message.sender, TO, "Hello\r\nBcc: everybody@example.org", WORDS))

    (sent,) = tenant.objects(SENT).values()
    mail = message_from_bytes(urlsafe_b64decode(sent["raw"]), policy=policy.default)
    assert (mail["Bcc"], mail["Subject"]) == (None, r"Hello\u000d\nBcc: everybody@example.org")


def test_an_address_cannot_add_a_recipient(connection: GoogleWorkspace, tenant: Tenant, message: Message) -> None:
    forged = replace(message, to=replace(TO, address=f"{TO.address}\r\nBcc: everybody@example.org"))

    with pytest.raises(Rejected, match="nothing was sent"):
        connection.send(forged)

    assert tenant.operations() == []


def test_what_a_terminal_or_a_reader_obeys_arrives_as_an_escape(
    connection: GoogleWorkspace, tenant: Tenant, message: Message
) -> None:
    connection.send(replace(message, subject=f"Reply {OBEYED}", text=f"Reply {OBEYED}\nDiolch\n"))

    (sent,) = tenant.objects(SENT).values()
    mail = message_from_bytes(urlsafe_b64decode(sent["raw"]), policy=policy.default)
    assert mail["Subject"] == f"Reply {ESCAPED}"
    assert mail.get_content() == f"Reply {ESCAPED}\nDiolch\n"
