"""One person's mailbox: its settings, read and set as that person (developers.google.com/workspace/gmail/api)."""

from collections.abc import Mapping, Sequence

from connectors.google_workspace.api import Api, Call
from connectors.google_workspace.api.answers import rows_of
from toolkit.values import Body, Json

_SETTINGS = "gmail.users.settings."


class Mailbox:
    """The mailbox of one address; every call is made as its owner, and PersonUnreadable where that cannot be done."""

    def __init__(self, gmail: Api, address: str) -> None:
        self.address = address
        self._gmail = gmail

    def send_as(self) -> Sequence[Body]:
        """List the addresses that the person sends as, each with its signature."""
        return self._rows("sendAs.list", "sendAs")

    def change_send_as(self, address: str, body: Body) -> Body:
        """Change what the body names of one such address; the answer is what Gmail keeps after sanitising it."""
        return self._gmail.change(self._call("sendAs.patch", {"sendAsEmail": address}, body))

    def auto_forwarding(self) -> Body:
        return self._gmail.read(self._call("getAutoForwarding"))

    def change_auto_forwarding(self, body: Body) -> Body:
        """Set the forwarding of everything anew, whole."""
        return self._gmail.change(self._call("updateAutoForwarding", body=body))

    def forwarding_addresses(self) -> Sequence[Body]:
        return self._rows("forwardingAddresses.list", "forwardingAddresses")

    def delete_forwarding_address(self, address: str) -> None:
        self._gmail.delete(self._call("forwardingAddresses.delete", {"forwardingEmail": address}))

    def filters(self) -> Sequence[Body]:
        return self._rows("filters.list", "filter")

    def delete_filter(self, identifier: str) -> None:
        self._gmail.delete(self._call("filters.delete", {"id": identifier}))

    def vacation(self) -> Body:
        return self._gmail.read(self._call("getVacation"))

    def change_vacation(self, body: Body) -> Body:
        """Set the automatic reply anew, whole: what the body leaves out is unset."""
        return self._gmail.change(self._call("updateVacation", body=body))

    def imap(self) -> Body:
        return self._gmail.read(self._call("getImap"))

    def pop(self) -> Body:
        return self._gmail.read(self._call("getPop"))

    def _rows(self, method: str, items: str) -> Sequence[Body]:
        call = self._call(method)
        return rows_of(call, self._gmail.read(call), items)

    def _call(self, method: str, parameters: Mapping[str, Json] | None = None, body: Body | None = None) -> Call:
        return Call(_SETTINGS + method, {"userId": "me", **(parameters or {})}, body, self.address)
