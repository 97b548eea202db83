"""Build the evidence for each status: desired and observed settings, sources, dates and limits."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from toolkit.board_report.plain_language import title_of
from toolkit.controls.control import controls
from toolkit.engine.policy import PolicyReport
from toolkit.planning.change import Change, Create, Update
from toolkit.planning.checks.attestation_findings import CONFIRMED
from toolkit.planning.plan import Plan
from toolkit.planning.plan_states import MATCHING
from toolkit.planning.policy.page import Fact
from toolkit.planning.verdicts.judge import READ_FROM
from toolkit.playbook.attestations import Attestation
from toolkit.playbook.registers import Attested
from toolkit.records import dataclass
from toolkit.render.values_text import format_value, hide_private_fields
from toolkit.sdk.check import Status
from toolkit.sdk.lending import without_person
from toolkit.sdk.part import SCHOOL, Level, Part
from toolkit.sdk.reason import About, Reason, admin_text
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import FactVerdict


@dataclass(frozen=True, slots=True)
class SettingDifference:
    """A setting with its desired and its observed value."""

    setting: str
    wanted: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLine:
    """An object that is evidence for a fact, with each setting that differs."""

    object: Address
    kind: str
    name: str
    state: str
    differs: Sequence[SettingDifference]


@dataclass(frozen=True, slots=True)
class DatedWord:
    """A confirmation or a test: who made it, on which date, and how long it is valid."""

    by: str
    on: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """A fact about a part of a control, with its source and the clause that it belongs to."""

    clause: str | None  # None for a control that no clause names
    control: str | None
    part: str | None
    level: Level | None
    source: str
    verdict: FactVerdict | Status
    reason: str
    who_says: str
    origin: str
    seen: datetime | None
    confirmed: DatedWord | None
    objects: Sequence[ObjectLine]
    limits: Sequence[str]


def evidence_lines(report: PolicyReport) -> list[EvidenceLine]:
    """Return every fact of every clause, and the findings of controls that no clause names."""
    return [*_clause_lines(report), *_lines_outside_clauses(report)]


def _lines_outside_clauses(report: PolicyReport) -> Iterator[EvidenceLine]:
    """Yield the findings of controls that no clause names, because boards ask about these controls too."""
    mentioned = {name for status in report.statuses for name in status.clause.controls}
    for control_finding in report.looked.findings:
        if control_finding.control not in mentioned:
            who = f"read from {title_of(control_finding.provider)}" if control_finding.measured else "people"
            yield EvidenceLine(
                clause=None,
                control=control_finding.control,
                part=control_finding.part.name if control_finding.part else None,
                level=control_finding.part.level if control_finding.part else None,
                source=_source_text(control_finding.provider),
                verdict=control_finding.finding.status,
                reason=f"{control_finding.finding.subject}: {admin_text(control_finding.finding.reason)}",
                who_says=who,
                origin=_source_with_cloud(who, control_finding.provider, names_cloud=control_finding.measured),
                seen=report.now if control_finding.measured else None,
                confirmed=_confirmation_of_part(
                    control_finding.part.name, control_finding.control, control_finding.provider, report
                )
                if control_finding.part
                else None,
                objects=[],
                limits=[],
            )


def _clause_lines(report: PolicyReport) -> list[EvidenceLine]:
    changed = {change.address: change for change in (*report.looked.plan.changes, *report.looked.plan.checked_changes)}
    limits, parts = _limits_by_part(report), _parts_by_subject(report)
    return [
        EvidenceLine(
            clause=status.clause.name,
            control=fact.control or None,
            part=parts[fact.subject].name if fact.subject in parts else None,
            level=parts[fact.subject].level if fact.subject in parts else None,
            source=_source_text(fact.provider),
            verdict=fact.verdict,
            reason=admin_text(fact.reason),
            who_says=admin_text(fact.says),
            origin=_source_with_cloud(
                _source_without_time(fact.says), fact.provider, names_cloud="cloud" in dict(fact.says.params)
            ),
            seen=fact.read_at,
            confirmed=_confirmation_of_fact(status.clause.name, fact, parts.get(fact.subject), report),
            objects=[_object_line(address, changed, report.looked.plan) for address in fact.addresses],
            limits=limits.get((fact.control, fact.provider), []),
        )
        for status in report.statuses
        for fact in status.evidence
    ]


def _source_text(provider: str) -> str:
    return title_of(provider) if provider != SCHOOL else "the school"


def _source_without_time(says: Reason) -> str:
    """Return the source of a fact as text, without the time at which a tenant was read."""
    return admin_text(replace(says, more=()) if says.code is READ_FROM else says)


def _source_with_cloud(who: str, provider: str, *, names_cloud: bool) -> str:
    """Return the source of a fact, and add the cloud if the source does not name it."""
    return who if names_cloud or provider == SCHOOL else f"{_source_text(provider)}: {who}"


def _object_line(address: Address, changed: Mapping[Address, Change], plan: Plan) -> ObjectLine:
    """Return an object with the desired and observed value of each setting that differs."""
    change, public_address = changed.get(address), without_person(address)
    unchanged = "in place" if address in plan.select(MATCHING) else "not compared"
    line = ObjectLine(
        object=public_address, kind=public_address.kind_path, name=public_address.name, state=unchanged, differs=[]
    )
    if change is None:
        return line
    hidden = _is_confidential(change)
    differs = [
        SettingDifference(
            setting=field.path,
            wanted=_WITHHELD if hidden else format_value(field.after),
            seen=_WITHHELD if hidden else format_value(field.before),
        )
        for field in hide_private_fields(change)
    ]
    return replace(line, state="differs", differs=differs)


_WITHHELD = "not shown in reports"


def _is_confidential(change: Change) -> bool:
    """Return whether the object's values must stay out of reports, because a control that asks for it says so."""
    desired = change.desired if isinstance(change, Create | Update) else None
    known_controls = controls()
    return any(
        known_controls[name].confidential for name in (desired.made_by if desired else ()) if name in known_controls
    )


