"""Searching the mail of a case and exporting what was found: asked for by one person, exported by two."""

from toolkit.controls.data import Ediscovery
from toolkit.errors import BadAnswer, NotAllowed, NotFound, Rejected, RequestFailed, Transient, UsageError
from toolkit.holds.consents import (
    PartRule,
    RecordedConsents,
    add_consent,
    agreed,
    consent_of,
    objection,
    posts_of,
    refuse_unproven,
)
from toolkit.holds.model import Case, CaseSearch, ExportedFile
from toolkit.holds.session import Desk
from toolkit.holds.sign_in import ConsentSubject, SignedPerson, prove, spend
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
"""Hex digits of a search's hash that name it."""
COMPLETED = "completed"
SEARCH, EXPORT = "search", "export"
"""As acts for which a person signs in."""


def find_search(desk: Desk, case: Case, terms: str, cloud: str | None) -> CaseSearch:
    """Find the search with these terms in the mail of all who are on hold in a cloud, or add it; nothing is sent."""
    provider = _chosen(desk, cloud)
    _searching(desk, provider)
    people = sorted(
        address for address, one in case.people.items() if provider in one.clouds and one.clouds[provider].id
    )
    if not people:
        raise UsageError("no person of this case is known to have an account there: run `toolkit hold confirm`")
    wanted = desk.register.fingerprint("search", provider, case.name, terms, *people)
    for search in case.searches:
        if search.hash == wanted:
            return search
    case.searches.append(CaseSearch(terms, people, wanted, provider))
    return case.searches[-1]


def _chosen(desk: Desk, cloud: str | None) -> str:
    """Return the cloud to search; each has a query language of its own, so that none is taken for the other."""
    known = list(desk.playbooks.school.tenants)
    if cloud in known:
        return cloud
    if cloud is None and len(known) == 1:
        return known[0]
    said = f"--in {cloud}" if cloud else "say with --in which cloud to search"
    raise UsageError(f"{said}: the school has {' and '.join(known)}, and each has a query language of its own")


def pick_search(case: Case, named: str) -> CaseSearch:
    """Return the search whose hash begins so, or the only one; UsageError where that is not one search."""
    found = [search for search in case.searches if search.hash.startswith(named)]
    if len(found) != 1:
        hashes = ", ".join(search.hash[:SHOWN] for search in case.searches) or "none"
        raise UsageError(f"name one search of this case with --search: it has {hashes}; `toolkit hold search` adds one")
    return found[0]


def search_subject(case: Case, search: CaseSearch, act: str) -> ConsentSubject:
    """Return what a person agrees to who asks for a search or its export: its terms and people are in its hash."""
    return ConsentSubject(act, (case.name, search.hash))


def is_asked_for(desk: Desk, case: Case, search: CaseSearch) -> bool:
    """Say whether a person signed in recently to ask for a search."""
    if search.asked is None or not search.asked.verified:
        return False
    try:
        prove(desk, search.asked, search_subject(case, search, SEARCH))
    except UnprovenSignIn:
        return False
    return True


def ask_for_search(desk: Desk, case: Case, search: CaseSearch, signed: SignedPerson) -> None:
    """Record who asks for a search; NotAllowed where they have no say in it."""
    who = signed.account
    rule = PartRule("may_ask", posts_of(desk.playbooks, Ediscovery, _CONTROL, "may_ask"), _OWN)
    if refusal := objection(desk, rule, case, who, ()):
        raise NotAllowed(f"{who.address} cannot ask for this search: {refusal}. Nothing was searched")
    search.asked = consent_of(desk, signed)
    desk.save()


def run_search(desk: Desk, case: Case, search: CaseSearch) -> None:
    """Save the search in the case and read its estimate, which may take another run."""
    searching = _searching(desk, search.cloud)
    sent = _mail_search(case, search)
    if not search.operation:
        read_safely("holds", lambda: searching.save(case.matter, sent))
        search.operation = read_safely("holds", lambda: searching.count(case.matter, sent))
        desk.save()
    try:
        estimate = read_safely("holds", lambda: searching.counted(search.operation))
    except RequestFailed as error:
        if isinstance(error, NotFound | Rejected | BadAnswer):
            search.operation = ""  # the next run counts again
            desk.save()
        raise
    if estimate:
        search.estimate, search.uncounted, search.counted = estimate.messages, estimate.uncounted, desk.now
        search.unsearched = estimate.unsearched
        search.operation = ""
        desk.save()


