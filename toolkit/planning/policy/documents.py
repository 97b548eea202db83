"""What stands on file of a clause: what the document's own page shows, and what people recorded in the registers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from toolkit.planning.policy.fact import NOBODY, Fact, FactVerdict
from toolkit.planning.policy.page import OF_DOCUMENT, Page, of_page
from toolkit.playbook.policy_entries import Clause, Evidence
from toolkit.playbook.registers import Attested, Registers
from toolkit.yaml.messages import day

REGISTERS = "the school's registers"
CONFIRMED = "confirmed by "
"""The first words of who says so where a role confirmed it."""

OPEN_FOR = timedelta(days=30)
"""How long an incident may be open before that is a finding."""

_YEAR = timedelta(days=366)


def on_file(clause: Clause, page: Page | None, registers: Registers, today: date) -> Iterator[Fact]:
    """Give what is on file of a clause, one fact for each sort of evidence that it names.

    Where a register has nothing, somebody's word that the clause is kept counts as well.
    """
    word = attested(clause, registers.attested, today)
    for sort in clause.evidence:
        if sort in OF_DOCUMENT:
            yield replace(of_page(sort, page, today), about=f"the {sort}")
            continue
        fact = word if sort is Evidence.ATTESTED else _OF_REGISTERS[sort](clause, registers, today)
        counts = word if fact.verdict is FactVerdict.OPEN and word.verdict is FactVerdict.HOLDS else fact
        yield replace(counts, about=f"the {sort}")


def attested(clause: Clause, words: Sequence[Attested], today: date) -> Fact:
    """Say what people confirmed of a clause."""
    own = [one for one in words if one.clause == clause.name and one.on <= today]
    latest = max(own, key=lambda one: one.until, default=None)
    if latest is None:
        return _open("nobody has confirmed it yet")
    who = f"{latest.by}, who runs toolkit (the operator's word)," if latest.operator else latest.by
    says = f"{CONFIRMED}{who} on {day(latest.on)}"
    if latest.until < today:
        return _open(f"overdue since {day(latest.until)}: {says}")
    return Fact(verdict=FactVerdict.HOLDS, reason=latest.note or f"confirmed until {day(latest.until)}", says=says)


def _acknowledged(_clause: Clause, registers: Registers, today: date) -> Fact:
    counting = [one for one in registers.acknowledgements if one.on <= today < one.on + _YEAR]
    if not counting:
        return _open("no acknowledgement of the last year is on file")
    latest = {one.role: one for one in sorted(counting, key=lambda one: one.on)}.values()
    told = "; ".join(f"{one.signed} of {one.of} {one.role} on {day(one.on)}" for one in latest)
    some = FactVerdict.IN_PART if any(one.signed for one in latest) else FactVerdict.FAILS
    complete = all(one.signed == one.of for one in latest)
    return Fact(verdict=FactVerdict.HOLDS if complete else some, reason=f"acknowledged by {told}", says=REGISTERS)


def _approved(clause: Clause, registers: Registers, today: date) -> Fact:
    own = [one for one in registers.approvals if one.clause == clause.name and one.on <= today <= one.until]
    if not own:
        return _open("no approval that counts is on file")
    latest = max(own, key=lambda one: one.on)
    reason = f"{len(own)} on file, the latest by {latest.by} on {day(latest.on)}"
    return Fact(verdict=FactVerdict.HOLDS, reason=reason, says=REGISTERS)


def _incidents(clause: Clause, registers: Registers, today: date) -> Fact:
    own = [one for one in registers.incidents if one.clause == clause.name and one.on <= today]
    late = [one for one in own if one.closed is None and today - one.on > OPEN_FOR]
    if late:
        reason = f"an incident is open since {day(min(one.on for one in late))}"
        return Fact(verdict=FactVerdict.FAILS, reason=reason, says=REGISTERS)
    if recent := [one for one in own if today < one.on + _YEAR]:
        reason = f"{len(recent)} in the last year, {sum(one.closed is None for one in recent)} open"
        return Fact(verdict=FactVerdict.HOLDS, reason=reason, says=REGISTERS)
    return _open("no incident of the last year is on file, and nobody confirmed that there was none")


def _open(reason: str) -> Fact:
    return Fact(verdict=FactVerdict.OPEN, reason=reason, says=NOBODY)


_OF_REGISTERS: Mapping[Evidence, Callable[[Clause, Registers, date], Fact]] = {
    Evidence.ACKNOWLEDGEMENTS: _acknowledged,
    Evidence.APPROVALS: _approved,
    Evidence.INCIDENTS: _incidents,
}
