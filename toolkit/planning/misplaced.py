"""Find confirmations, tests and clauses that name a part which no control has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from toolkit.errors import PlaybookError, Problem
from toolkit.messages import did_you_mean, one_of, quoted
from toolkit.planning.checks.test_records import not_to_be_tried
from toolkit.planning.plan_details import RealisedControl
from toolkit.playbook.attestations import Attestation
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.policy_entries import OF_DOCUMENT, Clause, ClauseClass, Evidence
from toolkit.sdk.part import Level, Part


def refuse_misplaced(playbooks: Playbooks, controls: Iterable[RealisedControl]) -> None:
    """Raise PlaybookError with a problem for each confirmation of a part that needs none.

    One of a control that no playbook asks for harms nothing, as where a playbook is taken out for a while: `validate`
    points it out.
    """
    parts: dict[tuple[str, str], dict[str, Part]] = {}
    for control in controls:
        of_control = parts.setdefault((control.control, control.provider), {})
        of_control.update({part.name: part for part in control.realisation.parts})
    problems = [
        Problem(one.origin.path, one.lines["part"], message)
        for one in playbooks.attestations
        if (known := parts.get((one.control, one.provider))) and (message := _misplaced(one, known))
    ]
    problems += not_to_be_tried(playbooks, parts)
    if problems:
        raise PlaybookError(problems)


def _misplaced(one: Attestation, parts: Mapping[str, Part]) -> str:
    """Return the mistake in the part of a confirmation, or "" if people must confirm it."""
    where = f"{one.control} on {one.provider}"
    manual = [name for name, part in parts.items() if part.level is Level.MANUAL and not part.tested]
    part = parts.get(one.part)
    if one.part in manual:
        return ""
    if part and part.tested:
        return f"{quoted(one.part)} of {where} is tested: write who did under `tested:`, when, on what and the result"
    if not manual:
        return f"{where} leaves nothing to people: delete the entry"
    if part is None:
        return f"{where} has no part {quoted(one.part)} to confirm{did_you_mean(one.part, manual)}"
    there = one_of(map(quoted, manual), "and")
    return f"{quoted(one.part)} of {where} is {part.level}, so it needs no confirmation; confirm {there} instead"


def refuse_unknown_parts(playbooks: Playbooks, controls: Iterable[RealisedControl]) -> None:
    """Raise PlaybookError with a problem for each part of a control of the playbooks that no cloud has."""
    parts: dict[str, set[str]] = {}
    for one in controls:
        parts.setdefault(one.control, set()).update(part.name for part in one.realisation.parts)
    problems = [
        Problem(clause.origin.path, clause.origin.line, f"{clause.name}: {message}")
        for clause in playbooks.policy.clauses
        for message in _wrong(clause, parts)
    ]
    if problems:
        raise PlaybookError(problems)


def _wrong(clause: Clause, parts: dict[str, set[str]]) -> Iterator[str]:
    for control, names in clause.parts.items():
        known = parts.get(control)  # None: no playbook asks for it
        for name in names if known else ():
            if known and name not in known:
                yield f"{control} has no part {quoted(name)}{did_you_mean(name, known)}"


def unmentioned(playbooks: Playbooks) -> Sequence[Clause]:
    """List the clauses for which something of ours could be done, and which no playbook names or serves."""
    named = {name for playbook in playbooks.playbooks for name in playbook.clauses}
    slugs = {playbook.slug for playbook in playbooks.playbooks}
    return [
        clause
        for clause in playbooks.policy.clauses
        if clause.of_class is not ClauseClass.PEOPLE
        and clause.name not in named
        and not playbooks.control_names & set(clause.controls)
        and not slugs & set(clause.resources)
        and not _recorded(clause, playbooks)
    ]


def _recorded(clause: Clause, playbooks: Playbooks) -> bool:
    """Return whether the document or a register has evidence for a clause."""
    registers = playbooks.registers
    named = {
        *(one.clause for one in registers.approvals),
        *(one.clause for one in registers.incidents),
        *(one.clause for one in registers.requests),
        *(one.clause for one in registers.attested),
    }
    counted = Evidence.ACKNOWLEDGEMENTS in clause.evidence and registers.acknowledgements
    lent = Evidence.LOANS in clause.evidence and registers.loans
    written = OF_DOCUMENT & set(clause.evidence) and playbooks.policy.document
    return clause.name in named or bool(counted or lent or written)
