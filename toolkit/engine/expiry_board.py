"""Reading the expiry board: what expires in the tenants that are open, and what the school recorded itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from toolkit.engine.context import RunContext
from toolkit.engine.tenants import Opened
from toolkit.errors import NotLicensed, ServiceError, SignInRefused
from toolkit.planning.checks.expiry import (
    BoardState,
    ExpiryEntry,
    in_school_time,
    judge_ending,
    recorded_entries,
    sort_board,
    unread_entry,
)
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.registers import ExpiryBoard
from toolkit.sdk.connector import Connection
from toolkit.sdk.expiry import ROWS, ExpirySource
from toolkit.sdk.providers import expiries
from toolkit.sdk.reader import read_safely
from toolkit.sdk.reason import reason_of, same_words

NO_REQUEST_SHOWS = same_words("no_request_shows_its_end", "no request shows when it ends; look at it in {place}")
_NEEDS = same_words("reading_it_needs", "; reading it needs {permissions}")


def read_board(context: RunContext, playbooks: Playbooks, reached: Opened) -> Sequence[ExpiryEntry]:
    """Return the board of a school, the worst first; nothing of the tenants where its registers do not ask for it."""
    registers, now = playbooks.registers, in_school_time(context.now, playbooks.school)
    entries = list(recorded_entries(registers, playbooks.school, now))
    board = registers.board
    for provider in playbooks.school.tenants if board else ():
        assert board is not None
        for source in (source for source in expiries(provider) if source.row not in board.left_out):
            if provider in reached.unreached:
                reason = reason_of(reached.unreached[provider])
                entries.append(unread_entry(source, provider, BoardState.UNKNOWN, reason))
            else:
                entries += _of_row(source, provider, board, reached.connections[provider], now)
        context.progress(f"read what expires on {provider}")
    return sort_board(entries)


def _of_row(
    source: ExpirySource, provider: str, board: ExpiryBoard, connection: Connection, now: datetime
) -> Iterator[ExpiryEntry]:
    row, read = ROWS[source.row], source.read
    if read is None:
        yield unread_entry(source, provider, BoardState.NOT_RECORDED, NO_REQUEST_SHOWS(place=source.wire))
        return
    try:
        endings = read_safely(source.row, lambda: list(read(connection, now)))
    except SignInRefused:
        raise
    except NotLicensed as error:
        yield unread_entry(source, provider, BoardState.UNAVAILABLE, reason_of(error))
        return
    except ServiceError as error:
        permissions = "; ".join(map(str, source.needs))
        reason = reason_of(error).then(_NEEDS(permissions=permissions))
        yield unread_entry(source, provider, BoardState.UNKNOWN, reason)
        return
    for ending in endings:
        days = board.days.get(source.row, row.days)
        yield judge_ending(ending, source.row, provider, days, now, acts=row.acts, read=source.wire)
