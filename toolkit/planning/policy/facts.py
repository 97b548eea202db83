"""Collect the facts about a policy clause from the tenants, confirmations, registers and known gaps."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property

from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.due_change import DueChange
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.policy.documents import confirmation_fact, find_recorded_facts
from toolkit.planning.policy.minimums import entries_of_control, find_shortfalls
from toolkit.planning.policy.page import NOBODY, PLAYBOOKS_SAY, Fact, Page, ground_to_fact, read_page
from toolkit.planning.verdicts.judge import WAITS, RunEvidence, judge_parts
from toolkit.planning.verdicts.objects import PlanLookup
from toolkit.playbook.entries import Departure, Playbooks
from toolkit.playbook.policy_entries import Clause, ClauseClass
from toolkit.sdk.dates import day
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import About, ControlName, Reason, ReasonCode, same_words
from toolkit.sdk.verdict import PartOutcome, Verdict

NO_PLAYBOOK_ASKS = ReasonCode(
    "no_playbook_asks",
    admin="no playbook asks for {control}, so it is not checked",
    governor="the agreed set-up does not include {control}, so it is not checked",
)
NOT_YET_CHECKED = same_words("nothing_looks_at", "not yet checked: {gap}")
SET_BY_TRUST = same_words("set_by_the_trust", ", set by the trust")
_NO_PLAYBOOK = ReasonCode(
    "no_such_playbook",
    admin="no playbook is called {slug}, so nothing is checked for it",
    governor="the agreed set-up has no part called {slug}, so nothing is checked for it",
)
_UNRATIFIED = ReasonCode(
    "clause_unratified",
    admin="UNRATIFIED: no one has accepted a class for this clause. Run `toolkit policy review`",
    governor="the school has not yet agreed how to check this clause, so it is not checked",
)
_UNDECIDED = same_words("choice_not_decided", "{choice} has not been decided: {question}")
_DIFFERENT = same_words("exception_for_some", "the exception {name} applies to {audience} until {until}: {why}")
_OVERSTAYED = ReasonCode(
    "exception_overstayed",
    admin="the exception {name} ended on {day} and is still in place on {cloud}: `toolkit apply` removes it",
    governor="the exception “{name}” ended on {day} and is still in place on {cloud}",
)
_APPROVED_BY = same_words("approved_by", "approved by {by} on {day}")


@dataclass(frozen=True)  # no slots, because properties are cached
class RunResults:
    """The results of a run from which the statuses of policy clauses are worked out."""

    playbooks: Playbooks
    plan: Plan
    findings: Sequence[ControlFinding]
    controls: Sequence[RealisedControl]
    titles: Mapping[str, str]  # of the clouds, by provider
    now: datetime  # in the school's time zone
    link: Fact | None = None  # the fact about the document's address
    overdue_exceptions: Sequence[DueChange] = ()  # exceptions that ended and are still in place, for each cloud
    read_times: Mapping[str, datetime] = field(default_factory=dict)  # by provider, if it differs from `now`

    @property
    def today(self) -> date:
        return self.now.date()

    @cached_property
    def plan_lookup(self) -> PlanLookup:
        """Return a lookup that finds the state of single objects in the run's plan."""
        return self.evidence.plan_lookup or PlanLookup(self.plan)

    @cached_property
    def evidence(self) -> RunEvidence:
        """Return the evidence that the verdicts on parts are based on."""
        return RunEvidence(
            controls=self.controls,
            plan=self.plan,
            findings=self.findings,
            titles=self.titles,
            now=self.now,
            read_times=self.read_times,
        )

    @cached_property
    def verdicts(self) -> Sequence[Verdict]:
        """Return the verdict on every part of every control."""
        return judge_parts(self.evidence)

    @cached_property
    def facts(self) -> Mapping[str, Sequence[tuple[Verdict, Fact]]]:
        """Return the facts about each control, each together with the verdict from which the fact comes."""
        by_control: dict[str, list[Verdict]] = {}
        for verdict in self.verdicts:
            by_control.setdefault(verdict.key.control, []).append(verdict)
        return {control: list(self._facts_from_verdicts(verdicts)) for control, verdicts in by_control.items()}

    def _facts_from_verdicts(self, verdicts: Sequence[Verdict]) -> Iterator[tuple[Verdict, Fact]]:
        unread = {verdict.key.provider for verdict in verdicts if verdict.of_control}
        of_trust = self._parts_set_by_trust
        for verdict in verdicts:
            key = verdict.key
            about = replace(self.subject_of(key.part, key.control, key.provider), exception=key.exception)
            for ground in verdict.grounds:
                is_reported_once = ground.outcome is PartOutcome.NOT_LOOKED_AT and key.provider in unread
                is_reported_once = (
                    is_reported_once or ground.reason.code is WAITS
                )  # `pilot_facts` reports it once for a control
                if not is_reported_once and (
                    fact := ground_to_fact(ground, key.provider, key.control, about, is_needed=verdict.needed)
                ):
                    yield verdict, _name_trust(fact) if (key.control, key.provider, key.part) in of_trust else fact

    @cached_property
    def _parts_set_by_trust(self) -> frozenset[tuple[str, str, str]]:
        """Return the parts of controls that a trust sets for the whole tenant. A lone school has none."""
        if not self.playbooks.slices.schools:
            return frozenset()
        keys = {
            school: {
                (control.control, control.provider, part.name)
                for control in self.controls
                if bool(control.school) is school and control.provider != SCHOOL
                for part in control.realisation.parts
            }
            for school in (True, False)
        }
        return frozenset(keys[False] - keys[True])

    @cached_property
    def facts_about_kept_objects(self) -> Mapping[str, Sequence[Fact]]:
        """Return, for each control, a fact about objects that still exist although the control no longer
        requires them.
        """
        facts: dict[str, list[Fact]] = {}
        for provider in self.playbooks.school.tenants:
            by_control: dict[str, list[RealisedControl]] = {}
            for realised_control in self.controls:
                by_control.setdefault(realised_control.control, []).extend(
                    [realised_control] if realised_control.provider == provider else []
                )
            for control, realised in by_control.items():
                ground = realised and self.plan_lookup.ground_for_kept_objects(
                    realised, self.evidence.source_with_time(provider), self.evidence.read_at(provider)
                )
                if ground and (fact := ground_to_fact(ground, provider, control, About())):
                    facts.setdefault(control, []).append(fact)
        return facts

    @cached_property
    def page(self) -> Page | None:
        """Return the policy document's page of control, which records ratification, review and signatures."""
        return read_page(self.playbooks, self.today)

    def subject_of(self, part: str, control: str, provider: str) -> About:
        """Return words that name a part of a control in a sentence, with the cloud or the school."""
        return self.evidence.subject_of(part, control, provider)


