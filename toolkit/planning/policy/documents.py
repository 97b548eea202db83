"""The evidence on file for a clause: the document's page of control, and the registers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from toolkit.planning.checks.attestation_findings import confirmed_by
from toolkit.planning.policy.page import NOBODY, REGISTERS, UNCONFIRMED, Fact, Page, of_page
from toolkit.playbook.policy_entries import OF_DOCUMENT, Clause, Evidence
from toolkit.playbook.register_clocks import TELL_ICO, Incident
from toolkit.playbook.registers import Acknowledgement, Attested, Registers
from toolkit.sdk.dates import day
from toolkit.sdk.reason import AS_RECORDED, About, Reason, ReasonCode, Share, Things, same_words
from toolkit.sdk.verdict import FactVerdict, PartOutcome

_CONFIRMED_UNTIL = same_words("word_confirmed_until", "confirmed until {until}")
_OVERDUE = same_words("word_overdue", "overdue since {day}: {who}")
_NOT_ACKNOWLEDGED = same_words("not_acknowledged", "no acknowledgement of the last year is on file")
_ACKNOWLEDGED = same_words("acknowledged", "acknowledged by {numbers}")
_BY_ROLE = same_words(
    "acknowledged_by_role",
    "{signed} {role} on {day}",
    lacking="{signed} {role} {signed:has|have} not acknowledged the policy",
)
_NOT_APPROVED = ReasonCode(
    "not_approved", admin="no approval that counts is on file", governor="no approval that is still valid is on file"
)
_APPROVED = same_words("approvals_on_file", "approvals on file: {count}, the latest by {by} on {day}")
_REQUEST_WAITS = same_words("request_waits", "a request has waited for an answer since {day}")
_REQUESTS = same_words(
    "requests_counted", "requests in the last year: {count}, of which approved: {approved}, waiting: {waiting}"
)
_NO_REQUEST = same_words("no_request", "no request of the last year is on file")
_LOAN_OVERDUE = same_words("loan_overdue", "log-ins that were lent and not given back in time: {late}, since {day}")
_LOANS = same_words("loans_counted", "log-ins lent in the last year: {count}, of which out now: {out}")
_NO_LOAN = same_words("no_loan", "no log-in lent in the last year is on file")
_ICO_OVERDUE = same_words(
    "ico_overdue", "the 72 hours to tell the ICO of an incident found on {day} are over, and no decision is on file"
)
_DPO_NOT_TOLD = same_words(
    "dpo_not_told", "no one has told the Data Protection Officer about an incident found on {day}"
)
_INCIDENT_OPEN = same_words("incident_open", "an incident is open since {day}")
_INCIDENTS = same_words("incidents_counted", "incidents in the last year: {count}, of which open: {open}")
_NO_INCIDENT = ReasonCode(
    "no_incident",
    admin="no incident of the last year is on file, and no one confirmed that there was none",
    governor="no incident of the last year is on file, and no one has confirmed that there was none",
)

OPEN_FOR = timedelta(days=30)
"""How long an incident may be open before that is a finding."""

_YEAR = timedelta(days=366)


def on_file(
    clause: Clause, page: Page | None, registers: Registers, today: date, link: Fact | None = None
) -> Iterator[Fact]:
    """Return the facts on file for a clause, one for each type of evidence that it names.

    If a register has no entry, a confirmation that the clause is kept counts too.
    """
    word = attested(clause, registers.attested, today)
    for sort in clause.evidence:
        if sort in OF_DOCUMENT:
            yield replace(of_page(sort, page, today), about=About(f"the {sort}"))
            continue
        if sort is Evidence.LINK:
            fact = link or _open(UNCONFIRMED)
        else:
            fact = word if sort is Evidence.ATTESTED else _OF_REGISTERS[sort](clause, registers, today)
        counts = word if fact.verdict is FactVerdict.OPEN and word.verdict is FactVerdict.HOLDS else fact
        yield replace(counts, about=About(f"the {sort}"))


def attested(clause: Clause, words: Sequence[Attested], today: date) -> Fact:
    """Return the fact that people confirmed a clause, or did not."""
    own = [one for one in words if one.clause == clause.name and one.on <= today]
    latest = max(own, key=lambda one: one.until, default=None)
    if latest is None:
        return _open(UNCONFIRMED)
    says = confirmed_by(latest)
    if latest.until < today:
        return _open(_OVERDUE(day=day(latest.until), who=says))
    reason = AS_RECORDED(text=latest.note) if latest.note else _CONFIRMED_UNTIL(until=day(latest.until))
    return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=says)


def _acknowledged(_clause: Clause, registers: Registers, today: date) -> Fact:
    counting = [one for one in registers.acknowledgements if one.on <= today < one.on + _YEAR]
    if not counting:
        return _open(_NOT_ACKNOWLEDGED())
    latest = {one.role: one for one in sorted(counting, key=lambda one: one.on)}.values()
    some = PartOutcome.IN_PART if any(one.signed for one in latest) else PartOutcome.DIFFERS
    complete = all(one.signed == one.of for one in latest)
    reason = _ACKNOWLEDGED(numbers=tuple(_by_role(entry) for entry in latest))
    return Fact(outcome=PartOutcome.CONFIRMED if complete else some, reason=reason, says=REGISTERS)


def _by_role(entry: Acknowledgement) -> Reason:
    return _BY_ROLE(signed=Share(entry.signed, entry.of), role=entry.role, day=day(entry.on))


def _approved(clause: Clause, registers: Registers, today: date) -> Fact:
    own = [one for one in registers.approvals if one.clause == clause.name and one.on <= today <= one.until]
    if not own:
        return _open(_NOT_APPROVED())
    latest = max(own, key=lambda one: one.on)
    reason = _APPROVED(count=Things(len(own)), by=latest.by, day=day(latest.on))
    return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=REGISTERS)


def _requests(clause: Clause, registers: Registers, today: date) -> Fact:
    own = [one for one in registers.requests if one.clause == clause.name and one.on <= today < one.on + _YEAR]
    late = [one.on for one in own if one.answer_by and one.answer_by < today]
    if late:
        return Fact(outcome=PartOutcome.DIFFERS, reason=_REQUEST_WAITS(day=day(min(late))), says=REGISTERS)
    if not own:
        return _open(_NO_REQUEST())
    counts = {
        "count": len(own),
        "approved": sum(one.answer == "approved" for one in own),
        "waiting": sum(one.answer is None for one in own),
    }
    reason = _REQUESTS(**{name: Things(count) for name, count in counts.items()})
    return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=REGISTERS)


def _loans(_clause: Clause, registers: Registers, today: date) -> Fact:
    late = [one.until for one in registers.loans if one.overdue(today)]
    if late:
        reason = _LOAN_OVERDUE(late=Things(len(late)), day=day(min(late)))
        return Fact(outcome=PartOutcome.DIFFERS, reason=reason, says=REGISTERS)
    own = [one for one in registers.loans if one.on <= today < one.on + _YEAR]
    if not own:
        return _open(_NO_LOAN())
    out = sum(one.back is None or one.back > today for one in own)
    reason = _LOANS(count=Things(len(own)), out=Things(out))
    return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=REGISTERS)


def _breach_late(incidents: Sequence[Incident], today: date) -> Reason | None:
    """Return the overdue step after an incident with personal data, if there is one."""
    found = [(one, one.found.date()) for one in incidents if one.found]
    ico = [on for one, on in found if not one.ico and on + TELL_ICO < today]
    if ico:
        return _ICO_OVERDUE(day=day(min(ico)))
    dpo = [on for one, on in found if not one.dpo and not one.ico and on < today]
    return _DPO_NOT_TOLD(day=day(min(dpo))) if dpo else None


def _incidents(clause: Clause, registers: Registers, today: date) -> Fact:
    own = [one for one in registers.incidents if one.clause == clause.name and one.on <= today]
    if breach := _breach_late(own, today):
        return Fact(outcome=PartOutcome.DIFFERS, reason=breach, says=REGISTERS)
    late = [one for one in own if _is_open(one, today) and today - one.on > OPEN_FOR]
    if late:
        reason = _INCIDENT_OPEN(day=day(min(one.on for one in late)))
        return Fact(outcome=PartOutcome.DIFFERS, reason=reason, says=REGISTERS)
    if recent := [one for one in own if today < one.on + _YEAR]:
        reason = _INCIDENTS(count=Things(len(recent)), open=Things(sum(_is_open(one, today) for one in recent)))
        return Fact(outcome=PartOutcome.CONFIRMED, reason=reason, says=REGISTERS)
    return _open(_NO_INCIDENT())


def _is_open(incident: Incident, today: date) -> bool:
    return incident.closed is None or incident.closed > today


def _open(reason: Reason) -> Fact:
    return Fact(outcome=PartOutcome.UNCONFIRMED, reason=reason, says=NOBODY)


_OF_REGISTERS: Mapping[Evidence, Callable[[Clause, Registers, date], Fact]] = {
    Evidence.ACKNOWLEDGEMENTS: _acknowledged,
    Evidence.APPROVALS: _approved,
    Evidence.REQUESTS: _requests,
    Evidence.LOANS: _loans,
    Evidence.INCIDENTS: _incidents,
}
