"""The features that take part in every run, and the function that opens a run with them."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, TypedDict, Unpack

from toolkit.canaries.run import MailCanaries
from toolkit.engine.extension import Extension
from toolkit.engine.prepare_run import PreparedRun, Remark, SessionReading, prepare_run
from toolkit.engine.read_tenants import Progress, ignore_message
from toolkit.engine.selection import Selection
from toolkit.holds.run import LegalHolds
from toolkit.lost.session import LostDeviceRecord
from toolkit.playbook.entries import Playbooks
from toolkit.replies.run import Replies
from toolkit.settings.settings import Settings, read_settings

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


class RunOptions(TypedDict, total=False):
    """Options of every run. By default, a run uses the school's own settings and shows no progress."""

    settings: Settings | None
    progress: Progress  # is called with a sentence about the current step
    remark: Remark  # is called with a sentence for the admin that is not part of the result
    reading: SessionReading | None  # of a session, which sets it


def extensions(ledger: "Ledger | None") -> Sequence[Extension]:
    """Return the extensions of a run, which store their records in the ledger."""
    return [Replies(ledger), LegalHolds(ledger), LostDeviceRecord(ledger), MailCanaries()]


def open_run(
    playbooks: Playbooks,
    selection: Selection,
    *,
    command: str,
    writes: bool = False,
    **options: Unpack[RunOptions],
) -> AbstractContextManager[PreparedRun]:
    """Open a run with the given settings, or with the school's own settings."""
    return prepare_run(
        playbooks,
        options.get("settings") or read_settings(playbooks.root),
        selection,
        extensions=extensions,
        command=command,
        writes=writes,
        progress=options.get("progress", ignore_message),
        remark=options.get("remark", ignore_message),
        reading=options.get("reading"),
    )
