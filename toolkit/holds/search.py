"""Searches the mail of the people in a case and exports the results. A search takes one person, an export two."""

from toolkit.controls.data import Ediscovery
from toolkit.errors import BadAnswer, NotAllowed, NotFound, Rejected, RequestFailed, Transient, UsageError
from toolkit.holds.consents import (
    PartRule,
    RecordedConsents,
    add_consent,
    have_two_agreed,
    posts_of,
    reason_not_to_act,
    refuse_unproven_consents,
    to_consent,
)
from toolkit.holds.model import Case, CaseSearch, ExportedFile
from toolkit.holds.session import HoldSession
from toolkit.holds.sign_in import ConsentSubject, SignedPerson, mark_as_used, verify_consent
from toolkit.ledger.act_kinds import HOLD, QUERY
from toolkit.ledger.entries import StepVerdict
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.memory import LedgerMemory
from toolkit.sdk.endpoint import read_safely
from toolkit.sdk.legal_holds import MailSearch, Searching
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.resource import Address
from toolkit.sdk.signed_in import UnprovenSignIn

_CONTROL = "data.ediscovery"
_OWN = "a person has no part in a case about themselves"
SHOWN = 8
"""The number of hex digits of a search's hash that name it."""
COMPLETED = "completed"
SEARCH, EXPORT = "search", "export"
"""Acts for which a person signs in."""


def find_search(session: HoldSession, case: Case, terms: str, cloud: str | None) -> CaseSearch:
    """Return the case's search with these terms in a cloud, adding the search if it is new. Sends no request."""
    provider = _choose_cloud(session, cloud)
    _search_api(session, provider)
    people = sorted(
        address
        for address, custodian in case.people.items()
        if provider in custodian.clouds and custodian.clouds[provider].id
    )
    if not people:
        raise UsageError("no person of this case is known to have an account there: run `toolkit hold confirm`")
    search_hash = session.register.fingerprint("search", provider, case.name, terms, *people)
    for search in case.searches:
        if search.hash == search_hash:
            return search
    case.searches.append(CaseSearch(terms, people, search_hash, provider))
    return case.searches[-1]


def _choose_cloud(session: HoldSession, cloud: str | None) -> str:
    """Return the cloud to search. Raise UsageError if none is named and the school has several."""
    tenants = list(session.playbooks.school.tenants)
    if cloud in tenants:
        return cloud
    if cloud is None and len(tenants) == 1:
        return tenants[0]
    said = f"--in {cloud}" if cloud else "say with --in which cloud to search"
    raise UsageError(f"{said}: the school has {' and '.join(tenants)}, and each of them has its own query language")


def pick_search(case: Case, named: str) -> CaseSearch:
    """Return the search whose hash begins with a text, or the only search.

    Raise UsageError if none or several match.
    """
    matches = [search for search in case.searches if search.hash.startswith(named)]
    if len(matches) != 1:
        hashes = ", ".join(search.hash[:SHOWN] for search in case.searches) or "none"
        raise UsageError(
            f"name a search of this case with --search. The case has these searches: {hashes}. "
            "`toolkit hold search` adds a search"
        )
    return matches[0]


def search_subject(case: Case, search: CaseSearch, act: str) -> ConsentSubject:
    """Return the subject of a consent to a search or its export, with a hash of the search's terms and people."""
    return ConsentSubject(act, (case.name, search.hash))


def is_asked_for(session: HoldSession, case: Case, search: CaseSearch) -> bool:
    """Return whether a person signed in recently to ask for a search."""
    if search.asked is None or not search.asked.verified:
        return False
    try:
        verify_consent(session, search.asked, search_subject(case, search, SEARCH))
    except UnprovenSignIn:
        return False
    return True


def ask_for_search(session: HoldSession, case: Case, search: CaseSearch, signed: SignedPerson) -> None:
    """Record the person who asks for a search. Raise NotAllowed if they may not act in the case."""
    who = signed.account
    rule = PartRule("may_ask", posts_of(session.playbooks, Ediscovery, _CONTROL, "may_ask"), _OWN)
    if refusal := reason_not_to_act(session, rule, case, who, ()):
        raise NotAllowed(f"{who.address} cannot ask for this search: {refusal}. Nothing was searched")
    search.asked = to_consent(session, signed)
    session.save()


