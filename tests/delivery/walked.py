"""Predicts drawn messages as `toolkit message` does: by the SDKs' reads of a tenant, and the walk through its rules."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.emulated import Tenant
from tests.google_workspace.connected import connect as connect_google
from tests.microsoft365.connected import connect as connect_microsoft
from tests.microsoft365.connected import target_of
from toolkit.engine.context import RunContext
from toolkit.engine.read_mail_flow import read_mail_flow
from toolkit.engine.tenants import Tenants
from toolkit.features import extensions
from toolkit.planning.mail_flow.project_objects import current_objects
from toolkit.planning.mail_flow.walk import WalkResult
from toolkit.sdk import MailAttachment, MailMessage
from toolkit.sdk.connector import Connection, Identity


def predict(tenant: Tenant, cloud: str, drawn: Sequence[Mapping[str, Any]]) -> list[tuple[WalkResult, ...]]:
    """Return the predicted results of each drawn message. The tenant is read once."""
    context = RunContext(
        target=target_of(tenant),
        run="compare",
        now=datetime(2026, 11, 10, 9, tzinfo=UTC),
        command="message",
        identity=Identity.READ,
        read_only=True,
        extensions=extensions,
    )
    connect = connect_microsoft if cloud == "microsoft365" else connect_google
    connection: Connection = connect(tenant, identity=Identity.READ, read_only=True)
    try:
        messages = [to_mail_message(message) for message in drawn]
        state = read_mail_flow(Tenants({cloud: connection}, {}, {}), cloud, messages, context)
        objects = current_objects(state.observed)
        moments = [datetime.fromisoformat(message["at"]) for message in drawn]
        return [state.walk(message, objects, at) for message, at in zip(messages, moments, strict=True)]
    finally:
        connection.close()


def to_mail_message(drawn: Mapping[str, Any]) -> MailMessage:
    """Return a drawn message with the same facts that the emulator gets."""
    attachments = tuple(map(_to_attachment, drawn["attachments"]))
    texts = (drawn["subject"], drawn["body"])
    size = sum(len(text.encode()) for text in texts) + sum(file["size"] for file in drawn["attachments"])
    return MailMessage(
        sender=drawn["from"],
        to_addresses=tuple(drawn.get("to", ())),
        cc=tuple(drawn.get("cc", ())),
        bcc=tuple(drawn.get("bcc", ())),
        envelope_sender=drawn.get("sender", ""),
        subject=drawn["subject"],
        body=drawn["body"],
        attachments=attachments,
        headers=tuple((name.casefold(), value) for name, value in drawn.get("headers", {}).items()),
        size=drawn.get("size", size),
        ip=drawn["ip"],
        type=drawn["type"],
        importance=drawn["importance"],
        is_authenticated=drawn["authenticated"],
    )


def _to_attachment(drawn: Mapping[str, Any]) -> MailAttachment:
    return MailAttachment(
        drawn["name"],
        drawn["size"],
        drawn["text"],
        is_encrypted=drawn["encrypted"],
        is_program=drawn["program"],
        files=tuple(drawn["files"]) if "files" in drawn else None,
    )
