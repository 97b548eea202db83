"""Compares what people have to confirm with what they confirmed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from toolkit.errors import PlaybookError, Problem
from toolkit.planning.checks.test_records import not_to_be_tried
from toolkit.planning.plan import RealisedControl
from toolkit.playbook.entries import Attestation, Playbooks
from toolkit.sdk.finding import Finding, Status
from toolkit.sdk.part import Level, Part
from toolkit.values import Json
from toolkit.yaml.messages import closest, day, did_you_mean, one_of, quoted


def refuse_misplaced(playbooks: Playbooks, controls: Iterable[RealisedControl]) -> None:
    """Raise PlaybookError with a problem for each attestation of something that people are not asked to confirm."""
    parts: dict[tuple[str, str], dict[str, Part]] = {}
    for control in controls:
        of_control = parts.setdefault((control.control, control.provider), {})
        of_control.update({part.name: part for part in control.realisation.parts})
    asked = {name for playbook in playbooks.playbooks for name in playbook.asked}
    problems: list[Problem] = []
    for one in playbooks.attestations:
        if asked and one.control not in asked:
            message = f"no playbook asks for {one.control}: delete the entry{_perhaps(one.control, asked)}"
            problems.append(Problem(one.origin.path, one.lines["control"], message))
        elif (known := parts.get((one.control, one.provider))) and (message := _misplaced(one, known)):
            problems.append(Problem(one.origin.path, one.lines["part"], message))
    problems += not_to_be_tried(playbooks, parts)
    if problems:
        raise PlaybookError(problems)


def _perhaps(word: str, known: Iterable[str]) -> str:
    meant = closest(word, known)
    return f", or did you mean `{meant}`?" if meant else ""


def _misplaced(one: Attestation, parts: Mapping[str, Part]) -> str:
    """Say what is wrong with the part that an attestation names; nothing where people are asked to confirm it."""
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
    return f"{quoted(one.part)} of {where} is {part.level}, so nobody has to confirm it; people confirm {there}"


def confirmed(part: Part, attestations: Sequence[Attestation], today: date) -> tuple[Finding, str]:
    """Say how a manual part stands, by the attestations of it alone, and what is to be done about it."""
    if early := [one for one in attestations if one.on > today]:
        reason = f"written as {_by(early[0])}, which has not come yet"
        return _finding(part, Status.FAIL, early[0], reason), f"correct the date at {_place(early[0])}"
    latest = max(attestations, key=lambda one: one.until, default=None)
    if latest is None:
        return Finding(part.name, Status.MANUAL, f"not confirmed yet: {part.reason or part.covers}"), ""
    reason = f"{_by(latest)}, until {day(latest.until)}"
    if latest.until >= today:
        return _finding(part, Status.PASS, latest, reason), ""
    days = (today - latest.until).days
    overdue = f"overdue by {days} day{'' if days == 1 else 's'}: {reason}"
    return _finding(part, Status.FAIL, latest, overdue), f"look again and write the new dates at {_place(latest)}"


def _by(one: Attestation) -> str:
    word = ", who runs toolkit (the operator's word)," if one.operator else ""
    return f"confirmed by {one.by}{word} on {day(one.on)}"


def _place(one: Attestation) -> str:
    return f"{one.origin.path}:{one.lines['on']}"


def _finding(part: Part, status: Status, one: Attestation, reason: str) -> Finding:
    evidence: dict[str, Json] = {
        "by": one.by,
        "on": one.on.isoformat(),
        "until": one.until.isoformat(),
        "operator": one.operator,
        "note": one.note,
        "origin": str(one.origin),
    }
    return Finding(part.name, status, reason, evidence)
