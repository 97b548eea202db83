"""The words of a digest for a finding, by what the ledger holds of it."""

from pathlib import Path

from toolkit.drift.model import Cause, What
from toolkit.drift.text import CAUSES
from toolkit.ledger.tables import FindingRow
from toolkit.notices.digest_entry import named
from toolkit.planning.finding_state import FindingState
from toolkit.sdk.address import parse_address

PHRASES = {
    What.DIFFERENT: "not as wanted",
    What.MISSING: "missing",
    What.UNWANTED: "there and not wanted",
    What.MOVED: "in the wrong place",
    What.LOOK_ALIKE: "something else does the same job",
    What.DEFEATED: "stands above what is ours and defeats it",
    What.REFUSED: "not as wanted, and toolkit would not write it",
}


_OF_OTHERS = frozenset({What.LOOK_ALIKE, What.DEFEATED, What.REFUSED})
"""What nothing that is ours was changed for."""


def told_of(row: FindingRow) -> tuple[str, str]:
    """Name an object, and what of it; of what is people's not even that, and of what defeats ours what it defeats."""
    address = parse_address(row.address)
    of = named(address)
    match What(row.what):
        case What.DEFEATED:
            return f"{address.of_kind}[{row.path}]", address.name
        case What.DIFFERENT if of == row.address:
            return of, row.path
        case _:
            return of, ""


def cause_of(row: FindingRow) -> str:
    """Say why it is so, and by whom, behind a comma; of people only that it was one."""
    cause = Cause(row.cause)
    if What(row.what) in _OF_OTHERS:
        return ""
    if cause not in {Cause.TENANT, Cause.BOTH}:
        return f", {CAUSES[cause]}"
    by = "by a person" if row.person else f"by {row.actor}" if row.actor else "by whom is not known"
    done = "deleted" if row.what == What.MISSING else "changed"
    where = f"{done} in the tenant" if cause is Cause.TENANT else "changed in the playbooks, and in the tenant"
    return f", {where} {by}" if row.actor else f", {where}, {by}"


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
            return "see what it is for and who made it; then move it below ours, or change it"
        case What.REFUSED:
            return f"{drift} says what stands in the way"
        case _:
            return f"`toolkit apply {playbooks}` makes it as wanted; `toolkit accept` lets it be until a day"
