"""Gathers the facts of a clause: what the tenants showed, what people confirmed, what is on file, what is missing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.plan import Plan, RealisedControl
from toolkit.planning.plan_view import Sight
from toolkit.planning.policy.documents import attested, on_file
from toolkit.planning.policy.fact import NOBODY, PLAYBOOKS_SAY, Fact, FactVerdict
from toolkit.planning.policy.minimums import asked, shortfalls
from toolkit.planning.policy.page import OF_DOCUMENT, page_of
from toolkit.planning.policy.pilot_facts import first_for_some
from toolkit.playbook.entries import Departure, Playbooks
from toolkit.playbook.policy_entries import Clause, ClauseClass, Evidence
from toolkit.sdk.finding import Status
from toolkit.sdk.part import Level
from toolkit.values import Json
from toolkit.yaml.messages import day

_FINE = ("fine", "covered", "can_be_held", "registered", "always")
"""Under these words checks count the people or devices that are as wanted."""


@dataclass(frozen=True)  # no slots: the sight is kept
class RunResults:
    """All that one run found out."""

    playbooks: Playbooks
    plan: Plan
    findings: Sequence[ControlFinding]
    controls: Sequence[RealisedControl]
    titles: Mapping[str, str]  # of the clouds, by provider
    now: datetime  # in the school's time zone

    @property
    def today(self) -> date:
        return self.now.date()

    @cached_property
    def sight(self) -> Sight:
        """Give the plan, to be asked about single objects."""
        return Sight(self.plan)

    def named(self, part: str, control: str, provider: str) -> str:
        """Name a part of a control on one cloud, or of the school's own."""
        where = f" on {self.titles[provider]}" if provider in self.titles else ""
        return f"{control}, {part}{where}"

    def read_from(self, provider: str) -> str:
        """Say that a tenant said so."""
        return f"read from {self.titles.get(provider, provider)} at {self.now:%H:%M}"


def undecided(playbooks: Playbooks) -> Mapping[str, str]:
    """Give the clauses that wait for a decision, each with what it waits for."""
    found: dict[str, str] = {}
    for choice in playbooks.undecided:
        sentence = f"{choice.name} is not decided: {choice.question}"
        waiting = {one.name for one in choice.waiting}
        served = [clause.name for clause in playbooks.policy.clauses if waiting & set(clause.controls)]
        found |= {name: found.get(name, sentence) for name in (*choice.clauses, *served)}
    for clause in playbooks.policy.clauses:
        for short in shortfalls(clause, playbooks):
            if short.undecided:
                found.setdefault(clause.name, short.sentence)
    return found


def facts_of(clause: Clause, looked: RunResults) -> Iterator[Fact]:
    """Give everything that is known of one clause."""
    if clause.of_class is ClauseClass.PEOPLE:
        yield attested(clause, looked.playbooks.registers.attested, looked.today)
        return
    for short in shortfalls(clause, looked.playbooks):
        if not short.undecided:
            yield Fact(
                verdict=FactVerdict.FAILS,
                reason=short.sentence,
                says=PLAYBOOKS_SAY,
                control=short.control,
                about=f"{short.control}, what the playbooks ask",
            )
    for control in clause.controls:
        if not asked(looked.playbooks, control):
            reason = f"no playbook asks for {control}, so nothing looks at it"
            yield Fact(verdict=FactVerdict.OPEN, reason=reason, says=NOBODY, control=control, about=control)
        yield from _of_control(control, clause, looked)
    yield from _of_resources(clause, looked)
    yield from on_file(clause, page_of(looked.playbooks, looked.today), looked.playbooks.registers, looked.today)
    for gap in clause.uncovered:
        yield Fact(verdict=FactVerdict.OPEN, reason=f"nothing looks at {gap}", says=NOBODY)


def _of_control(control: str, clause: Clause, looked: RunResults) -> Iterator[Fact]:
    names = clause.parts.get(control)
    realised = [one for one in looked.controls if one.control == control]
    for one in realised:
        yield from _of_parts(one, names, looked)
    yield from first_for_some(realised, names, looked.titles)
    for provider in looked.playbooks.school.tenants:
        if here := [one for one in realised if one.provider == provider]:
            yield from looked.sight.taken_back(here, looked.read_from(provider), looked.now)
    for found in looked.findings:
        about = found.part.name if found.part else found.finding.subject
        meant = names is None or about in names or (found.part is None and not found.measured)
        if found.control == control and meant and (fact := _of_finding(found, looked)):
            yield fact
    for departure in looked.playbooks.departures:
        if departure.entry.name == control and _about(departure, clause) and departure.live(looked.now):
            ends, whom = departure.ends.astimezone(looked.now.tzinfo), departure.audience.replace("_", " ")
            until = f"{ends:%H:%M} on {day(ends.date())}"
            reason = f"{departure.name}: different for {whom} until {until}: {departure.reason}"
            says = f"approved by {departure.by} on {day(departure.on)}"
            yield Fact(verdict=FactVerdict.EXCEPTED, reason=reason, says=says, control=control)


