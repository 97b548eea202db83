"""Findings about automatic replies: how many absent people have a reply, the evidence, and who is unknown."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from toolkit.controls.replies import ClosureReply, OutOfOffice
from toolkit.controls.reply_text import half_day_text
from toolkit.planning.checks.findings import ControlFinding
from toolkit.playbook.entries import ControlEntry, ControlIdentity, Playbook, Playbooks
from toolkit.school.signals import Signals
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.lending import without_people
from toolkit.sdk.measurement import Measurement
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.providers import providers
from toolkit.sdk.reason import Reason, ReasonCode, Share, Things, same_words
from toolkit.sdk.resource import Mode
from toolkit.sdk.verdict import Count

_NOT_LOOKED_AT = ReasonCode(
    "people_not_looked_at",
    admin="{reasons}",
    governor="{number} could not be checked. The administrator can see why in the evidence",
)
_NO_ONE_KNOWN = ReasonCode(
    "absences_not_known",
    admin="{reason}",
    governor="it could not be read. The administrator can see why in the evidence",
)
_HAVE_REPLY = same_words(
    "replies_of_the_absent",
    "{covered} who are away for more than {days} have an automatic reply until they are back ({base})",
    lacking="{covered} who {covered:is|are} away for more than {days} {covered:has|have} no automatic reply "
    "for the whole absence",
)
_BASE = ReasonCode("calendars_kept", admin="{base}", governor="{kept} people keep a calendar")
_NO_ONE_AWAY = ReasonCode(
    "no_one_away",
    admin="no one appeared to be away for more than {days} ({base})",
    governor="no one appears to be away for more than {days} ({base})",
)
_NO_ONE_ELSE_AWAY = ReasonCode(
    "no_one_else_away",
    admin="none of the people who could be checked appeared to be away for more than {days} ({base})",
    governor="none of the people who could be checked appears to be away for more than {days} ({base})",
)
_WITHOUT = ReasonCode("without_reply", admin="; without: {who}", governor="")
_NO_MAILBOX = same_words("no_closure_mailbox", "none of the named mailboxes is on this cloud")
_NOWHERE = ReasonCode(
    "closure_mailboxes_nowhere",
    admin="{found} named mailboxes exist. No account of {clouds} has this main address: {who}",
    governor="{found} named mailboxes exist",
    lacking="{found} mailboxes that should reply while the school is closed {found:does|do} not exist",
)
_NO_HOLIDAY = same_words("no_holiday_soon", "no holiday begins within {days} days")
_CLOSURE = ReasonCode(
    "closure_replies",
    admin="for {holiday}, until {until}: {answering} answer",
    governor="for {holiday}, until {until}: {answering} mailboxes answer",
    lacking="for {holiday}, until {until}: {answering} mailboxes {answering:does|do} not answer",
)
SUBJECT, CLOSURE, UNSEEN = "automatic replies", "closure replies", "people who could not be checked"


class ReplyCounts(Measurement):
    """The number of people with a long absence, and how many have an automatic reply until they are back."""

    people: int
    away: int
    covered: int
    lacking: int
    unknown: int
    left_out: int
    keep_calendar: int
    absences: int

    @property
    def count(self) -> Count:
        """Return how many people of the audience have a reply."""
        return Count(self.covered, self.people)

    @property
    def whole(self) -> int:
        """Return the number of people in the audience."""
        return self.people


class ClosureCounts(Measurement):
    """How many mailboxes must reply while the school is closed, and the mailboxes that do not."""

    mailboxes: int
    lacking: Sequence[str]


class MissingMailboxes(Measurement):
    """How many mailboxes the playbook names, and the mailboxes that are not on any cloud."""

    mailboxes: int
    missing: Sequence[str]


class UnseenPeople(Measurement):
    """The number of people who could not be checked."""

    unknown: int


def reply_findings(
    provider: str, playbooks: Playbooks, seeing: Mapping[ControlIdentity, Signals]
) -> Iterator[ControlFinding]:
    """Yield the findings about automatic replies on a provider, for each control of absences or holidays."""
    for playbook in playbooks.playbooks:
        for entry in playbook.controls:
            if signals := seeing.get(entry.identity):
                yield from (
                    _control_finding(provider, playbook, entry, finding)
                    for finding in _findings_of_control(entry, signals)
                )


def closure_mailbox_findings(
    playbooks: Playbooks, seen: Mapping[str, Mapping[ControlIdentity, Signals]]
) -> Iterator[ControlFinding]:
    """Yield a finding about mailboxes that must reply in a holiday but do not exist on any of the school's clouds."""
    tenants = playbooks.school.tenants
    for playbook in playbooks.playbooks:
        for entry in playbook.controls:
            absent = [seen.get(provider, {}).get(entry.identity, Signals()).absent for provider in tenants]
            read_addresses = [addresses for addresses in absent if addresses is not None]
            nowhere = sorted(frozenset.intersection(*read_addresses)) if len(read_addresses) == len(tenants) else []
            if isinstance(entry.settings, ClosureReply) and nowhere and not playbooks.school.left_out:
                yield _control_finding(
                    SCHOOL, playbook, entry, _missing_mailboxes_finding(entry.settings, nowhere, tenants)
                )


