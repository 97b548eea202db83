"""What a digest may speak of: findings by what the ledger holds of them, and what a run saw besides.

No person is named in it, whether something is theirs or they did it: who reads a channel is not known here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.planning.cause import Cause
from toolkit.planning.difference import What
from toolkit.planning.plan import Unknown
from toolkit.record.rows import FindingRow
from toolkit.record.sightings import Ending, FindingState
from toolkit.report.memory_text import CAUSES, HOW
from toolkit.running.holds.compare import HoldState
from toolkit.running.reconcile import Report
from toolkit.tenant.address import Address, parse_address
from toolkit.tenant.providers import kinds
from toolkit.tenant.schedule import DRIFT

HOLDS, RUN, FINDING, UNREAD, OVERDUE, RENAMED = "holds", "run", "finding ", "unread ", "overdue: ", "renamed: "
FAILED = "failed: "
_LONGEST_REASON = 240

_PHRASES = {
    What.DIFFERENT: "not as wanted",
    What.MISSING: "missing",
    What.UNWANTED: "there and not wanted",
    What.MOVED: "in the wrong place",
    What.LOOK_ALIKE: "something else does the same job",
    What.DEFEATED: "something above it defeats it",
    What.REFUSED: "not as wanted, and toolkit would not write it",
}
_OVER = {HOLDS: "as wanted again", RUN: "comes to an answer again"}


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


@dataclass(frozen=True, slots=True)
class Wording:
    """In which words a school is told."""

    zone: ZoneInfo
    year: int
    playbooks: Path

    def finding(self, row: FindingRow) -> Noted:
        """Tell of a finding that is open."""
        of = _object(parse_address(row.address))
        contested = row.state == FindingState.CONTESTED
        since = f"since {self.day(datetime.fromisoformat(row.since))}"
        phrase = "changed again after each repair" if contested else _PHRASES[What(row.what)]
        return Noted(
            id=f"{FINDING}{row.id}",
            state=str(row.state),
            of=of,
            what=_setting(of, row),
            phrase=f"{phrase} {since}, {_why(row)}",
            advice=self._advice(row, contested=contested),
        )

    def fixed(self, row: FindingRow) -> Noted:
        """Tell of a finding that is none any more."""
        of = _object(parse_address(row.address))
        since = self.day(datetime.fromisoformat(row.since))
        return Noted(
            id=f"{FINDING}{row.id}",
            of=of,
            what=_setting(of, row),
            phrase=f"{_PHRASES[What(row.what)]} since {since}; {HOW[Ending(row.how or Ending.AS_WANTED)]}",
        )

    def day(self, instant: datetime) -> str:
        """Write a day as people say it."""
        day = instant.astimezone(self.zone)
        return f"{day.day} {day:%B}" + ("" if day.year == self.year else f" {day.year}")

    def seen(self, report: Report) -> Iterator[Noted]:
        """Tell of what a drift saw beside findings: holds, what could not be read, runs that did not happen."""
        if report.holds is HoldState.NOT_AS_WANTED:
            yield Noted(
                id=HOLDS,
                of="holds",
                phrase="not as wanted: what was to be kept as evidence may be lost",
                advice=f"whoever has the key of the register runs `toolkit hold list {self.playbooks}`, today",
                critical=True,
            )
        yield from {one.id: one for one in map(self._unread, report.plan.unknown)}.values()
        for what, now in dict.fromkeys((one.what, one.now) for one in report.renamed):
            places = [str(one.origin) for one in report.renamed if (one.what, one.now) == (what, now)]
            yield self.renamed(what, now, f"write the new name in {' and '.join(places)}")
        yield from map(self.failed, report.failed)
        yield from map(self.missed, report.missed)

    def renamed(self, what: str, now: str, advice: str = "") -> Noted:
        """Tell of a group that has another name than in the playbooks; where that stands is not always known."""
        where = advice or f"`toolkit rollover {self.playbooks}` says where to write the new name"
        return Noted(id=f"{RENAMED}{what}", state=now, of=what, phrase=f"is called {now} now", advice=where)

    def missed(self, text: str) -> Noted:
        """Tell of runs that did not happen."""
        advice = "see that the computer was on, and what its log says of the job"
        return Noted(id=text, of=text, phrase="", advice=advice, lasting=False)

    def failed(self, text: str) -> Noted:
        """Tell of runs that came to no answer."""
        advice = f"`toolkit doctor {self.playbooks}` says what is missing"
        return Noted(id=f"{FAILED}{text}", of=_cut(text), phrase="", advice=advice, lasting=False)

    def unread(self, of: str, reason: str = "") -> Noted:
        """Tell of what could not be read."""
        return Noted(
            id=f"{UNREAD}{of}",
            of=of,
            phrase=f"could not be read, so that nothing is known of it{reason}",
            advice=f"`toolkit drift {self.playbooks}` says why; `toolkit doctor {self.playbooks}` says what is missing",
        )

    def broken(self, error: Exception) -> Noted:
        """Tell of a drift that came to no answer: until it does, nothing is watched."""
        return Noted(
            id=RUN,
            of="toolkit drift",
            phrase=f"came to no answer, so that nothing is watched: {_cut(str(error))}",
            advice=f"`toolkit doctor {self.playbooks}` says what is missing",
            critical=True,
        )

    def over(self, ids: Iterable[str], fixed: Mapping[str, FindingRow], report: Report | None) -> Iterator[Noted]:
        """Tell what of that which was told is over; of what nothing can be said now it says nothing.

        `fixed` are the findings among it that are none any more; the report is that of a drift, None without one.
        """
        for key in ids:
            if key.startswith(FINDING):
                if row := fixed.get(key.removeprefix(FINDING)):
                    yield self.fixed(row)
            elif report and _is_over(key, report):
                yield restored(key)

    def _unread(self, one: Unknown) -> Noted:
        if one.for_whom:
            return self._not_judged(one)
        return self.unread(_subject(one), "" if one.address else f": {_cut(one.reason)}")

    def _not_judged(self, one: Unknown) -> Noted:
        """Tell of a group that is gone or empty, once for all that is for it."""
        return Noted(
            id=f"{UNREAD}{_subject(one)}",
            of=_cut(one.reason),
            what=_subject(one),
            phrase="not judged, and not written, until that is put right",
            advice=f"`toolkit rollover {self.playbooks}` says what became of it, what to write, or what is missing",
        )

    def _advice(self, row: FindingRow, *, contested: bool) -> str:
        drift = f"`toolkit drift {self.playbooks}`"
        if contested:
            return f"find out who changes it ({drift}); then write `leave: true` or `ours: true` in the playbook"
        if row.cause == Cause.TIME:
            return f"`toolkit due {self.playbooks} --yes` does it; see that its job runs"
        match What(row.what):
            case What.LOOK_ALIKE:
                return f"{drift} names it; write `adopt`, `beside` or `leave` in the playbook"
            case What.DEFEATED:
                return f"{drift} names it; move one of the two"
            case What.REFUSED:
                return f"{drift} says what stands in the way"
            case _:
                return f"`toolkit apply {self.playbooks}` makes it as wanted; `toolkit accept` lets it be until a day"


def restored(key: str) -> Noted:
    """Tell of something beside findings that is over."""
    of = "toolkit drift" if key == RUN else key.removeprefix(UNREAD).removeprefix(OVERDUE)
    if key.startswith(OVERDUE):
        return Noted(id=key, of=of, phrase="done")
    if key.startswith(RENAMED):
        return Noted(id=key, of=key.removeprefix(RENAMED), phrase="called in the playbooks what it is called now")
    return Noted(id=key, of=of, phrase=_OVER.get(key, "can be read again"))


def is_of_drift(key: str) -> bool:
    """Say whether something that is told is that drifts came to no answer before one did."""
    return key.startswith(FAILED) and f" {DRIFT} run" in key


def is_narrowed(report: Report) -> bool:
    """Say whether a drift looked at a part of the playbooks alone."""
    return bool(report.context.only or report.context.provider)


def _is_over(key: str, report: Report) -> bool:
    if key == HOLDS:
        return report.holds is HoldState.AS_WANTED
    if key.startswith(RENAMED) and any(key.rpartition(" ")[2] in one.reason for one in report.plan.unknown):
        return False
    still = {
        *(f"{UNREAD}{_subject(one)}" for one in report.plan.unknown),
        *(f"{OVERDUE}{one.text}" for one in report.due),
        *(f"{RENAMED}{one.what}" for one in report.renamed),
    }
    return key == RUN or (key.startswith((UNREAD, OVERDUE, RENAMED)) and not is_narrowed(report) and key not in still)


def _subject(one: Unknown) -> str:
    return _object(one.address) if one.address else one.kind


def _setting(of: str, row: FindingRow) -> str:
    """Name the setting, but for what is people's: which of whose settings it is would be too much."""
    return row.path if row.what == What.DIFFERENT and of == row.address else ""


def _object(address: Address) -> str:
    """Name an object, or only its kind where it is somebody's."""
    kind = kinds(address.provider).get(address.kind)
    return address.of_kind if kind and kind.per_person else str(address)


def _why(row: FindingRow) -> str:
    cause = Cause(row.cause)
    if cause not in {Cause.TENANT, Cause.BOTH}:
        return CAUSES[cause]
    by = "by a person" if row.person else f"by {row.actor}" if row.actor else "by whom is not known"
    where = "changed in the tenant" if cause is Cause.TENANT else "changed in the playbooks, and in the tenant"
    return f"{where} {by}" if row.actor else f"{where}, {by}"


def _cut(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= _LONGEST_REASON else f"{folded[: _LONGEST_REASON - 1]}…"
