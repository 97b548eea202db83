"""What each status rests on: what is wanted, what was seen, who says so, when, and where it ends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from toolkit.board_report.plain_language import named
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
from toolkit.render.line import row, to_body
from toolkit.render.values_text import shown, shown_fields
from toolkit.sdk.lending import without_person
from toolkit.sdk.part import SCHOOL, Part
from toolkit.sdk.reason import About, Reason, admin_text
from toolkit.sdk.resource import Address
from toolkit.values import Body


def evidence(report: PolicyReport) -> list[Body]:
    """Give every fact of every clause, and what was looked at beside."""
    return [to_body(one) for one in (*_of_clauses(report), *_of_no_clause(report))]


def _of_no_clause(report: PolicyReport) -> Iterator[Mapping[str, object]]:
    """Give what was found of controls that no clause names: boards ask for them all the same."""
    mentioned = {name for one in report.statuses for name in one.clause.controls}
    for found in report.looked.findings:
        if found.control not in mentioned:
            who = f"read from {named(found.provider)}" if found.measured else "people"
            yield {
                "clause": None,
                "control": found.control,
                "part": found.part.name if found.part else None,
                "level": found.part.level if found.part else None,
                "source": _source(found.provider),
                "verdict": found.finding.status,
                "reason": f"{found.finding.subject}: {admin_text(found.finding.reason)}",
                "who_says": who,
                "origin": _origin(who, found.provider, names_cloud=found.measured),
                "seen": report.now if found.measured else None,
                "confirmed": _of_part(found.part.name, found.control, found.provider, report) if found.part else None,
                "objects": [],
                "limits": [],
            }


def _of_clauses(report: PolicyReport) -> list[Mapping[str, object]]:
    changed = {change.address: change for change in (*report.looked.plan.changes, *report.looked.plan.watched)}
    limits, parts = _limits(report), _parts(report)
    return [
        {
            "clause": one.clause.name,
            "control": fact.control or None,
            "part": parts[fact.about].name if fact.about in parts else None,
            "level": parts[fact.about].level if fact.about in parts else None,
            "source": _source(fact.provider),
            **row(fact, "verdict", "reason", "who_says=says", "seen"),
            "origin": _origin(_who(fact.says), fact.provider, names_cloud="cloud" in dict(fact.says.params)),
            "confirmed": _confirmed(one.clause.name, fact, parts.get(fact.about), report),
            "objects": [_object(address, changed, report.looked.plan) for address in fact.addresses],
            "limits": limits.get((fact.control, fact.provider), []),
        }
        for one in report.statuses
        for fact in one.evidence
    ]


def _source(provider: str) -> str:
    return named(provider) if provider != SCHOOL else "the school"


def _who(says: Reason) -> str:
    """Return who says so, without the time at which a tenant did."""
    return admin_text(replace(says, more=()) if says.code is READ_FROM else says)


def _origin(who: str, provider: str, *, names_cloud: bool) -> str:
    """Return who says so, and of which cloud where that does not name it."""
    return who if names_cloud or provider == SCHOOL else f"{_source(provider)}: {who}"


def _object(address: Address, changed: Mapping[Address, Change], plan: Plan) -> Mapping[str, object]:
    """Give one object: where it differs, each setting that differs, as the playbooks ask for it and as read."""
    change, told = changed.get(address), without_person(address)
    names = {"object": told, "kind": told.of_kind, "name": told.name}
    if change is None:
        return {**names, "state": "in place" if address in plan.select(MATCHING) else "not compared", "differs": []}
    hidden = _is_confidential(change)
    differs = [
        {
            "setting": field.path,
            "wanted": _WITHHELD if hidden else shown(field.after),
            "seen": _WITHHELD if hidden else shown(field.before),
        }
        for field in shown_fields(change)
    ]
    return {**names, "state": "differs", "differs": differs}


_WITHHELD = "not shown in reports"


def _is_confidential(change: Change) -> bool:
    """Return whether a control that asks for the object keeps its values out of reports."""
    desired = change.desired if isinstance(change, Create | Update) else None
    known = controls()
    return any(known[name].confidential for name in (desired.made_by if desired else ()) if name in known)


def _parts(report: PolicyReport) -> Mapping[About, Part]:
    return {
        report.looked.about(part.name, one.control, one.provider): part
        for one in report.looked.controls
        for part in one.realisation.parts
    }


def _confirmed(clause: str, fact: Fact, part: Part | None, report: PolicyReport) -> Mapping[str, object] | None:
    """Return who confirmed a fact, when and until when; None for what a tenant showed or no one confirmed."""
    if fact.seen is not None:
        return None
    if part is not None:
        return _of_part(part.name, fact.control, fact.provider, report)
    if fact.says.code not in CONFIRMED:
        return None
    words = [one for one in report.playbooks.registers.attested if one.clause == clause]
    return _latest([one for one in words if one.on <= report.now.date()])


def _of_part(part: str, control: str, provider: str, report: PolicyReport) -> Mapping[str, object] | None:
    words = [
        one
        for one in report.playbooks.attestations
        if (one.part, one.control, one.provider) == (part, control, provider) and one.on <= report.now.date()
    ]
    return _latest(words) or _tested(part, control, report)


def _tested(part: str, control: str, report: PolicyReport) -> Mapping[str, object] | None:
    """Return who last tested a part that passed, when, and by when the entry says that it is tested again."""
    tests = [
        one
        for one in report.playbooks.trials
        if (one.part, one.control, one.result) == (part, control, "passed") and one.on <= report.now.date()
    ]
    last = max(tests, key=lambda one: one.on, default=None)
    return {"by": last.by, "on": last.on, "until": last.next_due} if last else None


def _latest(words: Sequence[Attestation | Attested]) -> Mapping[str, object] | None:
    word = max(words, key=lambda one: one.until, default=None)
    return {"by": word.by, "on": word.on, "until": word.until} if word else None


def _limits(report: PolicyReport) -> Mapping[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for control, provider, words in _words(report):
        into = found.setdefault((control, provider), [])
        if words not in into:
            into.append(words)
    return found


def _words(report: PolicyReport) -> Iterator[tuple[str, str, str]]:
    for one in report.looked.controls:
        for part in one.realisation.parts:
            yield one.control, one.provider, f"{part.name} covers {part.covers} ({part.level})"
            yield from ((one.control, one.provider, limit) for limit in part.limits)
