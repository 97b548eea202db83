"""What holds a mailbox by its own settings, and the sources of a legal hold in a case."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from connectors.microsoft365.legal_holds.in_place_holds import held_by, marks_of
from toolkit.errors import BadAnswer
from toolkit.records import dataclass
from toolkit.sdk import HoldStatus, Person, Service, ServiceHold, flag
from toolkit.values import Body, Json

COLUMNS = (
    "Guid",
    "ExternalDirectoryObjectId",
    "EmailAddresses",
    "PrimarySmtpAddress",
    "PersistedCapabilities",
    "IsInactiveMailbox",
    "LitigationHoldEnabled",
    "LitigationHoldDuration",
    "LitigationHoldDate",
    "SingleItemRecoveryEnabled",
    "RetainDeletedItemsFor",
    "InPlaceHolds",
    "RetentionComment",
    "RetentionUrl",
)
UNLIMITED = "unlimited"
_PLACING_TIME = timedelta(minutes=240)  # what Exchange itself warns of when a hold is placed
_DAYS = re.compile(r"(\d+)\.00:00:00")
# Exchange Online Plan 2, or a lesser plan with Archiving beside it.
_CAPABLE = frozenset({"BPOS_S_Enterprise", "BPOS_S_Archive", "BPOS_S_ArchiveAddOn"})


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox; `account` is the id of whose it is, `duration` is in days where it is a number of them."""

    guid: str
    account: str
    addresses: frozenset[str]
    capable: bool
    inactive: bool
    held: bool
    duration: int | str
    since: datetime | None
    comment: bool
    url: bool
    marks: tuple[str, ...] | None  # other holds and policies that name this mailbox; None where they are not told
    deleted_for: int | str | None  # days; None where a deleted message can be purged at once

    @property
    def is_unlimited(self) -> bool:
        return self.duration == UNLIMITED

    def identity(self) -> Body:
        """Name it to Set-Mailbox."""
        return {"Identity": self.guid, **({"InactiveMailbox": True} if self.inactive else {})}

    def span(self) -> str:
        """Say how long its hold keeps a message."""
        return f"{self.duration} days" if isinstance(self.duration, int) else self.duration

    def standing(self, now: datetime | None) -> ServiceHold:
        """Say how its hold stands; confirmed only where the service's time is known."""
        if not self.held:
            return (
                ServiceHold(Service.MAILBOX, HoldStatus.ABSENT, self.held_elsewhere)
                if self.capable
                else self.unavailable()
            )
        if not self.is_unlimited:
            reason = f"keeps a message for {self.span()} from its own date, so older ones not at all"
            return ServiceHold(Service.MAILBOX, HoldStatus.WEAKER, reason)
        is_confirmed = now is not None and self.since is not None and now - self.since >= _PLACING_TIME
        details = [word for word, there in (("a comment", self.comment), ("an address", self.url)) if there]
        reason = f"Outlook shows {' and '.join(details)} about it to the person" if details else ""
        return ServiceHold(Service.MAILBOX, HoldStatus.CONFIRMED if is_confirmed else HoldStatus.REQUESTED, reason)

    @property
    def held_elsewhere(self) -> str:
        """Say which other legal hold Exchange shows on the mailbox; empty where it shows none."""
        match held_by(self.marks):
            case True:
                return "it is on no litigation hold; Exchange shows another legal hold on it"
            case None:
                return "it is on no litigation hold; Exchange shows a hold of an unknown sort on it"
            case _:
                return ""

    def unavailable(self) -> ServiceHold:
        """Say that its licence does not allow the hold, and what was seen to keep its mail instead."""
        recovery = (
            f"single item recovery keeps deleted mail for {self.deleted_for} days"
            if self.deleted_for is not None
            else "deleted mail is kept by nothing of its own"
        )
        other_holds = f", and {len(self.marks)} other holds or policies name it" if self.marks else ""
        reason = f"the licence of this mailbox does not include litigation hold; now {recovery}{other_holds}"
        return ServiceHold(Service.MAILBOX, HoldStatus.UNAVAILABLE, reason, lacking=True)


def read_mailbox(row: Body) -> Mailbox:
    """Read a row of Get-Mailbox; BadAnswer where it does not say whether the mailbox is held."""
    held, guid, capable = row.get("LitigationHoldEnabled"), str(row.get("Guid") or ""), can_be_held(row)
    if not isinstance(held, bool) or not guid or capable is None:
        raise BadAnswer("Get-Mailbox: the answer does not say whether a mailbox is, or can be, on litigation hold")
    recovers = flag(row.get("SingleItemRecoveryEnabled"))
    return Mailbox(
        guid=guid,
        account=str(row.get("ExternalDirectoryObjectId") or guid),
        addresses=_addresses(row),
        capable=capable,
        inactive=flag(row.get("IsInactiveMailbox")),
        held=held,
        duration=_span(row.get("LitigationHoldDuration")),
        since=_instant(row.get("LitigationHoldDate")),
        comment=bool(row.get("RetentionComment")),
        url=bool(row.get("RetentionUrl")),
        marks=marks_of(row),
        deleted_for=_span(row.get("RetainDeletedItemsFor")) if recovers else None,
    )