def run_search(session: HoldSession, case: Case, search: CaseSearch) -> None:
    """Save the search in the case and read the estimate of its results.

    If the estimate is not ready yet, a later run reads it.
    """
    searching = _search_api(session, search.cloud)
    sent = _to_mail_search(case, search)
    if not search.operation:
        read_safely("holds", lambda: searching.save(case.matter, sent))
        search.operation = read_safely("holds", lambda: searching.count(case.matter, sent))
        session.save()
    try:
        estimate = read_safely("holds", lambda: searching.read_estimate(search.operation))
    except RequestFailed as error:
        if isinstance(error, NotFound | Rejected | BadAnswer):
            search.operation = ""  # the next run counts again
            session.save()
        raise
    if estimate:
        search.estimate, search.uncounted, search.counted = estimate.messages, estimate.uncounted, session.now
        search.unsearched = estimate.unsearched
        search.operation = ""
        session.save()


def ask_for_export(session: HoldSession, case: Case, search: CaseSearch, signed: SignedPerson) -> None:
    """Record that a person asks for an export or approves the export.

    Raise NotAllowed if they may not act in the case.
    """
    add_consent(
        session,
        _export_rule(session),
        case,
        _recorded_consents(session, case, search),
        signed,
        act="export this search",
    )


def _export_rule(session: HoldSession) -> PartRule:
    posts = posts_of(session.playbooks, Ediscovery, _CONTROL, "may_export")
    return PartRule("may_export", posts, _OWN, "an export")


def refuse_unproven_export(session: HoldSession, case: Case, search: CaseSearch) -> None:
    """Raise NotAllowed if a consent to the export does not count."""
    refuse_unproven_consents(session, _export_rule(session), case, _recorded_consents(session, case, search))


def _recorded_consents(session: HoldSession, case: Case, search: CaseSearch) -> RecordedConsents:
    subject = search_subject(case, search, EXPORT)
    return RecordedConsents(search.consents, subject, session.save, "Nothing was exported")


def check_estimated(search: CaseSearch) -> None:
    """Raise UsageError if the number of results of a search has not been estimated yet."""
    if search.counted is None:
        raise UsageError("this search has no estimate yet: run `toolkit hold search` again with the same query")


def run_export(session: HoldSession, case: Case, search: CaseSearch) -> None:
    """Export the results of a search once two people have agreed. An existing export is not requested again."""
    if search.status == COMPLETED:
        return
    refuse_unproven_export(session, case, search)
    if not have_two_agreed(search.consents):
        raise NotAllowed("an export takes two people. Nothing was exported")
    searching = _search_api(session, search.cloud)
    address = Address(search.cloud, HOLD, search.hash)
    before = [
        unfinished
        for unfinished in LedgerMemory(session.journal.ledger).unfinished_steps()
        if unfinished.step.address == address
    ]
    step = None if before or search.exported else session.journal.begin_act(address, _to_ledger_entry(session, search))
    try:
        export = read_safely("holds", lambda: searching.export(case.matter, _to_mail_search(case, search)))
    except RequestFailed as error:  # its text may name the owner of the mail
        if step is not None:
            end = (
                session.journal.record_step_unknown
                if isinstance(error, Transient)
                else session.journal.record_step_failure
            )
            end(step, type(error).__name__)
        raise
    if step is not None:
        session.journal.record_step_end(step, None, None)
    for unfinished in before:
        session.journal.record_step_reading(unfinished.run.run, unfinished.step.step, StepVerdict.APPLIED, None)
    search.exported, search.status = search.exported or session.now, export.status
    search.files = [ExportedFile(*file) for file in export.files]
    session.save()
    if search.status == COMPLETED:
        mark_as_used(session, search.consents)


def _to_ledger_entry(session: HoldSession, search: CaseSearch) -> dict[str, str]:
    """Return the ledger's record of an export. It names who requested and approved the export, but not the case."""
    names = Pseudonyms(session.journal.ledger)
    acts = dict(zip(("asked", "approved"), (consent for consent in search.consents if consent.verified), strict=False))
    acts |= {"searched": search.asked} if search.asked else {}
    entry = {QUERY: search.hash}
    for act, consent in acts.items():
        entry |= {
            act: names.create_pseudonym(consent.by),
            f"{act}_post": consent.title,
            f"{act}_at": consent.at.isoformat(),
        }
    return entry


def _to_mail_search(case: Case, search: CaseSearch) -> MailSearch:
    return MailSearch(f"{case.matter} search {search.hash[:SHOWN]}", tuple(search.people), search.terms)


def _search_api(session: HoldSession, cloud: str) -> Searching:
    """Return the search API of a cloud. Raise an error if the cloud cannot be searched."""
    if cloud in session.unreachable:
        raise session.unreachable[cloud]
    if cloud not in session.connections:
        raise UsageError(f"the school no longer has a {cloud_title(cloud)} tenant")
    return session.connections[cloud].holding.searching
