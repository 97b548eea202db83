"""Read the expiry dates of a school: from its registers, and from its tenants if a register needs dates from them."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from toolkit.engine.context import RunContext
from toolkit.engine.tenants import Tenants
from toolkit.errors import NotLicensed, ServiceError
from toolkit.planning.checks.expiry import (
    BoardState,
    ExpiryEntry,
    entries_from_registers,
    entry_for_unread_source,
    sort_board,
    to_expiry_entry,
    to_school_time,
)
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.registers import ExpiryBoard
from toolkit.sdk.connector import Connection
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.expiry import ROWS, ExpirySource
from toolkit.sdk.providers import expiries
from toolkit.sdk.reason import reason_of, same_words

NO_REQUEST_SHOWS = same_words("no_request_shows_its_end", "toolkit cannot read when it ends. Check the date in {place}")
_NEEDS = same_words("reading_it_needs", "; reading it needs {permissions}")


def read_expiry_board(context: RunContext, playbooks: Playbooks, tenants: Tenants) -> Sequence[ExpiryEntry]:
    """Return the school's expiry dates, the most urgent first.

    The tenants are read only if the school file has a register that needs dates from them.
    """
    registers, now = playbooks.registers, to_school_time(context.now, playbooks.school)
    entries = list(entries_from_registers(registers, playbooks.school, now))
    board = registers.board
    for provider in playbooks.school.tenants if board else ():
        assert board is not None
        for source in (source for source in expiries(provider) if source.row not in board.left_out):
            if provider in tenants.unreached:
                reason = reason_of(tenants.unreached[provider])
                entries.append(entry_for_unread_source(source, provider, BoardState.UNKNOWN, reason))
            else:
                entries += _read_expiry_entries(source, provider, board, tenants.connections[provider], now)
        context.progress(f"read the expiry dates on {provider}")
    return sort_board(entries)


def _read_expiry_entries(
    source: ExpirySource, provider: str, board: ExpiryBoard, connection: Connection, now: datetime
) -> Iterator[ExpiryEntry]:
    row, read = ROWS[source.row], source.read
    if read is None:
        yield entry_for_unread_source(source, provider, BoardState.NOT_RECORDED, NO_REQUEST_SHOWS(place=source.wire))
        return
    endings = attempt(source.row, lambda: list(read(connection, now)))
    if isinstance(endings, NotLicensed):
        yield entry_for_unread_source(source, provider, BoardState.UNAVAILABLE, reason_of(endings))
        return
    if isinstance(endings, ServiceError):
        permissions = "; ".join(map(str, source.needs))
        reason = reason_of(endings).then(_NEEDS(permissions=permissions))
        yield entry_for_unread_source(source, provider, BoardState.UNKNOWN, reason)
        return
    for ending in endings:
        days = board.days.get(source.row, row.days)
        yield to_expiry_entry(ending, source.row, provider, days, now, next_action=row.acts, source=source.wire)