@dataclass(frozen=True, slots=True)
class MailboxOwner:
    """Whose a mailbox is, and whether any legal hold is on it; None where that is not known."""

    account: str
    addresses: frozenset[str]
    held: bool | None


def read_owner(row: Body) -> MailboxOwner:
    """Read of a row of Get-Mailbox who is held; BadAnswer where it does not say whose it is."""
    if not (account := str(row.get("ExternalDirectoryObjectId") or row.get("Guid") or "").lower()):
        raise BadAnswer("Get-Mailbox: the answer does not say whose a mailbox is")
    litigation, other_holds = row.get("LitigationHoldEnabled"), held_by(marks_of(row))
    is_known = isinstance(litigation, bool) and other_holds is not None
    return MailboxOwner(
        account, _addresses(row), True if litigation is True or other_holds else False if is_known else None
    )


def can_be_held(row: Body) -> bool | None:
    """Say whether the licence of a mailbox allows a hold; None where the row does not tell."""
    capabilities = row.get("PersistedCapabilities")
    return bool(_CAPABLE & {str(capability) for capability in capabilities}) if isinstance(capabilities, list) else None


def bare(address: str) -> str:
    """Write an address in the one way addresses are compared: a dot in front marks an inactive mailbox."""
    return address.strip().removeprefix(".").lower()


def _addresses(row: Body) -> frozenset[str]:
    proxies = [str(proxy).partition(":") for proxy in _to_list(row.get("EmailAddresses"))]
    addresses = {bare(address) for scheme, _, address in proxies if scheme.lower() == "smtp"}
    return frozenset(addresses | {bare(str(row.get("PrimarySmtpAddress") or ""))} - {""})


def _span(value: Json) -> int | str:
    """Read a span of whole days as their number, any other as it is written, in lower case."""
    written = str(value or "").strip()
    days = _DAYS.fullmatch(written)
    return int(days[1]) if days else written.lower()


def _instant(value: Json) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _to_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


INCLUDED: Mapping[Service, str] = {Service.MAIL: "mailbox", Service.FILES: "site"}
"""What a service is called among the sources of a hold."""


def source_of(person: Person, addresses: Collection[str], sources: Iterable[Body], service: Service) -> Body | None:
    """Find the source of a person that holds a service; `addresses` are all that the person was reached under."""
    own_sources = (source for source in sources if is_of(person, addresses, source))
    return next((source for source in own_sources if INCLUDED[service] in included(source)), None)


def is_of(person: Person, addresses: Collection[str], source: Body) -> bool:
    """Say whether a source is a person's; its id is not always the account's."""
    return address_of(source) in addresses or str(source.get("id")).lower() == person.id.lower()


def address_of(source: Body) -> str:
    """Give the address of a source, as addresses are compared; BadAnswer where it has none."""
    if not isinstance(written := source.get("email"), str) or not written:
        raise BadAnswer("eDiscovery: a source of a hold came without an address, so whose it is is not known")
    return bare(written)


def included(source: Body) -> frozenset[str]:
    """List what a source holds: mailbox, site."""
    return frozenset(part.strip() for part in str(source.get("includedSources") or "").split(",")) - {""}


def standing_of(service: Service, hold: Body, source: Body) -> ServiceHold:
    """Say how a source of a hold stands.

    A healthy hold has no status; what counts is whether it is switched on, and what errors it lists.
    """
    if not isinstance(is_enabled := hold.get("isEnabled"), bool):
        raise BadAnswer("eDiscovery: a hold came without saying whether it is switched on")
    if reason := _weaker(hold, source, is_enabled=is_enabled):
        return ServiceHold(service, HoldStatus.WEAKER, reason)
    is_applied = str(source.get("holdStatus") or "").lower() == "applied"
    return ServiceHold(service, HoldStatus.CONFIRMED if is_applied else HoldStatus.REQUESTED)


def _weaker(hold: Body, source: Body, *, is_enabled: bool) -> str:
    errors = hold.get("errors")
    if not is_enabled:
        return "the hold is switched off, or its case is closed: it keeps nothing"
    if isinstance(errors, list) and errors:
        return f"the service reports {len(errors)} errors of this hold; the Purview portal shows them"
    if hold.get("contentQuery"):
        return "the hold keeps only what its query finds; take the query off in the Purview portal"
    match str(source.get("holdStatus") or "").lower():
        case "removing":
            return "the service is taking it off"
        case "partial":
            return "the service holds only a part of it"
        case _:
            return ""
