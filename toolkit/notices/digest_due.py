"""The digest about what is due: exceptions and pilots not turned in time, and how a run of `due` ended.

No one is named.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from toolkit.engine.apply.outcome import Result
from toolkit.engine.run_report import Report
from toolkit.holds.model import HoldState
from toolkit.notices.digest_content import Wording
from toolkit.notices.digest_entry import HOLDS, Noted, cut, named, newcomers
from toolkit.notices.digest_resolved import restored
from toolkit.planning.matter import Matter
from toolkit.render.values_text import counted
from toolkit.sdk.address import Address


def overdue(report: Report, wording: Wording) -> Iterator[Noted]:
    """Tell of each exception or pilot that a run for what is due should have turned."""
    for one in _late(report):
        advice = f"`toolkit due` leaves it: {one.blocked}" if one.blocked else ""
        yield wording.overdue(one.text, many=f", for {counted(len(one.addresses), 'object')}", advice=advice)


def covered(report: Report) -> frozenset[Address]:
    """Return the objects that a line about an exception or pilot covers."""
    return frozenset(address for one in _late(report) for address in one.addresses)


def _late(report: Report) -> Iterator[Matter]:
    return (one for one in report.matters if one.turns and one.overdue(report.context.now))


NO_ANSWER, UNDONE, UNSENT = "due", "undone ", "unsent"


@dataclass(frozen=True, slots=True)
class OfDue:
    """How a run for what is due ended: with a report, or with an error in its place."""

    ended: Report | Exception
    holds: HoldState | None  # as they were followed up; None where nobody did
    wording: Wording

    def noted(self) -> Iterator[Noted]:
        """Tell of what went wrong; of what has to wait, or is not for this command, a drift tells."""
        if self.holds is HoldState.NOT_AS_WANTED:
            yield self.wording.holds()
        if not isinstance(self.ended, Report):
            phrase = f"came to no answer, so that nothing that is due is done: {cut(str(self.ended))}"
            advice = f"`toolkit doctor {self.wording.playbooks}` says what is missing"
            yield Noted(id=NO_ANSWER, of="toolkit due", phrase=phrase, advice=advice)
            return
        says_why = f"`toolkit due {self.wording.playbooks}` says why"
        for name in _undone(self.ended):
            yield Noted(id=f"{UNDONE}{name}", of=name, phrase="due, and could not be done", advice=says_why)
        yield from self._refused(self.ended)
        if any(result.failures for result in self.ended.results):
            yield Noted(id=UNSENT, of="messages to whoever is away", phrase="could not be sent", advice=says_why)
        yield from newcomers(self.ended)

    def over(self, ids: Iterable[str]) -> Iterator[Noted]:
        """Tell what of that which was told is over; nothing while something could not be read."""
        if self.holds is HoldState.AS_WANTED:
            yield from (restored(key) for key in ids if key == HOLDS)
        if not isinstance(self.ended, Report):
            return
        undone = {f"{UNDONE}{name}" for name in _undone(self.ended)} | {one.id for one in self._refused(self.ended)}
        for key in ids:
            if key == UNSENT and not any(result.failures for result in self.ended.results):
                yield Noted(id=key, of="messages to whoever is away", phrase="can be sent again")
            elif key.startswith(UNDONE) and key not in undone and not self.ended.plan.unknown:
                yield Noted(id=key, of=key.removeprefix(UNDONE), phrase="done, or not due any more")

    def _refused(self, report: Report) -> Iterator[Noted]:
        """Report what is due and refused; what only waits for a window of the school is done later."""
        for matter in report.matters:
            if matter.blocked and not matter.waits and matter.turns:
                advice = f"`toolkit due` leaves it: {matter.blocked}"
                yield self.wording.overdue(
                    matter.text, many=f", for {counted(len(matter.addresses), 'object')}", advice=advice
                )
            elif matter.blocked and not matter.waits:
                replies = f"automatic replies on {matter.addresses[0].provider}"
                phrase = f"due, and refused: {cut(matter.blocked)}"
                advice = f"`toolkit apply {self.wording.playbooks}` sets and gives back what is due"
                yield Noted(id=f"{UNDONE}{replies}", of=replies, phrase=phrase, advice=advice)


def answers_again(ids: Iterable[str]) -> Iterator[Noted]:
    """Tell that runs come to an answer again, as a drift finds it: a service that comes and goes is told of once."""
    return (Noted(id=key, of="toolkit due", phrase="comes to an answer again") for key in ids if key == NO_ANSWER)


def _undone(report: Report) -> list[str]:
    failed = (one.address for one in report.outcomes or () if one.result is not Result.DONE)
    return list(dict.fromkeys(map(named, failed)))
