"""What is over of that which was told: nothing is, of which nothing can be said now."""

from toolkit.drift.run import DriftReport
from toolkit.engine.run_report import Report
from toolkit.holds.model import HoldState
from toolkit.holds.run import HoldsResult
from toolkit.notices.digest_entry import (
    FAILED,
    HOLDS,
    MISSING,
    NEWCOMER,
    OVERDUE,
    RENAMED,
    RUN,
    UNREAD,
    Noted,
    named,
    subject_of,
)
from toolkit.sdk.reason import admin_text

_OVER = {HOLDS: "as wanted again", RUN: "comes to an answer again"}


def is_over(key: str, drift: DriftReport) -> bool:
    """Say whether a drift found that something is over."""
    report = drift.run
    if key == HOLDS:
        holds = report.of_feature(HoldsResult)
        return holds is not None and holds.state is HoldState.AS_WANTED
    if key.startswith(NEWCOMER):
        return _is_gone(key.removeprefix(NEWCOMER), report)
    if key.startswith(MISSING):
        return report.playbooks.school.schedule is not None and key.removeprefix(MISSING) not in drift.missed
    if key.startswith(RENAMED) and any(key.rpartition(" ")[2] in admin_text(one.reason) for one in report.plan.unknown):
        return False
    still = {
        *(f"{UNREAD}{subject_of(one)}" for one in report.plan.unknown),
        *(f"{OVERDUE}{one.text}" for one in report.matters),
        *(f"{RENAMED}{one.what}" for one in report.renamed),
    }
    return key == RUN or (key.startswith((UNREAD, OVERDUE, RENAMED)) and not is_narrowed(report) and key not in still)


def _is_gone(name: str, report: Report) -> bool:
    """Say whether an object was looked for and not found: all of its kind were read, and it is not among them."""
    plan, kind = report.plan, name.partition("[")[0]
    unread = {one.kind for one in plan.unknown if one.address is None}
    if (
        is_narrowed(report)
        or kind not in {one.of_kind for one in plan.wanted}
        or unread & {kind, kind.partition(".")[0]}
    ):
        return False
    return name not in {named(one.address) for one in plan.unmanaged}


def restored(key: str) -> Noted:
    """Tell of something beside findings that is over."""
    of = "toolkit drift" if key == RUN else key.removeprefix(UNREAD).removeprefix(OVERDUE).removeprefix(NEWCOMER)
    if key.startswith((OVERDUE, NEWCOMER)):
        return Noted(id=key, of=of, phrase="done" if key.startswith(OVERDUE) else "gone")
    if key.startswith(MISSING):
        return Noted(id=key, of=f"the {key.removeprefix(MISSING).split()[1]} job", phrase="runs again")
    if key.startswith(RENAMED):
        return Noted(id=key, of=key.removeprefix(RENAMED), phrase="called in the playbooks what it is called now")
    return Noted(id=key, of=of, phrase=_OVER.get(key, "can be read again"))


def is_narrowed(report: Report) -> bool:
    """Say whether a drift looked at a part of the playbooks alone."""
    return bool(report.context.only or report.context.provider)


def is_failing(key: str, job: str) -> bool:
    """Say whether something that is told is that runs of a job came to no answer before a drift did."""
    return key.startswith(FAILED) and f" {job} run" in key
