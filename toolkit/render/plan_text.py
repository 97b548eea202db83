"""A plan, a drift and an apply as text for an admin."""

from collections import Counter
from collections.abc import Container, Iterator, Sequence

from toolkit.engine.apply.outcome import Outcome, Result
from toolkit.engine.exit_codes import summary
from toolkit.engine.run_report import Report
from toolkit.planning.change import Delete
from toolkit.planning.plan import Plan, RealisedControl
from toolkit.render.change_text import changed, first_reach_lines, watched
from toolkit.render.coverage_text import coverage_in_short, coverage_lines, covered
from toolkit.render.line import Line, Tone
from toolkit.render.section import Stage, section_lines
from toolkit.render.settings_text import settings_lines
from toolkit.render.skipped_text import set_aside
from toolkit.render.undecided_text import group_lines
from toolkit.render.values_text import counted, first_few
from toolkit.sdk.lending import object_name, without_names
from toolkit.sdk.part import Level
from toolkit.sdk.resource import Observed


def heading(report: Report) -> Iterator[Line]:
    """Say where the run goes and for whom, before anything else."""
    school = report.playbooks.school
    where = "live tenants" if report.context.target.live else "emulated tenants on this machine (simulated data)"
    yield Line(f"{school.name} ({', '.join(school.domains)}) on {where}", Tone.HEADING)
    yield from settings_lines(report.context.sources)
    for provider, tenant in report.tenants.items():
        yield Line(f"  {provider} tenant {tenant}", Tone.QUIET)
    if report.context.command == "rollback":
        yield Line(f"  back to before run {report.context.asked[1]}", Tone.QUIET)


def plan_lines(report: Report, *, whole: bool = False) -> Iterator[Line]:
    """Show a plan: what is changed, what is not and why, and one line that sums it up.

    Of controls that change nothing, what they leave to people and where they close apps is counted; `whole` shows that
    too, and names what is not ours.
    """
    plan = report.plan
    controls = {one.control for one in plan.controls} if whole else _changing(plan)
    yield from heading(report)
    yield from half_done(report)
    yield from group_lines(report)
    yield from section_lines(report, Stage.PLAN)
    yield from changed(plan.changes)
    yield from watched(plan.watched)
    yield from set_aside(plan, report.playbooks.school.time_zone)
    yield from left_to_people(plan.controls, controls)
    yield from left_alone(plan, named=whole)
    yield from coverage_lines(covered(report)) if whole else coverage_in_short(covered(report), controls)
    yield from section_lines(report, Stage.PLAN_END)
    yield from first_reach_lines(plan)
    yield from (Line(f"! limit: {limit}", Tone.WARNING) for limit in report.limits)
    yield from waiting_lines(report)
    yield Line()
    yield Line(f"Plan: {_counts(plan)}.", Tone.HEADING)


def narrow_plan_lines(report: Report) -> Iterator[Line]:
    """Show what a run changes, and nothing of what it leaves alone."""
    yield from heading(report)
    yield from half_done(report)
    yield from group_lines(report)
    yield from section_lines(report, Stage.PLAN)
    yield from changed(report.plan.changes)
    yield from set_aside(report.plan, report.playbooks.school.time_zone)
    yield from section_lines(report, Stage.PLAN_END)
    yield from (Line(f"! limit: {limit}", Tone.WARNING) for limit in report.limits)
    yield from waiting_lines(report)


def outcome_lines(report: Report) -> Iterator[Line]:
    """Show how the changes went: those that failed one by one, the rest as a number."""
    outcomes: Sequence[Outcome] = report.outcomes or ()
    done = [outcome for outcome in outcomes if outcome.result is Result.DONE]
    for outcome in outcomes:
        if outcome.result is not Result.DONE:
            error = without_names(outcome.address, outcome.error)
            text = f"! {object_name(outcome.address)}: {outcome.action} {outcome.result}: {error}"
            yield Line(text, Tone.WARNING)
    yield from section_lines(report, Stage.OUTCOME)
    yield Line()
    done_of = "Due" if report.context.command == "due" else "Applied"
    if not outcomes:
        refused = "nothing was written" if report.plan.changes else f"nothing to do{as_far(report.plan)}"
        yield Line(f"{done_of}: {refused}; {remainder(report.plan)}.", Tone.HEADING)
        return
    missed = len(outcomes) - len(done)
    failed = f", {counted(missed, 'change')} not done" if missed else ""
    rest = remainder(report.plan)
    yield Line(f"{done_of}: {counted(len(done), 'change')} done{failed}; {rest}.", Tone.HEADING)


def half_done(report: Report) -> Iterator[Line]:
    """Name what an earlier run left half done."""
    for one in report.half_done:
        what, verdict = f"{one.action} {object_name(one.address)}", one.verdict.replace("_", " ")
        yield Line(f"! left half done by run {one.run}: {what}: {verdict}", Tone.WARNING)


def _changing(plan: Plan) -> set[str]:
    """Name the controls that ask for something that is not so yet."""
    asked = (one.desired.made_by for one in plan.changes if not isinstance(one, Delete))
    return {control for made_by in asked if made_by for control in made_by.split(", ")}


