"""An examination as an admin reads it, and as JSON."""

from collections import Counter
from collections.abc import Iterator, Sequence

from toolkit.engine.doctor.diagnosis import THIS_COMPUTER, Diagnosis, DiagnosisState
from toolkit.render.answer import FORMAT
from toolkit.render.line import Line, Tone
from toolkit.render.serialise import rows
from toolkit.render.settings_text import settings_answer, settings_lines
from toolkit.render.values_text import counted, first_few, grouped
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
_NAMED = 3  # things that are well, in the line of a section
_COUNTED = tuple(state for state in DiagnosisState if state is not DiagnosisState.NOTE)
_ATTENTION = (DiagnosisState.WRONG, DiagnosisState.MISSING, DiagnosisState.UNKNOWN, DiagnosisState.EXCESS)


def examined_heading(school: School, target: str, sources: SettingSources | None) -> Iterator[Line]:
    """Say where the examination goes and with which settings, before anything else."""
    where = "live tenants" if target == "live" else "emulated tenants on this machine (simulated data)"
    yield Line(f"{school.name} ({', '.join(school.domains)}) on {where}", Tone.HEADING)
    yield from settings_lines(sources)


def diagnoses_lines(diagnoses: Sequence[Diagnosis], *, verbose: bool) -> Iterator[Line]:
    """Show an examination: what needs attention first, then a line for each section; each thing with `verbose`."""
    sections = grouped(diagnoses, lambda diagnosis: diagnosis.section)
    if verbose:
        for section, own in sections.items():
            yield from (Line(), Line(section, Tone.HEADING))
            for diagnosis in own:
                yield from _diagnosis(diagnosis, f"{diagnosis.subject}: {diagnosis.found}")
    else:
        if urgent := [*_attention(diagnoses)]:
            yield from (Line(), Line("Needs attention:", Tone.HEADING), *urgent)
        yield Line()
        yield from (Line(f"{section}: {_in_short(own)}") for section, own in sections.items())
    yield Line()
    more = "" if verbose else " -v lists each thing, the notes too."
    yield Line(f"Doctor: {_state_counts(diagnoses, _COUNTED)}.{more}", Tone.HEADING)


def _diagnosis(diagnosis: Diagnosis, text: str) -> Iterator[Line]:
    yield Line(f"{diagnosis.state:{_WIDTH}}  {text}", _TONES[diagnosis.state], hang=_WIDTH + 2)
    if diagnosis.advice:
        yield Line(f"{'':{_WIDTH}}  -> {diagnosis.advice}", _TONES[diagnosis.state])


def _attention(diagnoses: Sequence[Diagnosis]) -> Iterator[Line]:
    """Show what is neither well nor a note, the worst first; what several sections have in common once."""
    for state in _ATTENTION:
        own = [diagnosis for diagnosis in diagnoses if diagnosis.state is state]
        for alike in grouped(own, _in_common).values():
            yield from _diagnosis(alike[0], _join(alike))


def _in_common(diagnosis: Diagnosis) -> tuple[str, str, str]:
    """Return what is equal in diagnoses that share a line: of permissions, missing or too many, only what to do."""
    if diagnosis.missing and diagnosis.advice:
        return "", "", diagnosis.advice
    return diagnosis.subject, "" if diagnosis.excess else diagnosis.found, diagnosis.advice


def _join(alike: Sequence[Diagnosis]) -> str:
    first = alike[0]
    if first.excess:
        counts = "; ".join(f"{diagnosis.section}: {len(diagnosis.excess)}" for diagnosis in alike)
        return f"{first.subject} that nothing in these playbooks needs ({counts})"
    where = "; ".join(dict.fromkeys(diagnosis.section for diagnosis in alike))
    at = "" if where in {first.subject, THIS_COMPUTER} else f" ({where})"
    subjects = list(dict.fromkeys(diagnosis.subject for diagnosis in alike))
    if len(subjects) > 1:
        return f"{first_few(subjects, _NAMED)}{at}: cannot be read, such as: {first.found}"
    return f"{first.subject}{at}: {first.found}"


def _in_short(diagnoses: Sequence[Diagnosis]) -> str:
    well = [diagnosis.subject for diagnosis in diagnoses if diagnosis.state is DiagnosisState.OK]
    notes = sum(diagnosis.state is DiagnosisState.NOTE for diagnosis in diagnoses)
    counts = [f"{len(well)} ok ({first_few(well, _NAMED)})"] if well else []
    counts += [counted(notes, "note")] if notes else []
    rest = _state_counts(diagnoses, _ATTENTION, all_states=False)
    return ", ".join([*counts, *([rest] if rest else [])])


def _state_counts(diagnoses: Sequence[Diagnosis], states: Sequence[DiagnosisState], *, all_states: bool = True) -> str:
    counts = _counts(diagnoses)
    return ", ".join(f"{counts[state]} {state}" for state in states if counts[state] or all_states)


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


def _counts(diagnoses: Sequence[Diagnosis]) -> Counter[DiagnosisState]:
    return Counter(diagnosis.state for diagnosis in diagnoses)
