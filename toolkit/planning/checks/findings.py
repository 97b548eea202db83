"""Findings that `check` reports without reading a setting: confirmations, missing licences and unknown audiences."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import date

from toolkit.controls.control import ControlSettings, controls
from toolkit.errors import UsageError
from toolkit.messages import did_you_mean
from toolkit.planning.audience.resolve import AUDIENCE_EMPTY, AUDIENCE_UNKNOWN, KnownAudience, resolve_audience
from toolkit.planning.audience.unresolved import EXCEPTION_EMPTY
from toolkit.planning.checks.attestation_findings import judge_confirmations
from toolkit.planning.checks.test_records import judge_test_records, required_test_settings
from toolkit.planning.expand import Expansion
from toolkit.playbook.attestations import Attestation
from toolkit.playbook.entries import ControlEntry, Playbooks
from toolkit.records import dataclass
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.directory import EVERYONE, Directory, Person, Scope
from toolkit.sdk.part import SCHOOL, Level, Part
from toolkit.sdk.reason import Reason, ReasonCode
from toolkit.sdk.resource import Mode

NOT_AVAILABLE = ReasonCode("part_not_available", admin="{why}", governor="{for_governors}")
FOR_WHOM = "for whom"
"""The subject of findings about a control's audience."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlFinding:
    """A finding about a control on one provider, for example about one of the control's parts."""

    control: str
    provider: str
    clauses: tuple[str, ...]
    finding: Finding
    part: Part | None = None  # None if it is about the whole control
    advice: str = ""
    measured: bool = False  # read from the tenant in this run
    people_before: int | None = None  # the people at the last apply of a group that is empty now

    @property
    def is_about_emptied_group(self) -> bool:
        """Return whether the finding is about a group that is empty now but had people when it was last applied."""
        return bool(self.people_before) and self.finding.reason.code in {AUDIENCE_EMPTY, EXCEPTION_EMPTY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A control that must be checked in a tenant, with the control's audience."""

    control: str
    settings: ControlSettings
    scope: Scope | None  # None if it could not be read
    clauses: tuple[str, ...]
    audience_name: str = ""  # the audience, if the playbooks ask for the control more than once
    people_by_role: Mapping[str, Sequence[Person] | None] = field(
        default_factory=dict
    )  # people of the roles that are counted separately

    def to_control_finding(self, provider: str, finding: Finding) -> ControlFinding:
        """Convert a check's finding to a finding about this control, on this provider."""
        named = replace(finding, subject=f"{finding.subject} ({self.audience_name})") if self.audience_name else finding
        return ControlFinding(
            control=self.control, provider=provider, clauses=self.clauses, finding=named, measured=True
        )


def find_control_problems(
    provider: str,
    playbooks: Playbooks,
    expansion: Expansion,
    directory: Directory,
    today: date,
    *,
    people_at_last_apply: Mapping[str, int],
) -> Iterator[ControlFinding]:
    """Yield findings on a control's manual and unavailable parts, and on unknown audiences.

    `people_at_last_apply` contains the number of people by group.
    """
    clauses = _clauses_by_control(playbooks, expansion)
    for control, reason, names in _unknown_audiences(provider, playbooks, expansion, directory):
        finding = Finding(FOR_WHOM, Status.UNKNOWN, reason)
        yield ControlFinding(
            control=control,
            provider=provider,
            clauses=clauses[control],
            finding=finding,
            people_before=max(
                (people_at_last_apply[name] for name in names if name in people_at_last_apply), default=None
            ),
        )
    yield from findings_on_parts_left_to_people(provider, playbooks, expansion, today)


def findings_on_parts_left_to_people(
    provider: str, playbooks: Playbooks, expansion: Expansion, today: date
) -> Iterator[ControlFinding]:
    """Yield findings on parts of controls for which people are responsible and which no run reads."""
    clauses = _clauses_by_control(playbooks, expansion)
    for (control, _), part in _parts_by_control_and_name(expansion, provider).items():
        of_part = (control, provider, part.name)
        attestations = [
            attestation
            for attestation in playbooks.attestations
            if (attestation.control, attestation.provider, attestation.part) == of_part
        ]
        if result := _finding_from_tests(control, part, playbooks, today) or _unread_part_finding(
            part, attestations, today
        ):
            finding, advice = result
            yield ControlFinding(
                control=control,
                provider=provider,
                clauses=clauses[control],
                finding=finding,
                part=part,
                advice=advice,
            )
    if provider == SCHOOL:
        yield from _findings_from_records(playbooks, expansion, today)


def _findings_from_records(playbooks: Playbooks, expansion: Expansion, today: date) -> Iterator[ControlFinding]:
    """Yield the findings that follow from records in the school's own files."""
    clauses, parts = _clauses_by_control(playbooks, expansion), _parts_by_control_and_name(expansion, SCHOOL)
    for entry in _enabled_entries(playbooks):
        if look := controls()[entry.name].in_records:
            for finding in look(entry.settings, today):
                yield ControlFinding(
                    control=entry.name,
                    provider=SCHOOL,
                    clauses=clauses[entry.name],
                    finding=finding,
                    part=parts.get((entry.name, finding.subject)),
                )


def list_inquiries(
    provider: str,
    playbooks: Playbooks,
    expansion: Expansion,
    directory: Directory,
    controls_with_checks: Collection[str],
) -> Iterator[Inquiry]:
    """Yield the controls to check in a tenant.

    If the tenant's people could not be read, only checks without people are returned.
    """
    clauses = _clauses_by_control(playbooks, expansion)
    entries = [entry for entry in _enabled_entries(playbooks) if entry.name in controls_with_checks]
    names = [entry.name for entry in entries]
    for entry in entries:
        resolved = resolve_audience(playbooks.school, entry.settings.audience, provider, {provider: directory})
        first = _pilot_audience(entry, provider, playbooks, expansion, directory)
        missing = [audience for audience in (resolved, first) if audience and audience.missing]
        elsewhere = resolved.is_elsewhere or (first is not None and first.is_elsewhere)
        if not elsewhere and not any(audience.empty or audience.is_gone for audience in missing):
            scope = Scope(resolved.audience, pilot=first.audience if first else None)
            yield Inquiry(
                control=entry.name,
                settings=entry.settings,
                scope=None if missing else scope,
                clauses=clauses[entry.name],
                audience_name=resolved.audience.name if names.count(entry.name) > 1 else "",
                people_by_role=_people_of_roles(entry, provider, playbooks, directory),
            )


def _people_of_roles(
    entry: ControlEntry, provider: str, playbooks: Playbooks, directory: Directory
) -> Mapping[str, Sequence[Person] | None]:
    """Return the people of each role and of the whole cloud. The value is None for a role whose people are unknown."""
    roles, read = entry.settings.counted_roles, {provider: directory}
    names = {EVERYONE: EVERYONE, **roles} if roles else {}
    in_tenant = {name: playbooks.role_of(entry, role) for name, role in names.items()}
    audiences = {name: resolve_audience(playbooks.school, role, provider, read) for name, role in in_tenant.items()}
    return {
        name: audience.audience.people if audience.empty or not audience.missing else None
        for name, audience in audiences.items()
    }


def _pilot_audience(
    entry: ControlEntry, provider: str, playbooks: Playbooks, expansion: Expansion, directory: Directory
) -> KnownAudience | None:
    """Return the audience of a control's pilot, or None if the control has no pilot."""
    whom = (entry.name, provider, entry.settings.audience or EVERYONE)
    for control in expansion.controls:
        if (
            control.pilot
            and not control.pilot.is_over
            and (control.control, control.provider, control.audience) == whom
        ):
            return resolve_audience(playbooks.school, control.pilot.role, provider, {provider: directory})
    return None


def findings_on_unreachable_provider(provider: str, playbooks: Playbooks, reason: Reason) -> Iterator[ControlFinding]:
    """Yield a finding for every control on a provider that could not be reached.

    Parts for which people are responsible are left out.
    """
    for playbook in playbooks.playbooks:
        for entry in playbook.controls:
            if entry.mode is not Mode.OFF and not controls()[entry.name].by_people_alone:
                finding = Finding("the tenant", Status.UNKNOWN, reason)
                yield ControlFinding(control=entry.name, provider=provider, clauses=playbook.clauses, finding=finding)


def select_findings(
    findings_read: Iterable[ControlFinding], playbooks: Playbooks, control_names: Sequence[str]
) -> Sequence[ControlFinding]:
    """Return only the findings about controls with the given names.

    Raise UsageError if the playbooks have no control with one of these names.
    """
    controls_in_use = playbooks.control_names
    for name in control_names:
        if name not in controls_in_use:
            meant = did_you_mean(name, controls_in_use)
            raise UsageError(f"--only {name}: no control in the playbooks has this name{meant}")
    return [finding for finding in findings_read if not control_names or finding.control in control_names]


def _clauses_by_control(playbooks: Playbooks, expansion: Expansion) -> Mapping[str, tuple[str, ...]]:
    served: dict[str, dict[str, None]] = {}
    for control in expansion.controls:
        served.setdefault(control.control, {}).update(dict.fromkeys(control.clauses))
    written = {entry.name: playbook.clauses for playbook in playbooks.playbooks for entry in playbook.controls}
    return {**written, **{control: tuple(clauses) for control, clauses in served.items()}}


def _enabled_entries(playbooks: Playbooks) -> Sequence[ControlEntry]:
    return [e for playbook in playbooks.playbooks for e in playbook.controls if e.mode is not Mode.OFF]


def _unknown_audiences(
    provider: str, playbooks: Playbooks, expansion: Expansion, directory: Directory
) -> Iterable[tuple[str, Reason, frozenset[str]]]:
    """Yield each control whose audience is unknown, with the reason and all names by which objects may refer to
    its group.
    """
    entries = _enabled_entries(playbooks)
    audiences = [
        (entry.name, resolve_audience(playbooks.school, entry.settings.audience, provider, {provider: directory}))
        for entry in entries
    ]
    pilots = [(entry.name, _pilot_audience(entry, provider, playbooks, expansion, directory)) for entry in entries]
    audiences += [(name, first) for name, first in pilots if first]
    names = {entry.name for entry in entries}
    impossible = [
        (unknown.kind, unknown.reason, _group_names_of_role(unknown.excepts, provider, playbooks, directory))
        for unknown in expansion.unknown
        if unknown.kind in names and unknown.provider == provider
    ]
    unknown = [
        (
            control,
            (AUDIENCE_EMPTY if audience.empty else AUDIENCE_UNKNOWN)(why=audience.missing),
            _group_names(audience, directory),
        )
        for control, audience in audiences
        if audience.missing
    ]
    return dict.fromkeys((*unknown, *impossible))


def _group_names_of_role(role: str, provider: str, playbooks: Playbooks, directory: Directory) -> frozenset[str]:
    return _group_names(resolve_audience(playbooks.school, role or None, provider, {provider: directory}), directory)


def _group_names(audience: KnownAudience, directory: Directory) -> frozenset[str]:
    """Return every name by which objects may refer to an audience's group."""
    group = audience.audience.group
    if group is None:
        return frozenset()
    called = (name for name, group_read in directory.groups.items() if group_read.id == group.id)
    return frozenset({group.id, group.name, group.address or group.name, *called})


def _parts_by_control_and_name(expansion: Expansion, provider: str) -> Mapping[tuple[str, str], Part]:
    parts: dict[tuple[str, str], Part] = {}
    for control in (control for control in expansion.controls if control.provider == provider):
        for part in control.realisation.parts:
            parts.setdefault((control.control, part.name), part)
    return parts


def _finding_from_tests(control: str, part: Part, playbooks: Playbooks, today: date) -> tuple[Finding, str] | None:
    """Return the finding on a part of a control that people must test, with advice. Return None for any other part."""
    if not part.tested:
        return None
    trials = [trial for trial in playbooks.trials if (trial.control, trial.part) == (control, part.name)]
    return judge_test_records(part, required_test_settings(control, playbooks), trials, today)


def _unread_part_finding(part: Part, attestations: Sequence[Attestation], today: date) -> tuple[Finding, str] | None:
    """Return the finding on a part of a control that no run can read, with advice. Return None for any other part."""
    match part.level:
        case Level.MANUAL:
            return judge_confirmations(part, attestations, today)
        case Level.UNAVAILABLE:
            return Finding(part.name, Status.UNAVAILABLE, unavailable_reason(part)), ""
        case _:
            return None


def unavailable_reason(part: Part) -> Reason:
    """Return why a cloud cannot enforce a part of a control, or why the part is always in place."""
    for_governors = part.for_governors or "the school's licences or its cloud do not offer it"
    return NOT_AVAILABLE(why=part.reason or part.covers, for_governors=for_governors)
