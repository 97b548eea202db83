"""An examination as an admin reads it, and as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence

from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState
from toolkit.render.answer import FORMAT
from toolkit.render.line import Line, Tone
from toolkit.render.serialise import rows
from toolkit.render.settings_text import settings_answer, settings_lines
from toolkit.sdk.school import School
from toolkit.settings.settings import SettingSources
from toolkit.values import Body

_TONES = {
    DiagnosisState.OK: Tone.ADDED,
    DiagnosisState.NOTE: Tone.QUIET,
    DiagnosisState.MISSING: Tone.REMOVED,
    DiagnosisState.WRONG: Tone.REMOVED,
    DiagnosisState.UNKNOWN: Tone.WARNING,
    DiagnosisState.EXCESS: Tone.CHANGED,
}
_WIDTH = max(len(state) for state in DiagnosisState)


def examined_heading(school: School, target: str, sources: SettingSources | None) -> Iterator[Line]:
    """Say where the examination goes and with which settings, before anything else."""
    where = "live tenants" if target == "live" else "emulated tenants on this machine (simulated data)"
    yield Line(f"{school.name} ({', '.join(school.domains)}) on {where}", Tone.HEADING)
    yield from settings_lines(sources)


def diagnosis_lines(diagnosis: Diagnosis, *, section: bool) -> Iterator[Line]:
    """Show one thing, and what to do about it; with `section` below the name of what it belongs to."""
    if section:
        yield Line()
        yield Line(diagnosis.section, Tone.HEADING)
    yield Line(f"{diagnosis.state:{_WIDTH}}  {diagnosis.subject}: {diagnosis.found}", _TONES[diagnosis.state])
    if diagnosis.advice:
        yield Line(f"{'':{_WIDTH}}  -> {diagnosis.advice}", _TONES[diagnosis.state])


def examined_summary(diagnoses: Sequence[Diagnosis]) -> Line:
    """Sum up in one line."""
    counts = _counts(diagnoses)
    return Line(f"Doctor: {', '.join(f'{counts[state]} {state}' for state in _COUNTED)}.", Tone.HEADING)


def examined_answer(
    diagnoses: Sequence[Diagnosis], school: School, target: str, sources: SettingSources | None
) -> Body:
    """Give the examination as JSON."""
    counts = _counts(diagnoses)
    return {
        "format": FORMAT,
        "target": target,
        "school": school.name,
        **settings_answer(sources),
        "summary": {str(state): counts[state] for state in _COUNTED},
        "diagnoses": rows(diagnoses, "section", "subject", "state", "found", "advice?", "missing", "excess"),
    }


_COUNTED = tuple(state for state in DiagnosisState if state is not DiagnosisState.NOTE)


def _counts(diagnoses: Sequence[Diagnosis]) -> Counter[DiagnosisState]:
    return Counter(one.state for one in diagnoses)