def ask_for_export(desk: Desk, case: Case, search: CaseSearch, signed: SignedPerson) -> None:
    """Record that a person asks for the export or approves it; NotAllowed where they have no say in it."""
    add_consent(
        desk, _export_rule(desk), case, _recorded_consents(desk, case, search), signed, act="export this search"
    )


def _export_rule(desk: Desk) -> PartRule:
    posts = posts_of(desk.playbooks, Ediscovery, _CONTROL, "may_export")
    return PartRule("may_export", posts, _OWN, "an export")


def refuse_unproven_export(desk: Desk, case: Case, search: CaseSearch) -> None:
    """Raise NotAllowed where the register has a consent to the export that does not count."""
    refuse_unproven(desk, _export_rule(desk), case, _recorded_consents(desk, case, search))


def _recorded_consents(desk: Desk, case: Case, search: CaseSearch) -> RecordedConsents:
    subject = search_subject(case, search, EXPORT)
    return RecordedConsents(search.consents, subject, desk.save, "Nothing was exported")


def check_estimated(search: CaseSearch) -> None:
    """Raise UsageError for a search whose estimate no one has seen."""
    if search.counted is None:
        raise UsageError("this search has no estimate yet: run `toolkit hold search` again with the same query")


def run_export(desk: Desk, case: Case, search: CaseSearch) -> None:
    """Export what a search finds, once two people have agreed; one that is completed is never asked for again."""
    if search.status == COMPLETED:
        return
    refuse_unproven_export(desk, case, search)
    if not agreed(search.consents):
        raise NotAllowed("an export takes two people. Nothing was exported")
    searching = _searching(desk, search.cloud)
    address = Address(search.cloud, HOLD, search.hash)
    before = [one for one in LedgerMemory(desk.journal.ledger).unfinished_steps() if one.step.address == address]
    step = None if before or search.exported else desk.journal.begin_act(address, _entry(desk, search))
    try:
        export = read_safely("holds", lambda: searching.export(case.matter, _mail_search(case, search)))
    except RequestFailed as error:  # its own words may name whose mail it is
        if step is not None:
            end = desk.journal.unknown if isinstance(error, Transient) else desk.journal.failed
            end(step, type(error).__name__)
        raise
    if step is not None:
        desk.journal.ended(step, None, None)
    for one in before:
        desk.journal.looked(one.run.run, one.step.step, StepVerdict.APPLIED, None)
    search.exported, search.status = search.exported or desk.now, export.status
    search.files = [ExportedFile(*file) for file in export.files]
    desk.save()
    if search.status == COMPLETED:
        spend(desk, search.consents)


def _entry(desk: Desk, search: CaseSearch) -> dict[str, str]:
    """Say in the ledger who asked and approved, without a case and without a person on hold."""
    names = Pseudonyms(desk.journal.ledger)
    acts = dict(zip(("asked", "approved"), (one for one in search.consents if one.verified), strict=False))
    acts |= {"searched": search.asked} if search.asked else {}
    entry = {QUERY: search.hash}
    for act, consent in acts.items():
        entry |= {act: names.pseudonym(consent.by), f"{act}_post": consent.title, f"{act}_at": consent.at.isoformat()}
    return entry


def _mail_search(case: Case, search: CaseSearch) -> MailSearch:
    return MailSearch(f"{case.matter} search {search.hash[:SHOWN]}", tuple(search.people), search.terms)


def _searching(desk: Desk, cloud: str) -> Searching:
    """Give what searches a cloud; raises what keeps it from being searched."""
    if cloud in desk.unreached:
        raise desk.unreached[cloud]
    if cloud not in desk.connections:
        raise UsageError(f"the school has no tenant of {cloud_title(cloud)} any more")
    return desk.connections[cloud].holding.searching
