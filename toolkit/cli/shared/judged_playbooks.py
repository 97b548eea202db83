"""Load the playbooks of a school whose policy is judged, and write its report."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit import api
from toolkit.engine.prepare_run import SessionReading
from toolkit.engine.selection import Selection
from toolkit.errors import UsageError
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.files import is_trust

if TYPE_CHECKING:
    from toolkit.api import WrittenReport


def load_judged(path: Path, selection: Selection) -> Playbooks:
    """Return the playbooks of a folder. In the folder of a trust, the selected school may be in several tenants."""
    if not is_trust(path):
        return api.load(path, selection)
    from toolkit.trust.school_policy import load_judged_school

    return load_judged_school(path, selection)


def export_judged(
    playbooks: Playbooks,
    selection: Selection,
    directory: Path,
    *,
    recipients: tuple[str, ...],
    mail: bool,
    **options: Any,
) -> "WrittenReport":
    """Write the report for the governors of a lone school, or of the selected school of a trust."""
    if not playbooks.slices.schools:
        return api.export_report(playbooks, directory, recipients=recipients, mail=mail, **options)
    from toolkit.trust.school_report import export_school_report

    if mail:
        raise UsageError("--mail: trust.yaml does not name mailboxes for reports. Hand the files over")
    return export_school_report(playbooks, selection, directory, **options)


def one_at_a_time(selection: Selection) -> Iterator[tuple[Selection, SessionReading | None]]:
    """Yield the selection of each school. Schools in the same tenant share a sign-in and a read of it."""
    if len(selection.schools) < 2:  # noqa: PLR2004 (several)
        yield selection, None
        return
    reading = SessionReading() if selection.tenant else None
    try:
        yield from ((selection._replace(schools=(school,)), reading) for school in selection.schools)
    finally:
        if reading:
            reading.close_connections()
