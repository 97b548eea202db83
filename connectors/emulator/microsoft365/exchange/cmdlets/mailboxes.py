"""Recipients, and mailboxes with what keeps their mail and litigation hold where their licence allows it."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.cmdlet import (
    Outcome,
    Put,
    Remove,
    Request,
    Run,
    chosen,
    identified,
    limited,
    merged,
)
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.microsoft365.retention_rules import DELAYS, MAILBOXES, delayed, listed, preserving
from connectors.emulator.store import Body, Json

NAMES = (
    "PrimarySmtpAddress",
    "UserPrincipalName",
    "Alias",
    "Name",
    "DisplayName",
    "Guid",
    "ExchangeGuid",
    "ExternalDirectoryObjectId",
)


def of_kind(request: Request, rows: Sequence[Body]) -> Sequence[Body]:
    """Narrow rows by RecipientTypeDetails and RecipientType."""
    details, kinds = request.parameters.get("RecipientTypeDetails"), request.parameters.get("RecipientType")
    for name, wanted in (("RecipientTypeDetails", details), ("RecipientType", kinds)):
        if isinstance(wanted, Sequence):
            rows = [row for row in rows if row.get(name) in wanted]
    return rows


def _recipients(request: Request) -> Outcome:
    return limited(request, of_kind(request, chosen(request, request.all("exchange.recipients"), NAMES)))


# Exchange Online Plan 2, or a lesser plan with Archiving beside it
_CAPABLE = frozenset({"BPOS_S_Enterprise", "BPOS_S_Archive", "BPOS_S_ArchiveAddOn"})
_LATER = "The hold setting may take up to 240 minutes to take effect."
_ENABLED, _DATE, _OWNER = "LitigationHoldEnabled", "LitigationHoldDate", "LitigationHoldOwner"
_DELAYED, _RELEASING = "DelayHoldApplied", "DelayReleaseHoldApplied"
_SWITCHES = ("InactiveMailbox", f"Remove{_DELAYED}", f"Remove{_RELEASING}", "Force")


class _State(Enum):
    """What became of a mailbox: once its account is gone, something has to keep it."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DELETED = "deleted"


def _everyone(request: Request) -> Iterator[tuple[_State, Body]]:
    """Show every mailbox with what keeps it."""
    kept = preserving(request.store, request.tenant_id, request.now)
    accounts = request.store.keys(request.tenant_id, "users")
    for stored in request.all(MAILBOXES):
        row: dict[str, Json] = {**stored, "InPlaceHolds": kept.marks(stored)}
        row[_DELAYED] = bool(stored.get(_DELAYED)) or stored["Guid"] in kept.delayed
        gone = bool(account := stored.get("ExternalDirectoryObjectId")) and account not in accounts
        inactive = bool(stored.get("IsInactiveMailbox")) or (gone and kept.keeps(row))
        row["IsInactiveMailbox"] = inactive
        yield (_State.INACTIVE if inactive else _State.DELETED if gone else _State.ACTIVE), row


def _list(request: Request) -> Outcome:
    asked = request.parameters
    if asked.get("SoftDeletedMailbox"):
        wanted = {_State.DELETED}
    elif asked.get("InactiveMailboxOnly"):
        wanted = {_State.INACTIVE}
    else:
        wanted = {_State.ACTIVE, *({_State.INACTIVE} if asked.get("IncludeInactiveMailbox") else ())}
    rows = [row for state, row in _everyone(request) if state in wanted]
    return limited(request, of_kind(request, chosen(request, rows, NAMES)))


def _change(request: Request) -> Outcome:
    reached = [(state, row) for state, row in _everyone(request) if state is not _State.DELETED]
    row = identified([row for _, row in reached], request.text("Identity"), NAMES)
    guid = str(row["Guid"])
    if row["IsInactiveMailbox"] and not request.parameters.get("InactiveMailbox"):
        raise Refused(
            f"If you want to change {_ENABLED} and LitigationHoldDuration on an inactive mailbox, please add the "
            "InactiveMailbox switch."
        )
    before = request.store.get(request.tenant_id, MAILBOXES, guid) or {}
    sent: dict[str, Json] = {name: value for name, value in request.parameters.items() if name not in _SWITCHES}
    after = {**merged(before, sent), **_held(request, before)}
    writes: list[Put | Remove] = [Put(MAILBOXES, guid, {**after, **_undelayed(request)})]
    if request.parameters.get(f"Remove{_DELAYED}"):
        writes.append(Remove(DELAYS, guid))
    if before.get(_ENABLED) and not after.get(_ENABLED):
        writes.append(Put(DELAYS, guid, delayed(request.now)))
    held_anew = bool(after.get(_ENABLED)) and _ENABLED in sent
    return Outcome(warnings=[_LATER] if held_anew else [], writes=writes)


def _held(request: Request, before: Body) -> Body:
    """Tell since when and by whom a mailbox is on hold; raises Refused where its licence does not allow it."""
    wanted, was = request.parameters.get(_ENABLED), bool(before.get(_ENABLED))
    if wanted is None:
        return {}
    if not wanted:
        return {_DATE: None, _OWNER: ""}
    if not _CAPABLE & {str(one) for one in listed(before.get("PersistedCapabilities"))}:
        raise Refused(
            f"The action 'Set-Mailbox', '{_ENABLED}', can't be performed on the user '{before.get('DisplayName')}'. "
            "Your Microsoft Exchange Online license doesn't permit you to put a litigation hold on this mailbox.",
            "Microsoft.Exchange.Configuration.Tasks.TaskInvalidOperationException",
        )
    if was:
        return {}
    named = {name: value for name in (_DATE, _OWNER) if (value := request.parameters.get(name))}
    return {_DATE: formats.moment(request.now), _OWNER: request.caller, **named}


def _undelayed(request: Request) -> Body:
    return {name: False for name in (_DELAYED, _RELEASING) if request.parameters.get(f"Remove{name}")}


RUNS: Mapping[str, Run] = {"Get-Mailbox": _list, "Set-Mailbox": _change, "Get-Recipient": _recipients}
