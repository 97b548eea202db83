"""Looks up mail recipients by all their names, because Exchange does not always show a recipient under the same name.

Follows https://learn.microsoft.com/powershell/module/exchangepowershell/get-recipient
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from threading import Lock

from connectors.microsoft365.exchange.via import Exchange
from toolkit.errors import BadAnswer
from toolkit.records import dataclass
from toolkit.sdk import text, texts
from toolkit.values import Body, Json

_KEYS = ("Guid", "ExternalDirectoryObjectId", "PrimarySmtpAddress", "DistinguishedName", "Identity", "Name")
_SELECT = (*_KEYS, "DisplayName", "EmailAddresses", "RecipientTypeDetails")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\ufeff"))


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient of mail. The recipient's `guid` never changes."""

    guid: str
    account: str  # the id in the directory, or ""
    address: str  # the primary address, in lower case
    kind: str  # RecipientTypeDetails in lower case


def plain_name(name: str) -> str:
    """Return a name for comparison: in lower case, without invisible characters or spaces around it."""
    return name.translate(_INVISIBLE).strip().lower()


@dataclass(frozen=True, slots=True)
class RecipientIndex:
    """The tenant's recipients, by every name under which Exchange may show them."""

    every: Sequence[Recipient]
    by_name: Mapping[str, tuple[Recipient, ...]] = field(default_factory=dict)
    by_display_name: Mapping[str, tuple[Recipient, ...]] = field(
        default_factory=dict
    )  # several recipients may share a display name

    def find(self, reference: str) -> Recipient | None:
        """Return the recipient that a name, address or id refers to, or None.

        Raise BadAnswer if several recipients match.
        """
        name = plain_name(reference)
        match self.by_name.get(name) or self.by_display_name.get(name, ()):
            case ():
                return None
            case (recipient,):
                return recipient
            case several:
                addresses = ", ".join(sorted(recipient.address for recipient in several))
                raise BadAnswer(f"{reference!r} may be any of {len(several)} recipients: {addresses}")

    def addresses(self, references: Json) -> list[str]:
        """Return the primary address of each recipient in a list.

        For a deleted recipient, return the name that Exchange shows.
        """
        names = [references] if isinstance(references, str) else texts(references)
        recipients = [(reference, self.find(reference)) for reference in names]
        return list(
            dict.fromkeys(recipient.address if recipient else plain_name(name) for name, recipient in recipients)
        )


class Recipients:
    """All recipients of a tenant. The list is read once in a run."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._index: RecipientIndex | None = None
        self._lock = Lock()

    def read(self) -> RecipientIndex:
        """Return an index of all recipients by name.

        Raise the errors of toolkit.errors if the list may be incomplete.
        """
        with self._lock:
            if self._index is None:
                pages = self._exchange.pages("Get-Recipient", {"ResultSize": "Unlimited"}, select=_SELECT)
                self._index = _index_rows(row for page in pages for row in page)
            return self._index


def _index_rows(rows: Iterable[Body]) -> RecipientIndex:
    by_name, by_display_name = dict[str, tuple[Recipient, ...]](), dict[str, tuple[Recipient, ...]]()
    every: list[Recipient] = []
    for row in rows:
        if not (row.get("Guid") and row.get("PrimarySmtpAddress")):
            continue  # for example a system mailbox, which is not in any list of the school
        recipient = Recipient(
            text(row["Guid"]).lower(),
            text(row.get("ExternalDirectoryObjectId")).lower(),
            text(row["PrimarySmtpAddress"]).lower(),
            text(row.get("RecipientTypeDetails")).lower(),
        )
        every.append(recipient)
        mail_addresses = [entry for entry in texts(row.get("EmailAddresses")) if entry.lower().startswith("smtp:")]
        names = [*(text(row.get(key)) for key in _KEYS), *(entry.partition(":")[2] for entry in mail_addresses)]
        single = (recipient,)  # one tuple for all names of a recipient, because there are tens of thousands of names
        for name in filter(None, map(plain_name, names)):
            _add_name(by_name, name, single)
        _add_name(by_display_name, plain_name(text(row.get("DisplayName"))), single)
    return RecipientIndex(every, by_name, by_display_name)


def _add_name(names: dict[str, tuple[Recipient, ...]], name: str, single: tuple[Recipient]) -> None:
    existing = names.setdefault(name, single)
    if single[0] not in existing:
        names[name] = existing + single