def _parts_by_subject(report: PolicyReport) -> Mapping[About, Part]:
    return {
        report.looked.subject_of(part.name, realised.control, realised.provider): part
        for realised in report.looked.controls
        for part in realised.realisation.parts
    }


def _confirmation_of_fact(clause: str, fact: Fact, part: Part | None, report: PolicyReport) -> DatedWord | None:
    """Return who confirmed a fact, on which date, and how long the confirmation is valid.

    Return None if the fact was read from a tenant, or if no one confirmed it.
    """
    if fact.read_at is not None:
        return None
    if part is not None:
        return _confirmation_of_part(part.name, fact.control, fact.provider, report)
    if fact.says.code not in CONFIRMED:
        return None
    words = [entry for entry in report.playbooks.registers.attested if entry.clause == clause]
    return _latest_confirmation([entry for entry in words if entry.on <= report.now.date()])


def _confirmation_of_part(part: str, control: str, provider: str, report: PolicyReport) -> DatedWord | None:
    words = [
        attestation
        for attestation in report.playbooks.attestations
        if (attestation.part, attestation.control, attestation.provider) == (part, control, provider)
        and attestation.on <= report.now.date()
    ]
    return _latest_confirmation(words) or _last_passed_test(part, control, report)


def _last_passed_test(part: str, control: str, report: PolicyReport) -> DatedWord | None:
    """Return who last tested a part successfully, on which date, and the date of the next test."""
    tests = [
        trial
        for trial in report.playbooks.trials
        if (trial.part, trial.control, trial.result) == (part, control, "passed") and trial.on <= report.now.date()
    ]
    last = max(tests, key=lambda trial: trial.on, default=None)
    return DatedWord(last.by, last.on, last.next_due) if last else None


def _latest_confirmation(words: Sequence[Attestation | Attested]) -> DatedWord | None:
    word = max(words, key=lambda entry: entry.until, default=None)
    return DatedWord(word.by, word.on, word.until) if word else None


def _limits_by_part(report: PolicyReport) -> Mapping[tuple[str, str], list[str]]:
    limits: dict[tuple[str, str], list[str]] = {}
    for control, provider, words in _limit_sentences(report):
        into = limits.setdefault((control, provider), [])
        if words not in into:
            into.append(words)
    return limits


def _limit_sentences(report: PolicyReport) -> Iterator[tuple[str, str, str]]:
    for realised in report.looked.controls:
        for part in realised.realisation.parts:
            yield realised.control, realised.provider, f"{part.name} covers {part.covers} ({part.level})"
            yield from ((realised.control, realised.provider, limit) for limit in part.limits)