def _missing_mailboxes_finding(settings: ClosureReply, missing: Sequence[str], clouds: Iterable[str]) -> Finding:
    named = len({address.casefold() for address in settings.mailboxes})
    titles = " or ".join(providers()[provider].title for provider in clouds)
    reason = _NOWHERE(found=Share(named - len(missing), named), clouds=titles, who=", ".join(missing))
    measurement = MissingMailboxes(mailboxes=named, missing=missing)
    return Finding(CLOSURE, Status.FAIL, reason, measurement=measurement)


def _control_finding(provider: str, playbook: Playbook, entry: ControlEntry, finding: Finding) -> ControlFinding:
    return ControlFinding(
        control=entry.name, provider=provider, clauses=playbook.clauses, finding=finding, measured=True
    )


def _findings_of_control(entry: ControlEntry, signals: Signals) -> Iterator[Finding]:
    match entry.settings:
        case OutOfOffice() as settings:
            yield _absences_finding(settings, signals)
        case ClosureReply() as settings:
            yield _closure_finding(settings, signals)
    if signals.unknown:
        measurement = UnseenPeople(unknown=len(signals.unknown))
        yield Finding(UNSEEN, Status.UNKNOWN, _unchecked_reason(signals), measurement=measurement)


def _unchecked_reason(signals: Signals) -> Reason:
    reasons = Counter(map(without_people, signals.unknown.values()))
    reason_text = "; ".join(f"{number}: {reason}" for reason, number in reasons.most_common())
    number = Share(len(signals.unknown), max(signals.base.people, len(signals.unknown)), alone=True)
    return _NOT_LOOKED_AT(reasons=reason_text, number=number)


def unchecked_people(
    playbooks: Playbooks, seen: Mapping[str, Mapping[ControlIdentity, Signals]], only: Collection[str]
) -> Iterator[tuple[str, str, Reason]]:
    """Yield the provider, the control and the reason for each control with people whose absences could not be read.

    If no one in the audience is known, the plan reports the group instead.
    """
    for provider, signals in seen.items():
        for entry in (entry for playbook in playbooks.playbooks for entry in playbook.controls):
            acts = entry.mode is not Mode.OFF and getattr(entry.settings, "act", "set") != "report"
            control_signals = signals.get(entry.identity) if acts and (not only or entry.name in only) else None
            if control_signals and control_signals.unknown and control_signals.base.people:
                yield provider, entry.name, _unchecked_reason(control_signals)


def _absences_finding(settings: OutOfOffice, signals: Signals) -> Finding:
    away, lacking = len(signals.due), signals.missing_replies
    measurement = ReplyCounts(
        people=signals.base.people,
        away=away,
        covered=away - len(lacking),
        lacking=len(lacking),
        unknown=len(signals.unknown),
        left_out=signals.left_out,
        keep_calendar=signals.base.keep_calendar,
        absences=signals.base.absences,
    )
    who = [due.person.address for due in lacking] if settings.names == "listed" else None
    if not signals.base.people and signals.unknown:
        reason = _NO_ONE_KNOWN(reason=without_people(next(iter(signals.unknown.values()))))
        return Finding(SUBJECT, Status.UNKNOWN, reason, measurement=measurement, who=who)
    more = f"{settings.after_working_days} working day{'' if settings.after_working_days == 1 else 's'}"
    base = _evidence_reason(signals)
    reason = (
        _HAVE_REPLY(covered=Share(away - len(lacking), away), days=more, base=base)
        if away
        else (_NO_ONE_ELSE_AWAY if signals.unknown else _NO_ONE_AWAY)(days=more, base=base)
    )
    if lacking and settings.names == "listed":
        reason = reason.then(_WITHOUT(who=", ".join(due.person.address for due in lacking)))
    return Finding(SUBJECT, Status.FAIL if lacking else Status.PASS, reason, measurement=measurement, who=who)


def _evidence_reason(signals: Signals) -> Reason:
    """Return the evidence for the finding.

    Governors see only how many people keep a calendar.
    """
    return _BASE(base=str(signals.base), kept=Share(signals.base.keep_calendar, signals.base.people))


def _closure_finding(settings: ClosureReply, signals: Signals) -> Finding:
    lacking = signals.missing_replies
    names = [due.person.address for due in lacking]
    measurement = ClosureCounts(mailboxes=signals.base.people, lacking=names)
    if not signals.base.people:
        return Finding(CLOSURE, Status.UNAVAILABLE, _NO_MAILBOX(), measurement=measurement)
    if not signals.due:
        reason = _NO_HOLIDAY(days=Things(settings.days_before))
        return Finding(CLOSURE, Status.PASS, reason, measurement=measurement)
    first = signals.due[0]
    reason = _CLOSURE(
        holiday=first.title,
        until=half_day_text(first.back, first.begins.date()),
        answering=Share(len(signals.due) - len(lacking), len(signals.due)),
    )
    if lacking:
        reason = reason.then(_WITHOUT(who=", ".join(due.person.address for due in lacking)))
    return Finding(CLOSURE, Status.FAIL if lacking else Status.PASS, reason, measurement=measurement)