def _of_parts(one: RealisedControl, names: Collection[str] | None, looked: RunResults) -> Iterator[Fact]:
    """Give what was seen of the parts of a control on one cloud, and what its service does by itself."""
    for part in one.realisation.parts:
        if (names is None or part.name in names) and part.level in {Level.ENFORCED, Level.CHECKED}:
            name = looked.named(part.name, one.control, one.provider)
            yield from looked.sight.of_part(part, one, name, looked.read_from(one.provider), looked.now)
            if part.always:
                says = f"how {looked.titles.get(one.provider, one.provider)} is made"
                yield Fact(
                    verdict=FactVerdict.HOLDS,
                    reason=f"{name}: {part.reason}",
                    says=says,
                    provider=one.provider,
                    control=one.control,
                )


def _about(departure: Departure, clause: Clause) -> bool:
    return not departure.clauses or clause.name in departure.clauses


def _of_finding(found: ControlFinding, looked: RunResults) -> Fact | None:
    """Turn what a check found into a fact; nothing where a part that the clause can do without is not to be had."""
    finding = found.finding
    said = "nobody has confirmed it yet" if finding.status is Status.MANUAL else finding.reason
    about = looked.named(finding.subject, found.control, found.provider)
    reason = f"{about}: {said}"
    says = looked.read_from(found.provider) if found.measured else NOBODY
    match finding.status:
        case Status.PASS if not found.measured:
            verdict, says = FactVerdict.HOLDS, finding.reason.partition(", until")[0]
        case Status.PASS:
            verdict = FactVerdict.HOLDS
        case Status.FAIL if found.measured:
            some = any(_some(finding.evidence.get(count)) for count in _FINE)
            verdict = FactVerdict.IN_PART if some else FactVerdict.FAILS
        case Status.UNKNOWN:
            verdict = FactVerdict.UNREAD
        case _:
            if found.part and not found.part.needed:
                return None
            verdict = FactVerdict.OPEN
    seen = looked.now if found.measured else None
    return Fact(
        verdict=verdict,
        reason=reason,
        says=says,
        provider=found.provider,
        control=found.control,
        seen=seen,
        about=about,
    )


def _some(count: Json) -> bool:
    return isinstance(count, int) and count > 0


def _of_resources(clause: Clause, looked: RunResults) -> Iterator[Fact]:
    """Give what was seen of the single objects of playbooks that serve the clause."""
    slugs = [playbook.slug for playbook in looked.playbooks.playbooks]
    for slug in (one for one in clause.resources if one not in slugs):
        reason = f"no playbook is called {slug}, so nothing looks at what it would ask for"
        yield Fact(verdict=FactVerdict.OPEN, reason=reason, says=NOBODY)
    for playbook in looked.playbooks.playbooks:
        for entry in playbook.resources if playbook.slug in clause.resources else ():
            if entry.provider in looked.playbooks.school.tenants:
                says = looked.read_from(entry.provider)
                name = f"{entry.name} on {looked.titles.get(entry.provider, entry.provider)}"
                yield from looked.sight.of_objects([entry.address], name, entry.provider, says, looked.now)


def unmentioned(playbooks: Playbooks) -> Sequence[Clause]:
    """List the clauses for which something of ours could be done, and which no playbook names or serves."""
    named = {name for playbook in playbooks.playbooks for name in playbook.clauses}
    asking = {name for playbook in playbooks.playbooks for name in playbook.asked}
    slugs = {playbook.slug for playbook in playbooks.playbooks}
    return [
        clause
        for clause in playbooks.policy.clauses
        if clause.of_class is not ClauseClass.PEOPLE
        and clause.name not in named
        and not asking & set(clause.controls)
        and not slugs & set(clause.resources)
        and not _recorded(clause, playbooks)
    ]


def _recorded(clause: Clause, playbooks: Playbooks) -> bool:
    """Say whether the document or a register shows something of a clause."""
    registers = playbooks.registers
    named = {
        *(one.clause for one in registers.approvals),
        *(one.clause for one in registers.incidents),
        *(one.clause for one in registers.attested),
    }
    counted = Evidence.ACKNOWLEDGEMENTS in clause.evidence and registers.acknowledgements
    written = OF_DOCUMENT & set(clause.evidence) and playbooks.policy.document
    return clause.name in named or bool(counted or written)
