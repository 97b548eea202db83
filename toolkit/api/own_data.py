"""Functions for the school's own data: remove people's names, and write documents."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from toolkit.engine.report_json import add_json_writer
from toolkit.engine.selection import EVERYTHING
from toolkit.features import RunOptions, open_run
from toolkit.holds.register import KEY as HOLDS_KEY
from toolkit.holds.register import refuse_while_held
from toolkit.playbook.entries import Playbooks
from toolkit.settings.settings import read_settings

if TYPE_CHECKING:
    from toolkit.engine.forget import ForgetReport


def dpo_pack(playbooks: Playbooks, directory: Path, *, force: bool = False) -> Sequence[Path]:
    """Write the documents for a data protection officer into a directory, and return their paths.

    The facts in the documents come from the playbooks. Decisions are left blank. No tenant is read and nothing is
    recorded. UsageError if a file exists already and `force` is not set.

        >>> [path.name for path in api.dpo_pack(school, Path("dpo"))]
    """
    from toolkit.dpo.pack import write_dpo_pack

    return write_dpo_pack(playbooks, directory, force=force)


def forget(
    playbooks: Playbooks,
    before: date,
    by: str,
    **options: Unpack[RunOptions],
) -> "ForgetReport":
    """Remove people's names that are older than a date from toolkit's own data, and return the number of removed names.

    `by` is the role that asked for the removal. It is recorded with the date and the numbers. The chain of the ledger
    stays valid. Addresses in the playbooks are kept, and so are names that a current automatic reply or an unfinished
    change still needs. EvidenceNeeded if the register of holds has a case that is not released.

        >>> api.forget(school, date(2025, 9, 1), "Data Protection Officer").forgotten.names
    """
    from toolkit.engine.forget import forget_names
    from toolkit.render.forget_text import forget_json

    settings = options["settings"] = options.get("settings") or read_settings(playbooks.root)
    with open_run(playbooks, EVERYTHING, command="forget", **options) as run:
        refuse_while_held(playbooks.root, settings.variables.get(HOLDS_KEY), run.ledger)
        report = forget_names(run.context, playbooks, run.ledger, before, by)
        return add_json_writer(report, forget_json, run.ledger.redactor)
