"""Judge each part of a control on each cloud from the evidence of a run.

The outcomes of its parts decide the status of a clause in toolkit/planning/policy/statuses.py:

| Outcome of a part                     | Clause                                                              |
|---------------------------------------|---------------------------------------------------------------------|
| failed, refused, differs              | not met, or partly met if another part holds or could not be read   |
| in part                               | partly met                                                          |
| unknown                               | not checked, unless a failure or a gap is known too                 |
| unavailable, unconfirmed, undecided,  | a known gap, so partly met if another part holds, otherwise         |
| not looked at                         | not checked (no effect if the part is optional)                     |
| excepted                              | exception accepted, if the other parts hold                         |
| confirmed, in place                   | met (evidence on file), if the other parts hold                     |
| not used, off                         | no effect                                                           |

An optional part never makes a clause met. An unread part is never better than "not looked at".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from toolkit.planning.checks.attestation_findings import keep_confirmation_sentence
from toolkit.planning.checks.findings import ControlFinding, unavailable_reason
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.policy.page import FOUND, NOBODY, REGISTERS, UNCONFIRMED
from toolkit.planning.verdicts.objects import ChangeResult, PlanLookup
from toolkit.planning.verdicts.use import ground_for_unused_cloud
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.part import SCHOOL, Level, Part
from toolkit.sdk.reason import About, Reason, same_words
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import (
    Count,
    Evidence,
    Ground,
    LicenceEvidence,
    PartKey,
    PartOutcome,
    VendorEvidence,
    Verdict,
    WireEvidence,
    WordEvidence,
)

READ_FROM = same_words("read_from", "read from {cloud}")
_AT = same_words("read_at", " at {time}")
_HOW_IT_IS_MADE = same_words("how_it_is_made", "the design of {cloud}")
_NOT_ASKED_HERE = same_words("not_asked_here", "{about}: not looked at")
WAITS = same_words("part_waits", "{about}: {why}")
_OTHERWISE = {
    Status.FAIL: PartOutcome.UNCONFIRMED,  # overdue, misdated, or never tested
    Status.UNKNOWN: PartOutcome.UNKNOWN,
    Status.MANUAL: PartOutcome.UNCONFIRMED,
    Status.UNAVAILABLE: PartOutcome.UNAVAILABLE,
}


@dataclass(frozen=True, kw_only=True)  # no slots, because properties are cached
class RunEvidence:
    """The evidence from a run on which its verdicts are based."""

    controls: Sequence[RealisedControl]  # with the parts that the licences lack as unavailable
    plan: Plan | None = None  # None: the run read no object
    findings: Sequence[ControlFinding] = ()
    titles: Mapping[str, str]  # of the clouds, by provider
    now: datetime  # in the school's time zone
    results: Mapping[Address, ChangeResult] = field(default_factory=dict)  # after an apply, as read back
    read_times: Mapping[str, datetime] = field(default_factory=dict)  # by provider, if it differs from `now`

    @cached_property
    def plan_lookup(self) -> PlanLookup | None:
        """Return a lookup that finds the state of single objects in the plan, or None if there is no plan."""
        return PlanLookup(self.plan, self.results) if self.plan else None

    def subject_of(self, part: str, control: str, provider: str) -> About:
        """Return words that name a part of a control in a sentence, with the cloud or the school."""
        return About(part, control, self.titles.get(provider, ""))

    def source_with_time(self, provider: str) -> Reason:
        """Return the source of facts that were read from a tenant, with the time of the read."""
        return READ_FROM(cloud=self.titles.get(provider, provider)).then(_AT(time=f"{self.read_at(provider):%H:%M}"))

    def read_at(self, provider: str) -> datetime:
        """Return when a cloud was read."""
        return self.read_times.get(provider, self.now)


def judge_parts(evidence: RunEvidence) -> tuple[Verdict, ...]:
    """Return a verdict on every part of every control, and on each finding that is not about a part."""
    by_subject: dict[tuple[str, str, str], list[ControlFinding]] = {}
    for finding in evidence.findings:
        subject = finding.part.name if finding.part else finding.finding.subject
        by_subject.setdefault((finding.control, finding.provider, subject), []).append(finding)
    verdicts = [
        _verdict_on_part(part, control, evidence, by_subject)
        for control in evidence.controls
        for part in control.realisation.parts
    ]
    in_parts = {
        (control.control, control.provider, name)
        for control in evidence.controls
        for part in control.realisation.parts
        for name in _names_in_checks(part, control)
    }
    outside_parts = (
        _verdict_outside_parts(findings, evidence) for key, findings in by_subject.items() if key not in in_parts
    )
    return (*verdicts, *outside_parts)


def _names_in_checks(part: Part, control: RealisedControl) -> tuple[str, str]:
    """Return the two names by which checks may refer to a part: the name without its audience and the name with it."""
    return part.name, f"{part.name} ({control.audience})"


def _verdict_on_part(
    part: Part,
    control: RealisedControl,
    evidence: RunEvidence,
    findings_by_subject: Mapping[tuple[str, str, str], Sequence[ControlFinding]],
) -> Verdict:
    findings = [
        finding
        for subject in dict.fromkeys(_names_in_checks(part, control))
        for finding in findings_by_subject.get((control.control, control.provider, subject), ())
        if not control.exception
    ]
    optional = not part.needed and any(other_part.needed for other_part in control.realisation.parts)
    key = PartKey(control.control, control.audience, control.exception, control.provider, part.name)
    return Verdict(key, part.level, not optional, tuple(_grounds_for_part(part, control, evidence, findings)))


def _grounds_for_part(
    part: Part, control: RealisedControl, evidence: RunEvidence, findings: Sequence[ControlFinding]
) -> Iterator[Ground]:
    """Yield the grounds that decide the verdict on a part of a control."""
    about = evidence.subject_of(part.name, control.control, control.provider)
    of_findings = [_finding_to_ground(finding, evidence) for finding in findings]
    source, read_at = evidence.source_with_time(control.provider), evidence.read_at(control.provider)
    if unused := ground_for_unused_cloud(about, control, source, read_at):
        yield unused
        if unused.outcome is PartOutcome.NOT_USED:
            return
    yield from of_findings
    if part.level is Level.UNAVAILABLE and not of_findings:
        reason = FOUND(about=about, found=unavailable_reason(part))
        yield Ground(outcome=PartOutcome.UNAVAILABLE, reason=reason, says=NOBODY, evidence=LicenceEvidence())
    if part.level not in {Level.ENFORCED, Level.CHECKED}:
        return
    if part.always:
        reason = FOUND(about=about, found=unavailable_reason(part))
        says = _HOW_IT_IS_MADE(cloud=evidence.titles.get(control.provider, control.provider))
        yield Ground(outcome=PartOutcome.IN_PLACE, reason=reason, says=says, evidence=VendorEvidence())
    elif part.waits:
        yield Ground(outcome=PartOutcome.DIFFERS, reason=WAITS(about=about, why=part.waits), says=NOBODY)
    elif part.resources and evidence.plan_lookup:
        of_exception = About(about.part, about.control, about.cloud, control.exception)
        yield from evidence.plan_lookup.part_grounds(part, control, of_exception, source, read_at)
    elif part.resources or (part.level is Level.CHECKED and not of_findings):
        yield Ground(outcome=PartOutcome.NOT_LOOKED_AT, reason=_NOT_ASKED_HERE(about=about), says=NOBODY)


def _verdict_outside_parts(findings: Sequence[ControlFinding], evidence: RunEvidence) -> Verdict:
    """Return the verdict on findings about a whole control, or about a subject that is not one of the control's
    parts.
    """
    first = findings[0]
    key = PartKey(first.control, "", "", first.provider, first.part.name if first.part else first.finding.subject)
    needed = first.part is None or first.part.needed
    grounds = tuple(_finding_to_ground(finding, evidence) for finding in findings)
    return Verdict(key, Level.CHECKED, needed, grounds, of_control=first.part is None and not first.measured)


def outcome_of(control_finding: ControlFinding) -> PartOutcome:
    finding = control_finding.finding
    if finding.status is Status.PASS:
        return PartOutcome.NOT_USED if _counted_nothing(finding) else _PASSED[control_finding.measured]
    if finding.status is Status.FAIL and control_finding.measured:
        return PartOutcome.IN_PART if _correct_count(finding) else PartOutcome.DIFFERS
    if finding.status is Status.FAIL and finding.has_failed:
        return PartOutcome.FAILED
    return _OTHERWISE[finding.status]


def _counted_nothing(finding: Finding) -> bool:
    """Return whether a check found no person or device to count, so that there is no result to judge."""
    return finding.measurement is not None and finding.measurement.whole == 0


_PASSED = {True: PartOutcome.IN_PLACE, False: PartOutcome.CONFIRMED}


def _finding_to_ground(control_finding: ControlFinding, run_evidence: RunEvidence) -> Ground:
    """Convert a finding to a ground for a verdict."""
    finding = control_finding.finding
    about = run_evidence.subject_of(finding.subject, control_finding.control, control_finding.provider)
    on_file = control_finding.provider == SCHOOL and finding.status in {Status.PASS, Status.FAIL}
    says = (
        run_evidence.source_with_time(control_finding.provider)
        if control_finding.measured
        else REGISTERS
        if on_file
        else NOBODY
    )
    read_at = run_evidence.read_at(control_finding.provider)
    evidence: Evidence | None = WireEvidence(read_at) if control_finding.measured else None
    if finding.status is Status.UNAVAILABLE:
        evidence = LicenceEvidence()
    elif not control_finding.measured and (statement := finding.statement):
        evidence = WordEvidence(statement.by, statement.on.isoformat(), statement.until.isoformat())
        says = keep_confirmation_sentence(finding.reason) if finding.status is Status.PASS else NOBODY
    return Ground(
        outcome=outcome_of(control_finding),
        reason=FOUND(about=about, found=UNCONFIRMED if finding.status is Status.MANUAL else finding.reason),
        says=says,
        evidence=evidence,
        count=_correct_count(finding),
    )


def _correct_count(finding: Finding) -> Count | None:
    """Return how many of the people or devices that a check counted are as required.

    Return None if the check did not count or none was.
    """
    count = finding.measurement.count if finding.measurement else None
    return count if count and count.ok else None
