"""How the policy stands, clause by clause, for a terminal."""

from collections.abc import Iterator

from toolkit.engine.policy import PolicyReport
from toolkit.planning.policy.fact import NOBODY
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.render.doctor_text import examined_heading
from toolkit.render.line import Line, Tone
from toolkit.render.values_text import counted
from toolkit.sdk.reason import admin_text
from toolkit.yaml.messages import day

_SIGNS = {
    ClauseStanding.NOT_MET: "!",
    ClauseStanding.UNDECIDED: ">",
    ClauseStanding.NOT_CHECKED: "?",
    ClauseStanding.PARTLY: "~",
    ClauseStanding.EXCEPTED: "x",
    ClauseStanding.ON_FILE: "+",
    ClauseStanding.MET: "=",
    ClauseStanding.NOT_TECHNICAL: "-",
}
_TONES = {
    ClauseStanding.NOT_MET: Tone.REMOVED,
    ClauseStanding.UNDECIDED: Tone.CHANGED,
    ClauseStanding.NOT_CHECKED: Tone.WARNING,
    ClauseStanding.PARTLY: Tone.CHANGED,
    ClauseStanding.EXCEPTED: Tone.CHANGED,
    ClauseStanding.ON_FILE: Tone.ADDED,
    ClauseStanding.MET: Tone.ADDED,
    ClauseStanding.NOT_TECHNICAL: Tone.QUIET,
}
_EXPLAINED = frozenset(
    {
        ClauseStanding.NOT_MET,
        ClauseStanding.UNDECIDED,
        ClauseStanding.NOT_CHECKED,
        ClauseStanding.PARTLY,
        ClauseStanding.EXCEPTED,
    }
)
_WIDTH = max(len(standing) for standing in ClauseStanding)


def policy_lines(report: PolicyReport) -> Iterator[Line]:
    """Show what is overdue or blank, then the clauses section by section, then what nobody works at."""
    yield from examined_heading(report.playbooks.school, report.context.target.name, report.context.sources)
    yield from (Line(f"  {provider} tenant {tenant}", Tone.QUIET) for provider, tenant in report.tenants.items())
    yield Line(f"  evidence since {day(report.evidence_since.date())}", Tone.QUIET)
    yield from (Line(f"! the policy document: {admin_text(one)}", Tone.REMOVED) for one in report.first)
    section = ""
    for one in report.statuses:
        if one.clause.place.section != section:
            section = one.clause.place.section
            yield Line()
            yield Line(section, Tone.HEADING)
        yield from _clause(one)
    yield from _unmentioned(report)
    yield Line()
    told = [f"{number} {word}" for word, number in report.summary.items() if number]
    yield Line(f"Policy: {counted(len(report.statuses), 'clause')}: {', '.join(told)}.", Tone.HEADING)


def _clause(one: ClauseStatus) -> Iterator[Line]:
    sign, tone = _SIGNS[one.status], _TONES[one.status]
    yield Line(f"{sign} {one.clause.name}  {one.status:{_WIDTH}}  {one.clause.says}", tone)
    if one.status in _EXPLAINED:
        yield from (Line(f"    {admin_text(reason)}") for reason in one.because)
    if said := [admin_text(word) for word in one.says if word != NOBODY]:
        yield Line(f"    ({'; '.join(said)})", Tone.QUIET)


def _unmentioned(report: PolicyReport) -> Iterator[Line]:
    if report.unmentioned:
        names = ", ".join(clause.name for clause in report.unmentioned)
        yield Line()
        yield Line(f"No playbook and no register names {counted(len(report.unmentioned), 'clause')}: {names}")
