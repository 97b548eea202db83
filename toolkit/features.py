"""The features that take part in every run, and the function that opens a run with them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypedDict, Unpack

from toolkit.canaries.run import MailCanaries
from toolkit.engine.extension import Extension
from toolkit.engine.prepare_run import PreparedRun, Remark, SessionReading, prepare_run
from toolkit.engine.read_tenants import Progress, ignore_message
from toolkit.engine.selection import Selection
from toolkit.errors import UsageError
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


_KEPT_IN_GIT = frozenset({"apply", "withdraw", "rollback", "drift", "audit export", "report release"})
"""The commands after which the head may be kept in git. Jobs that run every few minutes would fill the repository."""


@contextmanager
def open_run(
    playbooks: Playbooks,
    selection: Selection,
    *,
    command: str,
    writes: bool = False,
    **options: Unpack[RunOptions],
) -> Iterator[PreparedRun]:
    """Open a run with the given settings, or with the school's own settings.

    At the end of a run that recorded anything, the ledger's head is kept in git if the school file asks for it.
    """
    remark = options.get("remark", ignore_message)
    with prepare_run(
        playbooks,
        options.get("settings") or read_settings(playbooks.root),
        selection,
        extensions=extensions,
        command=command,
        writes=writes,
        progress=options.get("progress", ignore_message),
        remark=remark,
        reading=options.get("reading"),
    ) as run:
        yield run
        if run.playbooks.school.record_in_git and command in _KEPT_IN_GIT:
            _keep_head_in_git(run, remark)


def _keep_head_in_git(run: PreparedRun, remark: Remark) -> None:
    from toolkit.ledger.git_heads import keep_head

    if not run.ledger.exists():
        return
    school = run.playbooks.school
    try:
        keep_head(run.playbooks.root, run.ledger.head(), school.record_in_git, run.context.run)
    except UsageError as error:
        remark(f"toolkit: {school.origin.path}: `record_in_git`: the head was not kept: {error}")
