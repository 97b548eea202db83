"""Sending a message as one's own mailbox."""

from base64 import urlsafe_b64encode
from email.message import EmailMessage
from typing import Any

import pytest
from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-untyped]
from googleapiclient.discovery import build_from_document

from tests.emulator.google_workspace.asking import Google, refused


@pytest.fixture
def messages(google: Google) -> Any:
    credentials = google.credentials("gmail.send", subject=google.teacher())
    http = AuthorizedHttp(credentials, http=google.http(), refresh_status_codes=())
    return build_from_document(google.document("gmail"), http=http).users().messages()


def _raw(**headers: str) -> dict[str, str]:
    message = EmailMessage()
    for name, value in headers.items():
        message[name] = value
    message.set_content("You are away from Thursday.")
    return {"raw": urlsafe_b64encode(message.as_bytes()).decode()}


def test_a_message_that_was_sent_can_be_read_here(google: Google, messages: Any) -> None:
    answer = messages.send(userId="me", body=_raw(To="beth@example-primary.example", Subject="Your reply")).execute()

    (sent,) = google.tenant.objects("gmail.sentMessages").values()
    assert (answer["id"], answer["labelIds"]) == (sent["id"], ["SENT"])
    assert (sent["sender"], sent["to"], sent["subject"]) == (
        google.teacher(), "beth@example-primary.example", "Your reply",
    )  # fmt: skip


@pytest.mark.parametrize("body", [{}, _raw(Subject="To nobody"), {"raw": "a"}])
def test_a_message_that_cannot_go_is_refused(messages: Any, body: dict[str, str]) -> None:
    assert refused(messages.send(userId="me", body=body)).status == 400
