"""Find confirmations, tests and clauses that name a part which does not exist in the control."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from toolkit.errors import PlaybookError, Problem
from toolkit.messages import did_you_mean, one_of, quoted
from toolkit.planning.checks.test_records import find_misplaced_tests
from toolkit.planning.plan_details import RealisedControl
from toolkit.playbook.attestations import Attestation
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.policy_entries import OF_DOCUMENT, Clause, ClauseClass, Evidence
from toolkit.sdk.part import Level, Part


def refuse_misplaced_confirmations(playbooks: Playbooks, controls: Iterable[RealisedControl]) -> None:
    """Raise PlaybookError if a confirmation is about a part that does not need it.

    A confirmation of a control that the playbooks do not contain is allowed, because its playbook may be removed only
    for a while. `validate` reports it.
    """
    parts: dict[tuple[str, str], dict[str, Part]] = {}
    for control in controls:
        of_control = parts.setdefault((control.control, control.provider), {})
        of_control.update({part.name: part for part in control.realisation.parts})
    problems = [
        Problem(attestation.origin.path, attestation.lines["part"], message)
        for attestation in playbooks.attestations
        if (manual_parts := parts.get((attestation.control, attestation.provider)))
        and (message := _describe_mistake(attestation, manual_parts))
    ]
    problems += find_misplaced_tests(playbooks, parts)
    if problems:
        raise PlaybookError(problems)


def _describe_mistake(attestation: Attestation, parts: Mapping[str, Part]) -> str:
    """Return a message about the part that a confirmation names if it is wrong, or "" if it is right."""
    place = f"{attestation.control} on {attestation.provider}"
    manual = [name for name, part in parts.items() if part.level is Level.MANUAL and not part.tested]
    part = parts.get(attestation.part)
    if attestation.part in manual:
        return ""
    if part and part.tested:
        written = "Write the tester, the date, the devices or networks, and the result under `tested:`"
        return f"{quoted(attestation.part)} of {place} needs a test. {written}"
    if not manual:
        return f"{place} has no manual part, so delete the entry"
    if part is None:
        return f"{place} has no part {quoted(attestation.part)} to confirm{did_you_mean(attestation.part, manual)}"
    others = one_of(map(quoted, manual), "and")
    no_need = f"{quoted(attestation.part)} of {place} is {part.level}, so no one needs to confirm it"
    return f"{no_need}. Confirm {others} instead"


def refuse_unknown_parts(playbooks: Playbooks, controls: Iterable[RealisedControl]) -> None:
    """Raise PlaybookError if the policy names a part of a control that the control does not have on any cloud."""
    parts: dict[str, set[str]] = {}
    for control in controls:
        parts.setdefault(control.control, set()).update(part.name for part in control.realisation.parts)
    problems = [
        Problem(clause.origin.path, clause.origin.line, f"{clause.name}: {message}")
        for clause in playbooks.policy.clauses
        for message in _unknown_parts(clause, parts)
    ]
    if problems:
        raise PlaybookError(problems)


def _unknown_parts(clause: Clause, parts: dict[str, set[str]]) -> Iterator[str]:
    for control, names in clause.parts.items():
        names_of_parts = parts.get(control)  # None: no playbook asks for it
        for name in names if names_of_parts else ():
            if names_of_parts and name not in names_of_parts:
                yield f"{control} has no part {quoted(name)}{did_you_mean(name, names_of_parts)}"


def find_unserved_clauses(playbooks: Playbooks) -> Sequence[Clause]:
    """Return the clauses of the policy that a playbook could serve, but no playbook serves."""
    named = {name for playbook in playbooks.playbooks for name in playbook.clauses}
    slugs = {playbook.slug for playbook in playbooks.playbooks}
    return [
        clause
        for clause in playbooks.policy.clauses
        if clause.of_class not in {ClauseClass.PEOPLE, ClauseClass.UNRATIFIED}
        and clause.name not in named
        and not playbooks.control_names & set(clause.controls)
        and not slugs & set(clause.resources)
        and not _has_records(clause, playbooks)
    ]


def _has_records(clause: Clause, playbooks: Playbooks) -> bool:
    """Return whether the school's policy document or registers contain evidence for a clause."""
    registers = playbooks.registers
    named = {
        *(approval.clause for approval in registers.approvals),
        *(incident.clause for incident in registers.incidents),
        *(request.clause for request in registers.requests),
        *(attestation.clause for attestation in registers.attested),
    }
    acknowledged = Evidence.ACKNOWLEDGEMENTS in clause.evidence and registers.acknowledgements
    lent_log_ins = Evidence.LOANS in clause.evidence and registers.loans
    document = OF_DOCUMENT & set(clause.evidence) and playbooks.policy.document
    return clause.name in named or bool(acknowledged or lent_log_ins or document)