def _name_trust(fact: Fact) -> Fact:
    """Return a fact that says that the trust sets its subject."""
    if fact.says == NOBODY:
        return replace(fact, reason=fact.reason.then(SET_BY_TRUST()))
    return replace(fact, says=fact.says.then(SET_BY_TRUST()))


def find_undecided_clauses(playbooks: Playbooks) -> Mapping[str, Reason]:
    """Return the clauses that wait for a decision by the school, each with the reason."""
    reasons: dict[str, Reason] = {}
    for choice in playbooks.open_choices:
        reason = _UNDECIDED(choice=choice.name, question=choice.question)
        waiting = {control.name for control in choice.waiting}
        served = [clause.name for clause in playbooks.policy.clauses if waiting & set(clause.controls)]
        reasons |= {name: reasons.get(name, reason) for name in (*choice.clauses, *served)}
    for clause in playbooks.policy.clauses:
        for short in find_shortfalls(clause, playbooks):
            if short.is_undecided:
                reasons.setdefault(clause.name, short.reason)
    return reasons


def collect_facts(clause: Clause, results: RunResults) -> Iterator[Fact]:
    """Yield every fact about a policy clause."""
    if clause.of_class is ClauseClass.UNRATIFIED:
        yield Fact(outcome=PartOutcome.UNCONFIRMED, reason=_UNRATIFIED(), says=NOBODY)
        return
    if clause.of_class is ClauseClass.PEOPLE:
        yield confirmation_fact(clause, results.playbooks.registers.attested, results.today)
        return
    for short in find_shortfalls(clause, results.playbooks):
        if not short.is_undecided:
            yield Fact(
                outcome=PartOutcome.DIFFERS,
                reason=short.reason,
                says=PLAYBOOKS_SAY,
                control=short.control,
                subject=About("what the playbooks ask", short.control),
            )
    for control in clause.controls:
        if not entries_of_control(results.playbooks, control):
            reason = NO_PLAYBOOK_ASKS(control=ControlName(control))
            about = About(control=control)
            yield Fact(outcome=PartOutcome.NOT_LOOKED_AT, reason=reason, says=NOBODY, control=control, subject=about)
        yield from _control_facts(control, clause, results)
    yield from _resource_facts(clause, results)
    yield from find_recorded_facts(clause, results.page, results.playbooks.registers, results.today, results.link)
    for gap in clause.uncovered:
        yield Fact(outcome=PartOutcome.NOT_LOOKED_AT, reason=NOT_YET_CHECKED(gap=gap), says=NOBODY)