def _counts(plan: Plan) -> str:
    numbers = summary(plan, None)
    verbs = {"create": "to create", "update": "to change", "delete": "to delete", "move": "to move"}
    wanted = [f"{numbers[name]} {verb}" for name, verb in verbs.items() if numbers[name]]
    return f"{', '.join(wanted) or f'nothing to do{as_far(plan)}'}; {remainder(plan)}"


def as_far(plan: Plan) -> str:
    """Claim no more than was read."""
    if all(one.for_whom for one in plan.unknown):
        return " where it is known for whom" if plan.unknown else ""
    return " among what could be read"


def remainder(plan: Plan) -> str:
    numbers = summary(plan, None)
    words = {
        "matching": "unchanged",
        "checked": "checked and different",
        "unmanaged": "unmanaged",
        "leftover": "managed and in no playbook",
        "look_alikes": "unmanaged with the same job",
        "doubles": "with the same job beside ours",
        "refused": "refused",
        "conflicts": "changed since and left",
        "defeated": "overridden by others",
        "unknown": "unknown",
        "undecided": "undecided",
    }
    told = [f"{numbers[name]} {word}" for name, word in words.items() if numbers[name] or name == "matching"]
    return ", ".join(told)


_WORDS = {
    Level.MANUAL: "manual",
    Level.CHECKED: "only checked",
    Level.UNAVAILABLE: "unavailable (licence)",
}


def left_to_people(controls: Sequence[RealisedControl], whole: Container[str]) -> Iterator[Line]:
    """Say part by part what the controls named in `whole` do not enforce; of the others, how many parts that is.

    What waits for the end of a pilot, and exceptions that cannot be made, are always said.
    """
    lines = [line for control in controls for line in _left(control, whole)]
    counts: Counter[Level] = Counter(
        part.level
        for control in controls
        if control.control not in whole and not control.exception
        for part in control.realisation.parts
        if part.level is not Level.ENFORCED
    )
    if counts:
        told = ", ".join(f"{counts[level]} {words}" for level, words in _WORDS.items() if counts[level])
        of = "of controls that change nothing" if lines else "of these controls"
        parts = counted(counts.total(), "part")
        lines.append(Line(f"{parts} {of}: {told} (-v names each, `toolkit check` says how it stands)", Tone.QUIET))
    yield from [Line(), *lines] if lines else []


def _left(control: RealisedControl, whole: Container[str]) -> Iterator[Line]:
    who = f"{control.control} on {control.provider}"
    if control.pilot and not control.pilot.over:
        yield Line(f"  {who}: {control.pilot}", Tone.QUIET)
    for part in control.realisation.parts:
        if part.level is not Level.ENFORCED and not control.exception and control.control in whole:
            yield Line(f"  {who}: {part.name}: {part.level}: {part.reason or part.covers}", Tone.QUIET)
        if part.waits:
            yield Line(f"  {who}: {part.name}: {part.waits}", Tone.QUIET)
        for text in part.cannot:
            yield Line(f"  {who}: {part.name}: no exception for {text}", Tone.QUIET)


_NAMED = 3


def waiting_lines(report: Report) -> Iterator[Line]:
    """Say once for all that waits for the same, until when."""
    yield from override_lines(report)
    for wait in dict.fromkeys(report.waiting.values()):
        named = [object_name(address) for address, why in report.waiting.items() if why == wait]
        yield Line(f"* {counted(len(named), 'change')} would wait: {wait}", Tone.WARNING)
        yield Line(f"    {first_few(named, _NAMED)}", Tone.QUIET)


def override_lines(report: Report) -> Iterator[Line]:
    """Say why windows and freezes do not count, where somebody says that."""
    if reason := report.context.override:
        yield Line(f"! windows and freezes are overridden: {reason}", Tone.WARNING)


def left_alone(plan: Plan, *, named: bool = False) -> Iterator[Line]:
    """Name ours that no playbook asks for, and count what others made by its kind; name that too where asked."""
    if plan.leftover:
        yield Line()
        verb = "it" if len(plan.leftover) == 1 else "them"
        text = f"{len(plan.leftover)} of ours not in the playbooks: --prune would delete {verb}, or give back what was"
        yield Line(f"{text} there before", Tone.WARNING)
        yield from (Line(f"  {object_name(one.address)}", Tone.WARNING) for one in plan.leftover)
    if plan.dropped:
        yield Line()
        settings = counted(len(plan.dropped), "setting")
        text = f"{settings} of ours that no playbook asks for any more: --prune would put back what was there before"
        yield Line(text, Tone.WARNING)
        for one in plan.dropped:
            stays = f" stays: {one.stays}" if one.stays else ""
            yield Line(f"  {one.address.told}: {one.path}{stays}", Tone.WARNING)
    if plan.unmanaged:
        yield Line()
        yield Line(f"Unmanaged: {', '.join(_count_by_kind(plan.unmanaged))}", Tone.QUIET)
        if named:
            yield from (Line(f"  {object_name(one.address)}", Tone.QUIET) for one in plan.unmanaged)


def _count_by_kind(objects: Sequence[Observed]) -> Iterator[str]:
    for kind in dict.fromkeys(one.address.of_kind for one in objects):
        yield counted(sum(one.address.of_kind == kind for one in objects), kind, kind)
