"""Read-only mailbox settings: delegates, labels, the language, and access by IMAP and POP.

A test may read and change these collections at the control plane:

- `gmail.delegates`, by person id / address: {"delegateEmail": ..., "verificationStatus": "accepted"}.
- `gmail.labels`, by person id / label id: the labels that a person has made.
"""

from collections.abc import Mapping

from connectors.emulator.data_files import from_template
from connectors.emulator.google_workspace import mailboxes
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.store import Body, Json

DELEGATES, LABELS = "gmail.delegates", "gmail.labels"
_SYSTEM_LABELS = (
    "CHAT", "SENT", "INBOX", "IMPORTANT", "TRASH", "DRAFT", "SPAM", "CATEGORY_FORUMS", "CATEGORY_UPDATES",
    "CATEGORY_PERSONAL", "CATEGORY_PROMOTIONS", "CATEGORY_SOCIAL", "STARRED", "UNREAD",
)  # fmt: skip


def _list_delegates(call: MethodCall) -> Body:
    person = mailboxes.delegated_mailbox_owner(call)
    rows: list[Json] = list(call.collection(DELEGATES).with_prefix(str(person["id"])).values())
    return {"delegates": rows} if rows else {}


def _list_labels(call: MethodCall) -> Body:
    person = mailboxes.mailbox_owner(call)
    system: list[Body] = [{"id": name, "name": name, "type": "system"} for name in _SYSTEM_LABELS]
    return {"labels": [*system, *call.collection(LABELS).with_prefix(str(person["id"])).values()]}


def _show_default(name: str) -> Handler:
    """Return a handler that shows a mailbox setting with the value that a new mailbox has."""

    def show(call: MethodCall) -> Body:
        mailboxes.mailbox_owner(call)
        return from_template(__file__, name)

    return show


HANDLERS: Mapping[str, Handler] = {
    "gmail.users.labels.list": _list_labels,
    "gmail.users.settings.delegates.list": _list_delegates,
    "gmail.users.settings.getImap": _show_default("imap"),
    "gmail.users.settings.getPop": _show_default("pop"),
    "gmail.users.settings.getLanguage": _show_default("language"),
}
