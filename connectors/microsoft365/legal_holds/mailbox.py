"""The litigation hold of a mailbox, and the sources of a hold in an eDiscovery case, as values."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta

from connectors.microsoft365.legal_holds.in_place_holds import includes_legal_hold, marks_of
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
_PLACING_TIME = timedelta(minutes=240)  # the time in Exchange's own warning when a hold is placed
_DAYS = re.compile(r"(\d+)\.00:00:00")
# Exchange Online Plan 2, or a lesser plan with Archiving.
_CAPABLE = frozenset({"BPOS_S_Enterprise", "BPOS_S_Archive", "BPOS_S_ArchiveAddOn"})


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox with its litigation hold.

    `account` is the id of the owner's account. A number in `duration` is days.
    """

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
    marks: tuple[str, ...] | None  # other holds and policies that name this mailbox, or None if they are not shown
    deleted_for: int | str | None  # days, or None if a deleted message can be purged at once

    @property
    def is_unlimited(self) -> bool:
        return self.duration == UNLIMITED

    def identity(self) -> Body:
        """Return the parameters of Set-Mailbox that identify the mailbox."""
        return {"Identity": self.guid, **({"InactiveMailbox": True} if self.inactive else {})}

    def span(self) -> str:
        """Return how long the hold keeps a message, in words."""
        return f"{self.duration} days" if isinstance(self.duration, int) else self.duration

    def hold_state(self, now: datetime | None) -> ServiceHold:
        """Return the state of the litigation hold. It can be confirmed only if the service's time `now` is known."""
        if not self.held:
            return (
                ServiceHold(Service.MAILBOX, HoldStatus.ABSENT, self.other_legal_hold)
                if self.capable
                else self.unavailable()
            )
        if not self.is_unlimited:
            reason = f"keeps each message only for {self.span()} from its date, and does not keep older messages"
            return ServiceHold(Service.MAILBOX, HoldStatus.WEAKER, reason)
        is_confirmed = now is not None and self.since is not None and now - self.since >= _PLACING_TIME
        details = [word for word, is_shown in (("a comment", self.comment), ("an address", self.url)) if is_shown]
        reason = f"Outlook shows {' and '.join(details)} about the hold to the person" if details else ""
        return ServiceHold(Service.MAILBOX, HoldStatus.CONFIRMED if is_confirmed else HoldStatus.REQUESTED, reason)

    @property
    def other_legal_hold(self) -> str:
        """Return a sentence about another legal hold that Exchange shows on the mailbox, or "" if it shows none."""
        match includes_legal_hold(self.marks):
            case True:
                return "not on litigation hold, but Exchange shows another legal hold"
            case None:
                return "not on litigation hold, but Exchange shows an unknown type of hold"
            case _:
                return ""

    def unavailable(self) -> ServiceHold:
        """Return the hold state of a mailbox whose licence lacks litigation hold.

        The state names the settings that still keep mail.
        """
        recovery = (
            f"single item recovery keeps deleted mail for {self.deleted_for} days"
            if self.deleted_for is not None
            else "no setting of the mailbox keeps deleted mail"
        )
        other_holds = f", and {len(self.marks)} other holds or policies apply to it" if self.marks else ""
        reason = f"the licence of this mailbox does not include litigation hold. Currently, {recovery}{other_holds}"
        return ServiceHold(Service.MAILBOX, HoldStatus.UNAVAILABLE, reason, lacking=True)


def read_mailbox(row: Body) -> Mailbox:
    """Return the mailbox in a row of Get-Mailbox. Raise BadAnswer if the row does not show the hold."""
    held, guid, capable = row.get("LitigationHoldEnabled"), str(row.get("Guid") or ""), can_be_held(row)
    if not isinstance(held, bool) or not guid or capable is None:
        raise BadAnswer("Get-Mailbox: the response does not show whether a mailbox is, or can be, on litigation hold")
    recovers = flag(row.get("SingleItemRecoveryEnabled"))
    return Mailbox(
        guid=guid,
        account=str(row.get("ExternalDirectoryObjectId") or guid),
        addresses=_addresses(row),
        capable=capable,
        inactive=flag(row.get("IsInactiveMailbox")),
        held=held,
        duration=_parse_span(row.get("LitigationHoldDuration")),
        since=_parse_instant(row.get("LitigationHoldDate")),
        comment=bool(row.get("RetentionComment")),
        url=bool(row.get("RetentionUrl")),
        marks=marks_of(row),
        deleted_for=_parse_span(row.get("RetainDeletedItemsFor")) if recovers else None,
    )


