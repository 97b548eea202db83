"""Render the diagnoses of `toolkit doctor` and the vendor facts of a first run, as text and as JSON."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import toolkit
from toolkit.engine.doctor.diagnosis import THIS_COMPUTER, Diagnosis, DiagnosisState
from toolkit.engine.first_run import FactState, SeenFact
from toolkit.render.line import FORMAT, Line, Tone, rows
from toolkit.render.settings_text import setting_sources_json
from toolkit.render.values_text import count_text, format_first_names, group_by
from toolkit.school.school import School
from toolkit.sdk.reason import admin_text
from toolkit.settings.settings import SettingSources
from toolkit.values import Body

_TONES = {
    DiagnosisState.OK: Tone.ADDED,
    DiagnosisState.NOTE: Tone.QUIET,
    DiagnosisState.MISSING: Tone.REMOVED,
    DiagnosisState.WRONG: Tone.REMOVED,
    DiagnosisState.UNKNOWN: Tone.WARNING,
    DiagnosisState.EXCESS: Tone.CHANGED,
    DiagnosisState.WARNING: Tone.WARNING,
}
_WIDTH = max(len(state) for state in DiagnosisState)
_NAMED = 3  # subjects without a fault, in the line of a section
_COUNTED = tuple(state for state in DiagnosisState if state is not DiagnosisState.NOTE)
_ATTENTION = (
    DiagnosisState.WRONG,
    DiagnosisState.MISSING,
    DiagnosisState.UNKNOWN,
    DiagnosisState.WARNING,
    DiagnosisState.EXCESS,
)


def diagnoses_lines(diagnoses: Sequence[Diagnosis], *, target: str, verbose: bool) -> Iterator[Line]:
    """Yield lines about the diagnoses that need attention, then a line for each section.

    With `verbose`, every diagnosis is shown. On emulated tenants, unneeded permissions are only counted, because no one
    can remove them there.
    """
    sections = group_by(diagnoses, lambda diagnosis: diagnosis.section)
    if verbose:
        for section, own in sections.items():
            yield from (Line(), Line(section, Tone.HEADING))
            for diagnosis in own:
                yield from _diagnosis_lines(diagnosis, f"{diagnosis.subject}: {diagnosis.found}")
    else:
        states = [state for state in _ATTENTION if target == "live" or state is not DiagnosisState.EXCESS]
        if urgent := [*_attention_lines(diagnoses, states)]:
            yield from (Line(), Line("Needs attention:", Tone.HEADING), *urgent)
        yield Line()
        yield from (Line(f"{section}: {_diagnoses_summary(own)}") for section, own in sections.items())
    yield Line()
    more = "" if verbose else " -v lists every check and note."
    yield Line(f"Doctor: {_format_state_counts(diagnoses, _COUNTED)}.{more}", Tone.HEADING, essential=True)


def _diagnosis_lines(diagnosis: Diagnosis, text: str) -> Iterator[Line]:
    yield Line(f"{diagnosis.state:{_WIDTH}}  {text}", _TONES[diagnosis.state], hang=_WIDTH + 2)
    if diagnosis.advice:
        yield Line(f"{'':{_WIDTH}}  -> {diagnosis.advice}", _TONES[diagnosis.state])


def _attention_lines(diagnoses: Sequence[Diagnosis], states: Sequence[DiagnosisState]) -> Iterator[Line]:
    """Yield lines about the diagnoses with one of the given states, in the order of the states.

    Sections with the same diagnosis share a line.
    """
    for state in states:
        own = [diagnosis for diagnosis in diagnoses if diagnosis.state is state]
        for alike in group_by(own, _grouping_key).values():
            yield from _diagnosis_lines(alike[0], _join_subjects(alike))


def _grouping_key(diagnosis: Diagnosis) -> tuple[str, str, str]:
    """Return a key that is equal for diagnoses that can share a line.

    For missing permissions, only the advice must be equal.
    """
    if diagnosis.missing and diagnosis.advice:
        return "", "", diagnosis.advice
    return diagnosis.subject, "" if diagnosis.excess else diagnosis.found, diagnosis.advice


def _join_subjects(diagnoses: Sequence[Diagnosis]) -> str:
    first = diagnoses[0]
    if first.excess:
        counts = "; ".join(f"{diagnosis.section}: {len(diagnosis.excess)}" for diagnosis in diagnoses)
        return f"{first.subject} that these playbooks do not need ({counts})"
    where = "; ".join(dict.fromkeys(diagnosis.section for diagnosis in diagnoses))
    at = "" if where in {first.subject, THIS_COMPUTER} else f" ({where})"
    subjects = list(dict.fromkeys(diagnosis.subject for diagnosis in diagnoses))
    if len(subjects) > 1:
        return f"{format_first_names(subjects, _NAMED)}{at}: cannot be read, for example: {first.found}"
    return f"{first.subject}{at}: {first.found}"


def _diagnoses_summary(diagnoses: Sequence[Diagnosis]) -> str:
    well = [diagnosis.subject for diagnosis in diagnoses if diagnosis.state is DiagnosisState.OK]
    notes = sum(diagnosis.state is DiagnosisState.NOTE for diagnosis in diagnoses)
    counts = [f"{len(well)} ok ({format_first_names(well, _NAMED)})"] if well else []
    counts += [count_text(notes, "note")] if notes else []
    rest = _format_state_counts(diagnoses, _ATTENTION, all_states=False)
    return ", ".join([*counts, *([rest] if rest else [])])


def _format_state_counts(
    diagnoses: Sequence[Diagnosis], states: Sequence[DiagnosisState], *, all_states: bool = True
) -> str:
    counts = _count_states(diagnoses)
    shown = {state for state in states if counts[state] or (all_states and state is not DiagnosisState.WARNING)}
    return ", ".join(f"{counts[state]} {state}" for state in states if state in shown)


def diagnoses_json(diagnoses: Sequence[Diagnosis], school: School, target: str, sources: SettingSources | None) -> Body:
    """Return the diagnoses of `toolkit doctor` as JSON."""
    counts = _count_states(diagnoses)
    return {
        "format": FORMAT,
        "target": target,
        "school": school.name,
        **setting_sources_json(sources),
        "summary": {str(state): counts[state] for state in _COUNTED},
        "diagnoses": rows(diagnoses, "section", "subject", "state", "found", "advice?", "missing", "excess"),
    }


def _count_states(diagnoses: Sequence[Diagnosis]) -> Counter[DiagnosisState]:
    return Counter(diagnosis.state for diagnosis in diagnoses)


_SHOWN: Mapping[FactState, tuple[str, Tone]] = {
    FactState.CONTRADICTED: ("wrong", Tone.REMOVED),
    FactState.UNREAD: ("unread", Tone.WARNING),
    FactState.VERIFIED: ("verified", Tone.ADDED),
    FactState.NOT_SHOWN: ("not shown here", Tone.CHANGED),
    FactState.NEEDS_WRITE: ("needs a write", Tone.CHANGED),
    FactState.NOT_USED: ("not used", Tone.QUIET),
}
_FACT_WIDTH = max(len(word) for word, _ in _SHOWN.values())


def vendor_fact_lines(seen_facts: Sequence[SeenFact]) -> Iterator[Line]:
    """Yield lines about each assumption on a vendor, with its state. Assumptions that block a write come first."""
    states = list(_SHOWN)
    for seen_fact in sorted(seen_facts, key=lambda seen_fact: (seen_fact.provider, states.index(seen_fact.state))):
        word, tone = _SHOWN[seen_fact.state]
        on = f" ({seen_fact.verification.by}, {seen_fact.verification.on})" if seen_fact.verification else ""
        yield Line(f"{word:{_FACT_WIDTH}}  {seen_fact.provider}.{seen_fact.fact.name}: {seen_fact.fact.says}{on}", tone)
        if seen_fact.reason:
            yield Line(f"{'':{_FACT_WIDTH}}  {admin_text(seen_fact.reason)}", tone)
        elif seen_fact.state is not FactState.VERIFIED:
            yield Line(f"{'':{_FACT_WIDTH}}  -> {seen_fact.fact.how}", tone)


def vendor_fact_summary(seen_facts: Sequence[SeenFact]) -> Line:
    """Return a line with the number of vendor facts in each state."""
    counts = Counter(seen_fact.state for seen_fact in seen_facts)
    numbers = ", ".join(f"{counts[state]} {word}" for state, (word, _) in _SHOWN.items() if counts[state])
    return Line(f"First run: {numbers}.", Tone.HEADING, essential=True)


def vendor_facts_json(seen_facts: Sequence[SeenFact], target: str, day: str) -> Body:
    """Return the results of testing assumptions on vendors, for a file that may be published.

    The file has no names, addresses or tenant ids.
    """
    return {
        "format": FORMAT,
        "target": target,
        "on": day,
        "version": toolkit.__version__,
        "facts": [
            {
                "provider": seen_fact.provider,
                "fact": seen_fact.fact.name,
                "says": seen_fact.fact.says,
                "state": str(seen_fact.state),
                "how": seen_fact.fact.how,
                "kinds": sorted({f"{seen_fact.provider}.{rests.kind}" for rests in seen_fact.fact.rests}),
                "requests": [{"status": status, "id": request} for status, request in seen_fact.requests],
                "verified": seen_fact.verification.on.isoformat() if seen_fact.verification else None,
                "reason": seen_fact.reason.code.code if seen_fact.reason else None,
            }
            for seen_fact in seen_facts
        ],
    }
