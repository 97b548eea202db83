"""The cmdlets for recipients and mailboxes. Mailboxes show the holds on their mail. Litigation hold needs a licence."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.cmdlet import (
    Outcome,
    Put,
    Remove,
    Request,
    Run,
    apply_parameters,
    choose_rows,
    find_object,
    limit_rows,
)
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.microsoft365.retention_rules import (
    DELAYS,
    MAILBOXES,
    as_sequence,
    delay_entry,
    read_preserving_holds,
)
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


def filter_by_type(request: Request, rows: Sequence[Body]) -> Sequence[Body]:
    """Return the rows that RecipientTypeDetails and RecipientType select."""
    details, kinds = request.parameters.get("RecipientTypeDetails"), request.parameters.get("RecipientType")
    for name, allowed in (("RecipientTypeDetails", details), ("RecipientType", kinds)):
        if isinstance(allowed, Sequence):
            rows = [row for row in rows if row.get(name) in allowed]
    return rows


def _list_recipients(request: Request) -> Outcome:
    return limit_rows(request, filter_by_type(request, choose_rows(request, request.all("exchange.recipients"), NAMES)))


# Exchange Online Plan 2, or a smaller plan together with Archiving
_CAPABLE = frozenset({"BPOS_S_Enterprise", "BPOS_S_Archive", "BPOS_S_ArchiveAddOn"})
_LATER = "The hold setting may take up to 240 minutes to take effect."
_ENABLED, _DATE, _OWNER = "LitigationHoldEnabled", "LitigationHoldDate", "LitigationHoldOwner"
_DELAYED, _RELEASING = "DelayHoldApplied", "DelayReleaseHoldApplied"
_SWITCHES = ("InactiveMailbox", f"Remove{_DELAYED}", f"Remove{_RELEASING}", "Force")


class _State(Enum):
    """The state of a mailbox. After its account is deleted, only a hold keeps the mailbox."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    DELETED = "deleted"


def _all_mailboxes(request: Request) -> Iterator[tuple[_State, Body]]:
    """Yield every mailbox, with the holds on it."""
    kept = read_preserving_holds(request.store, request.tenant_id, request.now)
    accounts = request.store.keys(request.tenant_id, "users")
    for stored in request.all(MAILBOXES):
        row: dict[str, Json] = {**stored, "InPlaceHolds": kept.marks(stored)}
        row[_DELAYED] = bool(stored.get(_DELAYED)) or stored["Guid"] in kept.delayed_mailboxes
        gone = bool(account := stored.get("ExternalDirectoryObjectId")) and account not in accounts
        inactive = bool(stored.get("IsInactiveMailbox")) or (gone and kept.keeps(row))
        row["IsInactiveMailbox"] = inactive
        yield (_State.INACTIVE if inactive else _State.DELETED if gone else _State.ACTIVE), row


def _list_mailboxes(request: Request) -> Outcome:
    parameters = request.parameters
    if parameters.get("SoftDeletedMailbox"):
        states = {_State.DELETED}
    elif parameters.get("InactiveMailboxOnly"):
        states = {_State.INACTIVE}
    else:
        states = {_State.ACTIVE, *({_State.INACTIVE} if parameters.get("IncludeInactiveMailbox") else ())}
    rows = [row for state, row in _all_mailboxes(request) if state in states]
    return limit_rows(request, filter_by_type(request, choose_rows(request, rows, NAMES)))


def _change_mailbox(request: Request) -> Outcome:
    reached = [(state, row) for state, row in _all_mailboxes(request) if state is not _State.DELETED]
    row = find_object([row for _, row in reached], request.text("Identity"), NAMES)
    guid = str(row["Guid"])
    if row["IsInactiveMailbox"] and not request.parameters.get("InactiveMailbox"):
        raise Refused(
            f"If you want to change {_ENABLED} and LitigationHoldDuration on an inactive mailbox, please add the "
            "InactiveMailbox switch."
        )
    before = request.store.get(request.tenant_id, MAILBOXES, guid) or {}
    sent: dict[str, Json] = {name: value for name, value in request.parameters.items() if name not in _SWITCHES}
    after = {**apply_parameters(before, sent), **_hold_properties(request, before)}
    writes: list[Put | Remove] = [Put(MAILBOXES, guid, {**after, **_removed_delays(request)})]
    if request.parameters.get(f"Remove{_DELAYED}"):
        writes.append(Remove(DELAYS, guid))
    if before.get(_ENABLED) and not after.get(_ENABLED):
        writes.append(Put(DELAYS, guid, delay_entry(request.now)))
    held_anew = bool(after.get(_ENABLED)) and _ENABLED in sent
    return Outcome(warnings=[_LATER] if held_anew else [], writes=writes)


def _hold_properties(request: Request, before: Body) -> Body:
    """Return the start and the author of a litigation hold. Raise Refused if the licence does not include it."""
    enabled, was = request.parameters.get(_ENABLED), bool(before.get(_ENABLED))
    if enabled is None:
        return {}
    if not enabled:
        return {_DATE: None, _OWNER: ""}
    if not _CAPABLE & {str(capability) for capability in as_sequence(before.get("PersistedCapabilities"))}:
        raise Refused(
            f"The action 'Set-Mailbox', '{_ENABLED}', can't be performed on the user '{before.get('DisplayName')}'. "
            "Your Microsoft Exchange Online license doesn't permit you to put a litigation hold on this mailbox.",
            "Microsoft.Exchange.Configuration.Tasks.TaskInvalidOperationException",
        )
    if was:
        return {}
    named = {name: value for name in (_DATE, _OWNER) if (value := request.parameters.get(name))}
    return {_DATE: formats.to_moment(request.now), _OWNER: request.caller, **named}


def _removed_delays(request: Request) -> Body:
    return {name: False for name in (_DELAYED, _RELEASING) if request.parameters.get(f"Remove{name}")}


RUNS: Mapping[str, Run] = {
    "Get-Mailbox": _list_mailboxes,
    "Set-Mailbox": _change_mailbox,
    "Get-Recipient": _list_recipients,
}
