"""Gathers the facts of a clause: what the tenants showed, what people confirmed, what is on file, what is missing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from toolkit.planning.checks.attestation_findings import who_confirmed
from toolkit.planning.checks.findings import ControlFinding, not_available
from toolkit.planning.plan import Plan, RealisedControl
from toolkit.planning.plan_view import Sight
from toolkit.planning.policy.documents import attested, on_file
from toolkit.planning.policy.fact import FOUND, NOBODY, PLAYBOOKS_SAY, UNCONFIRMED, Fact, FactVerdict
from toolkit.planning.policy.minimums import asked, shortfalls
from toolkit.planning.policy.page import OF_DOCUMENT, page_of
from toolkit.planning.policy.pilot_facts import first_for_some
from toolkit.playbook.entries import Departure, Playbooks
from toolkit.playbook.policy_entries import Clause, ClauseClass, Evidence
from toolkit.sdk.check import Status
from toolkit.sdk.part import Level
from toolkit.sdk.reason import About, ControlName, Reason, ReasonCode, same_words
from toolkit.values import Json
from toolkit.yaml.messages import day

NO_PLAYBOOK_ASKS = ReasonCode(
    "no_playbook_asks",
    admin="no playbook asks for {control}, so nothing looks at it",
    governor="the school's playbooks do not ask for {control}, so it is not checked",
)
_NOT_LOOKED_AT = same_words("nothing_looks_at", "nothing looks at {gap}")
_NO_PLAYBOOK = same_words("no_such_playbook", "no playbook is called {slug}, so nothing looks at what it would ask for")
_UNDECIDED = same_words("choice_not_decided", "{choice} is not decided: {question}")
_DIFFERENT = same_words("exception_for_some", "{name}: different for {audience} until {until}: {why}")
_APPROVED_BY = same_words("approved_by", "approved by {by} on {day}")
_READ_FROM = same_words("read_from", "read from {cloud} at {time}")
_HOW_IT_IS_MADE = same_words("how_it_is_made", "how {cloud} is made")
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

    def about(self, part: str, control: str, provider: str) -> About:
        """Return a part of a control on one cloud, or of the school's own, as what a reason is about."""
        return About(part, control, self.titles.get(provider, ""))

    def read_from(self, provider: str) -> Reason:
        """Return that a tenant said so."""
        return _READ_FROM(cloud=self.titles.get(provider, provider), time=f"{self.now:%H:%M}")


def undecided(playbooks: Playbooks) -> Mapping[str, Reason]:
    """Give the clauses that wait for a decision, each with what it waits for."""
    found: dict[str, Reason] = {}
    for choice in playbooks.undecided:
        reason = _UNDECIDED(choice=choice.name, question=choice.question)
        waiting = {one.name for one in choice.waiting}
        served = [clause.name for clause in playbooks.policy.clauses if waiting & set(clause.controls)]
        found |= {name: found.get(name, reason) for name in (*choice.clauses, *served)}
    for clause in playbooks.policy.clauses:
        for short in shortfalls(clause, playbooks):
            if short.undecided:
                found.setdefault(clause.name, short.reason)
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
                reason=short.reason,
                says=PLAYBOOKS_SAY,
                control=short.control,
                about=About("what the playbooks ask", short.control),
            )
    for control in clause.controls:
        if not asked(looked.playbooks, control):
            reason = NO_PLAYBOOK_ASKS(control=ControlName(control))
            about = About(control=control)
            yield Fact(verdict=FactVerdict.OPEN, reason=reason, says=NOBODY, control=control, about=about)
        yield from _of_control(control, clause, looked)
    yield from _of_resources(clause, looked)
    yield from on_file(clause, page_of(looked.playbooks, looked.today), looked.playbooks.registers, looked.today)
    for gap in clause.uncovered:
        yield Fact(verdict=FactVerdict.OPEN, reason=_NOT_LOOKED_AT(gap=gap), says=NOBODY)


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
            reason = _DIFFERENT(name=departure.name, audience=whom, until=until, why=departure.reason)
            says = _APPROVED_BY(by=departure.by, day=day(departure.on))
            yield Fact(verdict=FactVerdict.EXCEPTED, reason=reason, says=says, control=control)


def _of_parts(one: RealisedControl, names: Collection[str] | None, looked: RunResults) -> Iterator[Fact]:
    """Give what was seen of the parts of a control on one cloud, and what its service does by itself."""
    for part in one.realisation.parts:
        if (names is None or part.name in names) and part.level in {Level.ENFORCED, Level.CHECKED}:
            about = looked.about(part.name, one.control, one.provider)
            yield from looked.sight.of_part(part, one, about, looked.read_from(one.provider), looked.now)
            if part.always:
                says = _HOW_IT_IS_MADE(cloud=looked.titles.get(one.provider, one.provider))
                yield Fact(
                    verdict=FactVerdict.HOLDS,
                    reason=FOUND(about=about, found=not_available(part)),
                    says=says,
                    provider=one.provider,
                    control=one.control,
                )


def _about(departure: Departure, clause: Clause) -> bool:
    return not departure.clauses or clause.name in departure.clauses


def _of_finding(found: ControlFinding, looked: RunResults) -> Fact | None:
    """Turn what a check found into a fact; nothing where a part that the clause can do without is not to be had."""
    finding = found.finding
    about = looked.about(finding.subject, found.control, found.provider)
    reason = FOUND(about=about, found=UNCONFIRMED if finding.status is Status.MANUAL else finding.reason)
    says = looked.read_from(found.provider) if found.measured else NOBODY
    match finding.status:
        case Status.PASS if not found.measured:
            verdict, says = FactVerdict.HOLDS, who_confirmed(finding.reason)
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
        reason = _NO_PLAYBOOK(slug=slug)
        yield Fact(verdict=FactVerdict.OPEN, reason=reason, says=NOBODY)
    for playbook in looked.playbooks.playbooks:
        for entry in playbook.resources if playbook.slug in clause.resources else ():
            if entry.provider in looked.playbooks.school.tenants:
                says = looked.read_from(entry.provider)
                about = About(entry.name, cloud=looked.titles.get(entry.provider, entry.provider))
                yield from looked.sight.of_objects([entry.address], about, entry.provider, says, looked.now)


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
