"""The words of a digest for a finding, by what the ledger holds of it."""

from pathlib import Path

from toolkit.planning.memory.cause import Cause
from toolkit.planning.memory.difference import What
from toolkit.record.rows import FindingRow
from toolkit.record.sightings import FindingState
from toolkit.report.memory_text import CAUSES

PHRASES = {
    What.DIFFERENT: "not as wanted",
    What.MISSING: "missing",
    What.UNWANTED: "there and not wanted",
    What.MOVED: "in the wrong place",
    What.LOOK_ALIKE: "something else does the same job",
    What.DEFEATED: "something above it defeats it",
    What.REFUSED: "not as wanted, and toolkit would not write it",
}


def setting_of(row: FindingRow, of: str) -> str:
    """Name the setting, but for what is people's: which of whose settings it is would be too much."""
    return row.path if row.what == What.DIFFERENT and of == row.address else ""


def cause_of(row: FindingRow) -> str:
    """Say why it is so, and by whom; of people only that it was one."""
    cause = Cause(row.cause)
    if cause not in {Cause.TENANT, Cause.BOTH}:
        return CAUSES[cause]
    by = "by a person" if row.person else f"by {row.actor}" if row.actor else "by whom is not known"
    where = "changed in the tenant" if cause is Cause.TENANT else "changed in the playbooks, and in the tenant"
    return f"{where} {by}" if row.actor else f"{where}, {by}"


def advice_on(row: FindingRow, playbooks: Path) -> str:
    """Say what somebody who reads of it can do."""
    drift = f"`toolkit drift {playbooks}`"
    if row.state == FindingState.CONTESTED:
        return f"find out who changes it ({drift}); then write `leave: true` or `ours: true` in the playbook"
    if row.cause == Cause.TIME:
        return f"`toolkit due {playbooks} --yes` does it; see that its job runs"
    match What(row.what):
        case What.LOOK_ALIKE:
            return f"{drift} names it; write `adopt`, `beside` or `leave` in the playbook"
        case What.DEFEATED:
            return f"{drift} names it; move one of the two"
        case What.REFUSED:
            return f"{drift} says what stands in the way"
        case _:
            return f"`toolkit apply {playbooks}` makes it as wanted; `toolkit accept` lets it be until a day"
