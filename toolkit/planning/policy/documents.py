"""Evidence for a policy clause from the school's files: the policy document's page of control and the registers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from toolkit.planning.checks.attestation_findings import confirmation_sentence
from toolkit.planning.policy.page import NOBODY, REGISTERS, UNCONFIRMED, Fact, Page, page_fact
from toolkit.playbook.policy_entries import OF_DOCUMENT, Clause, Evidence
from toolkit.playbook.register_clocks import TELL_ICO, Incident
from toolkit.playbook.registers import Acknowledgement, Attested, Registers
from toolkit.sdk.dates import day
from toolkit.sdk.reason import AS_RECORDED, About, Reason, ReasonCode, Share, Things, same_words
from toolkit.sdk.verdict import FactVerdict, PartOutcome

_CONFIRMED_UNTIL = same_words("word_confirmed_until", "confirmed until {until}")
_OVERDUE = same_words("word_overdue", "overdue since {day}: {who}")
_NOT_ACKNOWLEDGED = same_words("not_acknowledged", "no acknowledgement from the last year is on file")
_ACKNOWLEDGED = same_words("acknowledged", "acknowledged by {numbers}")
_BY_ROLE = same_words(
    "acknowledged_by_role",
    "{signed} {role} on {day}",
    lacking="{signed} {role} {signed:has|have} not acknowledged the policy",
)
_NOT_APPROVED = same_words("not_approved", "no approval that is still valid is on file")
_APPROVED = same_words("approvals_on_file", "approvals on file: {count}, the latest by {by} on {day}")
_REQUEST_WAITS = same_words("request_waits", "a request has waited for an answer since {day}")
_REQUESTS = same_words(
    "requests_counted", "requests in the last year: {count}, approved: {approved}, waiting: {waiting}"
)
_NO_REQUEST = same_words("no_request", "no request from the last year is on file")
_LOAN_OVERDUE = same_words("loan_overdue", "log-ins that were lent and not returned in time: {late}, since {day}")
_LOANS = same_words("loans_counted", "log-ins lent in the last year: {count}, not returned yet: {out}")
_NO_LOAN = same_words("no_loan", "no loan of a log-in is on file for the last year")
_ICO_OVERDUE = same_words(
    "ico_overdue", "the 72 hours to tell the ICO of an incident found on {day} are over, and no decision is on file"
)
_DPO_NOT_TOLD = same_words(
    "dpo_not_told", "no one has told the Data Protection Officer about an incident found on {day}"
)
_INCIDENT_OPEN = same_words("incident_open", "an incident is open since {day}")
_INCIDENTS = same_words("incidents_counted", "incidents in the last year: {count}, still open: {open}")
_NO_INCIDENT = ReasonCode(
    "no_incident",
    admin="no incident from the last year is on file, and no one has confirmed that there was none",
    governor="no incident from the last year is on file, and no one has confirmed that there was none",
)

OPEN_FOR = timedelta(days=30)
"""How long an incident may be open before that is a finding."""

_YEAR = timedelta(days=366)


def find_recorded_facts(
    clause: Clause, page: Page | None, registers: Registers, today: date, link: Fact | None = None
) -> Iterator[Fact]:
    """Yield the facts about a clause from the school's files, one for each type of evidence that the clause names.

    If a register has no entry, a confirmation that people follow the clause counts too.
    """
    confirmation = confirmation_fact(clause, registers.attested, today)
    for evidence in clause.evidence:
        if evidence in OF_DOCUMENT:
            yield replace(page_fact(evidence, page, today), subject=About(f"the {evidence}"))
            continue
        if evidence is Evidence.LINK:
            fact = link or _unconfirmed_fact(UNCONFIRMED)
        else:
            fact = confirmation if evidence is Evidence.ATTESTED else _OF_REGISTERS[evidence](clause, registers, today)
        counts = (
            confirmation if fact.verdict is FactVerdict.OPEN and confirmation.verdict is FactVerdict.HOLDS else fact
        )
        yield replace(counts, subject=About(f"the {evidence}"))


def confirmation_fact(clause: Clause, confirmations: Sequence[Attested], today: date) -> Fact:
    """Return a fact about a clause: whether people have confirmed that they follow it."""
    of_clause = [
        confirmation
        for confirmation in confirmations
        if confirmation.clause == clause.name and confirmation.on <= today
    ]
    latest = max(of_clause, key=lambda confirmation: confirmation.until, default=None)
    if latest is None:
        return _unconfirmed_fact(UNCONFIRMED)
    says = confirmation_sentence(latest)
    if latest.until < today:
        return _unconfirmed_fact(_OVERDUE(day=day(latest.until), who=says))
    reason = AS_RECORDED(text=latest.note) if latest.note else _CONFIRMED_UNTIL(until=day(latest.until))
    return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=says)


def _acknowledgement_fact(_clause: Clause, registers: Registers, today: date) -> Fact:
    counting = [entry for entry in registers.acknowledgements if entry.on <= today < entry.on + _YEAR]
    if not counting:
        return _unconfirmed_fact(_NOT_ACKNOWLEDGED())
    latest = {entry.role: entry for entry in sorted(counting, key=lambda entry: entry.on)}.values()
    some = PartOutcome.IN_PART if any(entry.signed for entry in latest) else PartOutcome.DIFFERS
    complete = all(entry.signed == entry.of for entry in latest)
    reason = _ACKNOWLEDGED(numbers=tuple(_describe_acknowledgement(entry) for entry in latest))
    return Fact(outcome=PartOutcome.CONFIRMED if complete else some, reason=reason, says=REGISTERS)


def _describe_acknowledgement(entry: Acknowledgement) -> Reason:
    return _BY_ROLE(signed=Share(entry.signed, entry.of), role=entry.role, day=day(entry.on))


def _approval_fact(clause: Clause, registers: Registers, today: date) -> Fact:
    approvals = [
        approval
        for approval in registers.approvals
        if approval.clause == clause.name and approval.on <= today <= approval.until
    ]
    if not approvals:
        return _unconfirmed_fact(_NOT_APPROVED())
    latest = max(approvals, key=lambda approval: approval.on)
    reason = _APPROVED(count=Things(len(approvals)), by=latest.by, day=day(latest.on))
    return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=REGISTERS)


def _request_fact(clause: Clause, registers: Registers, today: date) -> Fact:
    requests = [
        request
        for request in registers.requests
        if request.clause == clause.name and request.on <= today < request.on + _YEAR
    ]
    late = [request.on for request in requests if request.answer_by and request.answer_by < today]
    if late:
        return Fact(outcome=PartOutcome.DIFFERS, reason=_REQUEST_WAITS(day=day(min(late))), says=REGISTERS)
    if not requests:
        return _unconfirmed_fact(_NO_REQUEST())
    counts = {
        "count": len(requests),
        "approved": sum(request.answer == "approved" for request in requests),
        "waiting": sum(request.answer is None for request in requests),
    }
    reason = _REQUESTS(**{name: Things(count) for name, count in counts.items()})
    return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=REGISTERS)


def _loan_fact(_clause: Clause, registers: Registers, today: date) -> Fact:
    late = [loan.until for loan in registers.loans if loan.overdue(today)]
    if late:
        reason = _LOAN_OVERDUE(late=Things(len(late)), day=day(min(late)))
        return Fact(outcome=PartOutcome.DIFFERS, reason=reason, says=REGISTERS)
    loans = [loan for loan in registers.loans if loan.on <= today < loan.on + _YEAR]
    if not loans:
        return _unconfirmed_fact(_NO_LOAN())
    out = sum(loan.back is None or loan.back > today for loan in loans)
    reason = _LOANS(count=Things(len(loans)), out=Things(out))
    return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=REGISTERS)


def _overdue_breach_step(incidents: Sequence[Incident], today: date) -> Reason | None:
    """Return the step that is overdue after an incident with personal data, or None if no step is overdue."""
    dated = [(incident, incident.found.date()) for incident in incidents if incident.found]
    ico = [found_on for incident, found_on in dated if not incident.ico and found_on + TELL_ICO < today]
    if ico:
        return _ICO_OVERDUE(day=day(min(ico)))
    dpo = [found_on for incident, found_on in dated if not incident.dpo and not incident.ico and found_on < today]
    return _DPO_NOT_TOLD(day=day(min(dpo))) if dpo else None


def _incident_fact(clause: Clause, registers: Registers, today: date) -> Fact:
    incidents = [
        incident for incident in registers.incidents if incident.clause == clause.name and incident.on <= today
    ]
    if breach := _overdue_breach_step(incidents, today):
        return Fact(outcome=PartOutcome.DIFFERS, reason=breach, says=REGISTERS)
    late = [incident for incident in incidents if _is_open(incident, today) and today - incident.on > OPEN_FOR]
    if late:
        reason = _INCIDENT_OPEN(day=day(min(incident.on for incident in late)))
        return Fact(outcome=PartOutcome.DIFFERS, reason=reason, says=REGISTERS)
    if recent := [incident for incident in incidents if today < incident.on + _YEAR]:
        reason = _INCIDENTS(
            count=Things(len(recent)), open=Things(sum(_is_open(incident, today) for incident in recent))
        )
        return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=REGISTERS)
    return _unconfirmed_fact(_NO_INCIDENT())


def _is_open(incident: Incident, today: date) -> bool:
    return incident.closed is None or incident.closed > today


def _unconfirmed_fact(reason: Reason) -> Fact:
    return Fact(outcome=PartOutcome.UNCONFIRMED, reason=reason, says=NOBODY)


_OF_REGISTERS: Mapping[Evidence, Callable[[Clause, Registers, date], Fact]] = {
    Evidence.ACKNOWLEDGEMENTS: _acknowledgement_fact,
    Evidence.APPROVALS: _approval_fact,
    Evidence.REQUESTS: _request_fact,
    Evidence.LOANS: _loan_fact,
    Evidence.INCIDENTS: _incident_fact,
}
