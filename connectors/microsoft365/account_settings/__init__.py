"""The settings that reach a Microsoft 365 account: policies of its mailbox, its sign-in and its devices, and rules."""

from collections.abc import Iterator, Mapping

from connectors.microsoft365.account_settings import devices, mail, rules, sign_in
from connectors.microsoft365.graph.service import path_with, to_literal
from connectors.microsoft365.via import Microsoft365
from toolkit.errors import ServiceError
from toolkit.sdk import AccountFacts, CloudAccount, LayeredSettings, NotRead, Objects, text

_FIELDS = "id,userPrincipalName,mail"


class MicrosoftAccountReader:
    """A reader of the settings of a single account."""

    kinds = (*mail.KINDS, *sign_in.KINDS, *devices.KINDS, *rules.KINDS)
    not_read = (
        NotRead("which policy for Outlook on the web or for sharing calendars a mailbox has, if there are several",
                "Exchange admin centre > Recipients > Mailboxes"),
        NotRead("app protection policies, and policies for Teams", "Intune and Teams admin centres"),
        NotRead("retention policies", "Purview portal > Data lifecycle management"),
    )  # fmt: skip

    def __init__(self, via: Microsoft365) -> None:
        self._via = via

    def find(self, address: str) -> CloudAccount | None:
        """Return the account with a sign-in name or a mail address."""
        literal = to_literal(address.casefold())
        filters = f"userPrincipalName eq {literal} or mail eq {literal}"
        rows = self._via.graph.pages(path_with("/users", {"filter": filters, "select": _FIELDS}))
        if not rows:
            return None
        shown = text(rows[0].get("mail")) or text(rows[0].get("userPrincipalName"))
        account = CloudAccount(text(rows[0].get("id")), shown.casefold(), has_mailbox=self._has_mailbox(shown))
        return devices.add_devices(self._via, account)

    def _has_mailbox(self, address: str) -> bool:
        """Return whether an address has a mailbox.

        Only Exchange shows this, because a shared mailbox does not need a licence.
        """
        try:
            recipient = self._via.recipients.read().find(address)
        except ServiceError:
            return True  # an unread list of recipients must not hide the policies
        return recipient is not None and recipient.kind.endswith("mailbox")

    def object_names(self, account: CloudAccount) -> Mapping[str, frozenset[str]]:  # noqa: ARG002 - the protocol's
        """Return the names of objects that cannot be listed."""
        return rules.OBJECT_NAMES

    def named_groups(self, account: CloudAccount, objects: Objects) -> frozenset[str]:  # noqa: ARG002 - the protocol's
        """Return the groups that policies and rules name."""
        parts = (mail.named_groups, sign_in.named_groups, devices.named_groups, rules.named_groups)
        return frozenset[str]().union(*(named(objects) for named in parts))

    def list_layers(self, facts: AccountFacts) -> Iterator[LayeredSettings]:
        """Yield the settings of the mailbox, the sign-in and each device, then the rules."""
        if facts.account.has_mailbox:
            yield from mail.list_layers(facts)
        yield from sign_in.list_layers(facts, self._via)
        yield from devices.list_layers(facts, self._via)
        yield from rules.list_layers(facts)


ACCOUNT_SETTINGS = MicrosoftAccountReader