def _control_facts(control: str, clause: Clause, results: RunResults) -> Iterator[Fact]:
    names = clause.parts.get(control)
    for verdict, fact in results.facts.get(control, ()):
        if names is None or verdict.key.part in names or verdict.of_control:
            yield fact
    realised = (realised_control for realised_control in results.controls if realised_control.control == control)
    yield from pilot_facts(realised, names, results.titles)
    yield from results.facts_about_kept_objects.get(control, ())
    for departure in results.playbooks.departures:
        if departure.entry.name != control or not _affects_clause(departure, clause):
            continue
        yield from _facts_about_ended_exception(departure, results)
        if departure.live(results.now):
            ends, whom = departure.ends.astimezone(results.now.tzinfo), departure.audience.replace("_", " ")
            until = f"{ends:%H:%M} on {day(ends.date())}"
            reason = _DIFFERENT(name=departure.name, audience=whom, until=until, why=departure.reason)
            says = _APPROVED_BY(by=departure.by, day=day(departure.on))
            yield Fact(outcome=PartOutcome.EXCEPTED, reason=reason, says=says, control=control)


def _facts_about_ended_exception(exception: Departure, results: RunResults) -> Iterator[Fact]:
    """Yield a fact for each cloud on which the settings of an ended exception are still in place."""
    ended = day(exception.last_day(results.now.tzinfo))
    for provider in dict.fromkeys(
        due_change.provider for due_change in results.overdue_exceptions if due_change.exception == exception.name
    ):
        yield Fact(
            outcome=PartOutcome.DIFFERS,
            reason=_OVERSTAYED(name=exception.name, day=ended, cloud=results.titles.get(provider, provider)),
            says=results.evidence.source_with_time(provider),
            provider=provider,
            control=exception.entry.name,
            subject=About(control=exception.entry.name, exception=exception.name),
        )


def _affects_clause(exception: Departure, clause: Clause) -> bool:
    return not exception.clauses or clause.name in exception.clauses


def _resource_facts(clause: Clause, results: RunResults) -> Iterator[Fact]:
    """Yield the facts about objects that a playbook requires for the clause directly, without a control."""
    slugs = [playbook.slug for playbook in results.playbooks.playbooks]
    for slug in (slug for slug in clause.resources if slug not in slugs):
        reason = _NO_PLAYBOOK(slug=slug)
        yield Fact(outcome=PartOutcome.NOT_LOOKED_AT, reason=reason, says=NOBODY)
    for playbook in results.playbooks.playbooks:
        for entry in playbook.resources if playbook.slug in clause.resources else ():
            if entry.provider in results.playbooks.school.tenants:
                about = About(entry.name, cloud=results.titles.get(entry.provider, entry.provider))
                says = results.evidence.source_with_time(entry.provider)
                read_at = results.evidence.read_at(entry.provider)
                for ground in results.plan_lookup.object_grounds([entry.address], about, says, read_at):
                    yield from filter(None, [ground_to_fact(ground, entry.provider, "", about)])


_SOME_HAVE_IT = ReasonCode(
    "pilot_for_some",
    admin="{about} is in a pilot until {until}: only {role} have it, {reach}",
    governor="in a pilot{about} until {until}: only {people} have it",
)
_NO_ONE_HAS_IT = ReasonCode(
    "pilot_for_no_one",
    admin="{about} is in a pilot until {until}: it reaches no one before that date",
    governor="in a pilot{about} until {until}: no one has it before that date",
)


def pilot_facts(
    controls: Iterable[RealisedControl], part_names: Collection[str] | None, cloud_titles: Mapping[str, str]
) -> Iterator[Fact]:
    """Yield a fact for each cloud on which a control that serves the clause is in a pilot."""
    for control in controls:
        pilot = control.pilot
        parts = [
            p
            for p in control.realisation.parts
            if (part_names is None or p.name in part_names) and (p.resources or p.waits)
        ]
        if pilot is None or pilot.is_over or not parts:
            continue
        some = any(part.resources for part in parts)
        code = _SOME_HAVE_IT if some else _NO_ONE_HAS_IT
        about = About(control=control.control, cloud=cloud_titles.get(control.provider, control.provider))
        yield Fact(
            outcome=PartOutcome.DIFFERS,
            reason=code(
                about=about,
                until=day(pilot.until),
                role=pilot.role,
                people=pilot.role.replace("_", " "),
                reach=str(pilot.reach),
            ),
            says=PLAYBOOKS_SAY,
            provider=control.provider,
            control=control.control,
        )
