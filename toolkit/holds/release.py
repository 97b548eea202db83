"""Releases a case once two people who are allowed to have asked for the release."""

from datetime import datetime
from functools import partial

from toolkit.controls.data import Hold
from toolkit.errors import NotAllowed, ServiceError, UsageError
from toolkit.holds.consents import (
    PartRule,
    RecordedConsents,
    add_consent,
    have_two_agreed,
    posts_of,
    refuse_unproven_consents,
)
from toolkit.holds.model import FAILED, WANTED, Case, CloudHold, Consent, Custodian, ServiceRecord
from toolkit.holds.place import hold_records
from toolkit.holds.session import HoldSession, begin
from toolkit.holds.sign_in import ConsentSubject, SignedPerson, mark_as_used
from toolkit.messages import did_you_mean, quoted
from toolkit.sdk.endpoint import attempt
from toolkit.sdk.legal_holds import HoldStatus, Service
from toolkit.sdk.providers import cloud_titles

_OWN = "a person must not release their own hold"
_CLOSED = "nothing was read or released: the school says that this tenant is closed"


def record_named_person(session: HoldSession, case: Case, name: str) -> None:
    """Record the name of a person who asked for a release, as the operator gave it. Nothing is released."""
    case.consents.append(Consent(by=name, at=session.now))
    session.save()


def refuse_if_unreadable(session: HoldSession, case: Case, closed: str | None) -> None:
    """Raise NotAllowed if a case may have holds in a cloud that cannot be read. It is called before anyone signs in."""
    school, titles = session.playbooks.school, cloud_titles()
    if closed and closed not in titles:
        raise UsageError(f"--closed {quoted(closed)} is not a cloud{did_you_mean(closed, titles)}")
    if closed and closed in session.connections:
        raise UsageError(f"{titles[closed]} can be reached: release the case without --closed. Nothing was released")
    for name in sorted(_clouds_with_holds(case) - session.connections.keys() - {closed}):
        why, advice = "the school file no longer names", f"write {name} under `tenants:` again until this has run again"
        if name in school.all_clouds:
            why = f"could not be reached ({session.unreachable[name]})"
            advice = "run this command again when it can be reached"
        raise NotAllowed(
            f"{school.origin.path}: the case holds data in {titles[name]}, which {why}, so nothing there can be read "
            f"or released: {advice}. If the tenant is closed for good, add `--closed {name}`: the case then says that "
            "nothing was read or released there. Nothing was released"
        )


def _clouds_with_holds(case: Case) -> frozenset[str]:
    """Return the clouds in which a case has holds or may have holds."""
    return frozenset(
        provider
        for custodian in case.people.values()
        for provider, held in custodian.clouds.items()
        if held.id or held.unread or any(part.standing != HoldStatus.UNAVAILABLE for part in held.parts.values())
    )


def release_subject(case: Case) -> ConsentSubject:
    """Return the subject of a consent to a release, with the people on hold and the dates of their holds."""
    people = (f"{custodian.address} {custodian.since.isoformat()}" for custodian in case.people.values())
    return ConsentSubject("release", (case.name, *sorted(people)))


def add_release_consent(session: HoldSession, case: Case, signed: SignedPerson) -> None:
    """Record that a person who signed in asks for the release. Raise NotAllowed if they may not act in the case."""
    add_consent(
        session, _release_rule(session), case, _recorded_consents(session, case), signed, act="release this case"
    )


def _release_rule(session: HoldSession) -> PartRule:
    return PartRule("may_release", posts_of(session.playbooks, Hold, "data.hold", "may_release"), _OWN, "a release")


def refuse_unproven_release(session: HoldSession, case: Case) -> None:
    """Raise NotAllowed if a consent to the release does not count."""
    refuse_unproven_consents(session, _release_rule(session), case, _recorded_consents(session, case))


def _recorded_consents(session: HoldSession, case: Case) -> RecordedConsents:
    subject = release_subject(case)
    return RecordedConsents(case.consents, subject, session.save, "Nothing was released")


def release(session: HoldSession, case: Case, closed: str | None) -> None:
    """Release all holds of the case that no other case needs. If a release fails, the case stays open for another run.

    Raise NotAllowed, before any request, unless two people have proved that they signed in for the release.
    """
    refuse_unproven_release(session, case)
    if not have_two_agreed(case.consents):
        raise NotAllowed("a release takes two people. Nothing was released")
    for custodian in case.people.values():
        for provider, held in custodian.clouds.items():
            if provider == closed:
                _record_closed_tenant(session, provider, case, custodian)
            elif held.id and provider in session.connections:
                _release_person(session, provider, case, custodian)
    failed = any(part.standing in {FAILED, WANTED} for part in hold_records(case))  # a wanted hold may have been placed
    if not failed and _clouds_with_holds(case) <= {*session.connections, closed}:
        case.released = session.now
    session.save()
    if case.released:
        mark_as_used(session, case.consents)


def _record_closed_tenant(session: HoldSession, provider: str, case: Case, custodian: Custodian) -> None:
    """Record that nothing was read or released in a closed tenant."""
    custodian.clouds[provider] = CloudHold(custodian.clouds[provider].id, _CLOSED)
    if not _is_needed_elsewhere(session, provider, case, custodian):
        session.journal.record_step_end(begin(session, provider, custodian.address, (), waiting=False), None, None)


def _release_person(session: HoldSession, provider: str, case: Case, custodian: Custodian) -> None:
    held, holding = custodian.clouds[provider], session.connections[provider].holding
    held.unread = ""
    marks = session.fingerprints_of(provider, custodian.address)
    step = begin(session, provider, custodian.address, marks, waiting=True)
    for service in reversed(holding.services):
        if service is Service.MAILBOX and _is_needed_elsewhere(session, provider, case, custodian):
            held.parts[service] = ServiceRecord(
                HoldStatus.CONFIRMED, "left on hold: another case needs it", session.now
            )
            continue
        person = held.person(custodian.address)
        release = partial(holding.release, case.matter, person, service, since=_held_since(session, provider, held.id))
        let_go = attempt("holds", release)
        if isinstance(let_go, ServiceError):
            held.parts[service] = ServiceRecord(FAILED, f"could not be released: {let_go}", session.now)
        else:
            before = ServiceRecord(
                HoldStatus.CONFIRMED, "still on hold because it was on hold before this case", session.now
            )
            held.parts[service] = ServiceRecord(HoldStatus.ABSENT, "released", session.now) if let_go else before
    session.journal.record_step_end(step, None, None)
    session.save()


def _held_since(session: HoldSession, provider: str, key: str) -> datetime:
    """Return the date from which a case, released or not, first placed a hold on an account."""
    people = (custodian for case in session.holds.cases.values() for custodian in case.people.values())
    return min(custodian.since for custodian in people if _hold_of(custodian, provider).id == key)


def _is_needed_elsewhere(session: HoldSession, provider: str, case: Case, custodian: Custodian) -> bool:
    """Return whether another open case needs the hold on a person's account.

    Compares addresses if the other case has not found the account yet.
    """
    others = (other for other in session.holds.open_cases().values() if other is not case)
    key = custodian.clouds[provider].id
    return any(
        (account_id := _hold_of(person, provider).id) == key or (not account_id and person.address == custodian.address)
        for other in others
        for person in other.people.values()
    )


def _hold_of(custodian: Custodian, provider: str) -> CloudHold:
    return custodian.clouds.get(provider) or CloudHold()