@dataclass(frozen=True, slots=True)
class MailboxOwner:
    """The owner of a mailbox, and whether a legal hold applies to the mailbox. None means that this is unknown."""

    account: str
    addresses: frozenset[str]
    held: bool | None


def read_owner(row: Body) -> MailboxOwner:
    """Return the mailbox owner in a row of Get-Mailbox. Raise BadAnswer if the row has no owner."""
    if not (account := str(row.get("ExternalDirectoryObjectId") or row.get("Guid") or "").lower()):
        raise BadAnswer("Get-Mailbox: the response does not show a mailbox's owner")
    litigation, other_holds = row.get("LitigationHoldEnabled"), includes_legal_hold(marks_of(row))
    is_known = isinstance(litigation, bool) and other_holds is not None
    return MailboxOwner(
        account, _addresses(row), True if litigation is True or other_holds else False if is_known else None
    )


def can_be_held(row: Body) -> bool | None:
    """Return whether a mailbox's licence allows a hold, or None if the row does not show it."""
    capabilities = row.get("PersistedCapabilities")
    return bool(_CAPABLE & {str(capability) for capability in capabilities}) if isinstance(capabilities, list) else None


def comparable_address(address: str) -> str:
    """Return an address for comparison: in lower case, without the dot that marks an inactive mailbox."""
    return address.strip().removeprefix(".").lower()


def _addresses(row: Body) -> frozenset[str]:
    proxies = [str(proxy).partition(":") for proxy in _to_list(row.get("EmailAddresses"))]
    addresses = {comparable_address(address) for scheme, _, address in proxies if scheme.lower() == "smtp"}
    return frozenset(addresses | {comparable_address(str(row.get("PrimarySmtpAddress") or ""))} - {""})


def _parse_span(value: Json) -> int | str:
    """Return a time span of whole days as a number. Return any other span as text in lower case."""
    written = str(value or "").strip()
    days = _DAYS.fullmatch(written)
    return int(days[1]) if days else written.lower()


def _parse_instant(value: Json) -> datetime | None:
    try:
        instant = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _to_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


INCLUDED: Mapping[Service, str] = {Service.MAIL: "mailbox", Service.FILES: "site"}
"""The names of services among the sources of a hold."""


def source_of(person: Person, addresses: Collection[str], sources: Iterable[Body], service: Service) -> Body | None:
    """Return the person's source that holds a service, or None.

    `addresses` are the person's present and earlier addresses.
    """
    own_sources = (source for source in sources if belongs_to(person, addresses, source))
    return next((source for source in own_sources if INCLUDED[service] in held_services(source)), None)


def belongs_to(person: Person, addresses: Collection[str], source: Body) -> bool:
    """Return whether a source belongs to a person. The id or an address must match, because the id may differ."""
    return address_of(source) in addresses or str(source.get("id")).lower() == person.id.lower()


def address_of(source: Body) -> str:
    """Return a source's address in the form used for comparison. Raise BadAnswer if it has none."""
    if not isinstance(written := source.get("email"), str) or not written:
        raise BadAnswer("eDiscovery: a source of a hold has no address, so its owner is unknown")
    return comparable_address(written)


def held_services(source: Body) -> frozenset[str]:
    """Return the services that a source holds: `mailbox`, `site` or both."""
    return frozenset(part.strip() for part in str(source.get("includedSources") or "").split(",")) - {""}


def state_of_source(service: Service, hold: Body, source: Body) -> ServiceHold:
    """Return the state of a source in a hold. A hold that works has no status, so its switch and errors are checked."""
    if not isinstance(is_enabled := hold.get("isEnabled"), bool):
        raise BadAnswer("eDiscovery: a hold does not show whether it is on")
    if reason := _describe_weakness(hold, source, is_enabled=is_enabled):
        return ServiceHold(service, HoldStatus.WEAKER, reason)
    is_applied = str(source.get("holdStatus") or "").lower() == "applied"
    return ServiceHold(service, HoldStatus.CONFIRMED if is_applied else HoldStatus.REQUESTED)


def _describe_weakness(hold: Body, source: Body, *, is_enabled: bool) -> str:
    errors = hold.get("errors")
    if not is_enabled:
        return "the hold keeps nothing, because it is off or its case is closed"
    if isinstance(errors, list) and errors:
        return f"the service reports {len(errors)} errors for this hold. The Purview portal shows them"
    if hold.get("contentQuery"):
        return "the hold keeps only content that its query finds. Remove the query in the Purview portal"
    match str(source.get("holdStatus") or "").lower():
        case "removing":
            return "the service is removing the source"
        case "partial":
            return "the service holds only a part of the content"
        case _:
            return ""
