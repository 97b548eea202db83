"""The entries of a digest: what is found, and what is resolved."""

from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.drift.run import DriftReport
from toolkit.engine.run_report import Report
from toolkit.holds.model import HoldState
from toolkit.holds.run import HoldsResult
from toolkit.planning.plan import Unknown
from toolkit.sdk.address import Address
from toolkit.sdk.providers import kinds
from toolkit.sdk.reason import admin_text

HOLDS, RUN, FINDING, UNREAD, OVERDUE, NEWCOMER = "holds", "run", "finding ", "unread ", "overdue: ", "newcomer "
RENAMED, FAILED, MISSING = "renamed: ", "failed: ", "missing: "
_LONGEST_REASON = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """One thing to be told: those that differ in `what` alone are told together."""

    id: str
    state: str = "open"  # told again when it changes
    of: str  # an object, or a kind of which each object is somebody's
    what: str = ""  # a setting
    phrase: str
    advice: str = ""
    critical: bool = False
    lasting: bool = True  # it stays until it is over; what only happened does not


def subject_of(one: Unknown) -> str:
    """Name what could not be read: an object, or a kind."""
    return named(one.address) if one.address else one.kind


def named(address: Address) -> str:
    """Name an object, or only its kind where it is somebody's."""
    kind = kinds(address.provider).get(address.kind)
    return address.of_kind if kind and kind.per_person else str(address)


def cut(text: str) -> str:
    """Shorten a reason, in one line."""
    folded = " ".join(text.split())
    return folded if len(folded) <= _LONGEST_REASON else f"{folded[: _LONGEST_REASON - 1]}…"


def newcomers(report: Report) -> Iterator[Noted]:
    """Tell of each by its name; of what is people's only that some did."""
    found = {named(one.address): one for one in report.newcomers}
    for name, one in found.items():
        yield newcomer(name, one.remote.id if name == str(one.address) else "open")


def newcomer(name: str, state: str) -> Noted:
    """Tell of one; another one of that name has another id, and is told again."""
    return Noted(
        id=f"{NEWCOMER}{name}",
        state=state,
        of=name,
        phrase="new since the last apply, and in no playbook: unmanaged",
        advice="see what it does and who made it; then remove it, or write it into a playbook",
    )


_OVER = {HOLDS: "in place again", RUN: "comes to an answer again"}


def is_over(key: str, drift: DriftReport) -> bool:
    """Say whether a drift found that something is over."""
    report = drift.run
    if key == HOLDS:
        holds = report.of_feature(HoldsResult)
        return holds is not None and holds.state in {HoldState.AS_WANTED, HoldState.NONE}
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
    """Return the entry of something other than a finding that has ended."""
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
