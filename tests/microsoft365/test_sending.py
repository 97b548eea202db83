"""Sending one message: once, in plain text, and never by a run that only reads."""

from dataclasses import replace

import pytest

from connectors.microsoft365.connection import Microsoft365
from tests.emulated import Tenant
from tests.hostile_names import ESCAPED, OBEYED
from toolkit.errors import NotFound, Refused, Unavailable, WriteInReadOnlyRun
from toolkit.school.signals import Message
from toolkit.sdk.directory import Person

SENT, OPERATION = "outlook.sentMessages", "POST /users/{id}/sendMail"
TEXT = "You are away from Thursday & no reply is set.\n\nPlease set one."


def _message(tenant: Tenant, sender: str = "office") -> Message:
    to = Person("1", f"beth.birchall@{tenant.domain}", "Beth Birchall")
    return Message(f"{sender}@{tenant.domain}", to, "Your automatic reply", TEXT)


def test_a_message_is_sent_as_it_was_written(connection: Microsoft365, tenant: Tenant) -> None:
    connection.send(_message(tenant))

    (sent,) = tenant.objects(SENT).values()
    assert (sent["sender"], sent["saveToSentItems"]) == (f"office@{tenant.domain}", False)
    assert sent["message"]["subject"] == "Your automatic reply"
    assert sent["message"]["body"] == {"contentType": "text", "content": TEXT}
    assert [one["emailAddress"]["address"] for one in sent["message"]["toRecipients"]] == [
        f"beth.birchall@{tenant.domain}"
    ]


@pytest.mark.parametrize("fault", ["unavailable_after", "dropped_after"])
def test_a_message_that_may_have_gone_is_not_sent_again(connection: Microsoft365, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, OPERATION)

    with pytest.raises(Unavailable, match="may have been sent, so toolkit does not send it again"):
        connection.send(_message(tenant))

    assert len(tenant.objects(SENT)) == 1
    assert tenant.operations().count(OPERATION) == 1


@pytest.mark.parametrize("fault", ["throttled", "expired_token"])
def test_a_message_that_was_not_taken_is_sent_again(connection: Microsoft365, tenant: Tenant, fault: str) -> None:
    tenant.fault(fault, OPERATION, seconds=0.01)

    connection.send(_message(tenant))

    assert len(tenant.objects(SENT)) == 1


def test_a_run_that_only_reads_sends_nothing(reading: Microsoft365, tenant: Tenant) -> None:
    with pytest.raises(WriteInReadOnlyRun):
        reading.send(_message(tenant))

    assert tenant.operations() == []


def test_an_app_that_may_not_send_is_told_what_it_needs(connection: Microsoft365, tenant: Tenant) -> None:
    tenant.grant("writer", roles=["User.Read.All"])

    with pytest.raises(Refused, match=r"needs the application permission Mail\.Send") as raised:
        connection.send(_message(tenant))

    assert raised.value.missing == "Mail.Send"


def test_a_sender_that_is_no_mailbox_is_named(connection: Microsoft365, tenant: Tenant) -> None:
    with pytest.raises(NotFound, match=f"nobody@{tenant.domain} is not a mailbox"):
        connection.send(_message(tenant, "nobody"))


def test_what_a_terminal_or_a_reader_obeys_arrives_as_an_escape(connection: Microsoft365, tenant: Tenant) -> None:
    message = _message(tenant)
    to = replace(message.to, name=f"Beth {OBEYED}")

    connection.send(replace(message, to=to, subject=f"Reply {OBEYED}", text=f"Reply {OBEYED}\nDiolch"))

    (sent,) = (one["message"] for one in tenant.objects(SENT).values())
    assert sent["subject"] == f"Reply {ESCAPED}"
    assert sent["body"]["content"] == f"Reply {ESCAPED}\nDiolch"
    assert sent["toRecipients"][0]["emailAddress"]["name"] == f"Beth {ESCAPED}"
