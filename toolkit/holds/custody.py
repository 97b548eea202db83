"""Records in the register and the ledger how copies of evidence are added, handed over, returned and destroyed."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from toolkit.controls.access import GroupsAndRoles
from toolkit.controls.custody import CUSTODY_CONTROL, REVIEW_AFTER, Custody
from toolkit.errors import NotAllowed, ToolkitError, UsageError
from toolkit.holds.consents import (
    PartRule,
    RecordedConsents,
    have_two_agreed,
    posts_of,
    reason_not_to_act,
    refuse_unproven_consents,
    to_consent,
)
from toolkit.holds.custody_ledger import record_copy, school_date
from toolkit.holds.file_hashes import HashedFile, hash_file, plain_hash
from toolkit.holds.model import Case, CaseSearch, Consent, CopyState, CustodyEvent, EvidenceCopy
from toolkit.holds.search import SHOWN, pick_search
from toolkit.holds.session import HoldSession
from toolkit.holds.sign_in import ConsentSubject, SignedPerson
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass

_ID = 32  # hex digits
_OWN = "a person has no part in a case about themselves"
_SOURCES = {"google_workspace": "Google Vault", "microsoft365": "Microsoft Purview"}
_BEFORE: Mapping[CopyState, Sequence[CopyState]] = {
    CopyState.HANDED_OVER: (CopyState.HELD, CopyState.RETURNED),
    CopyState.RETURNED: (CopyState.HANDED_OVER,),
    CopyState.DESTROYED: (CopyState.HELD, CopyState.HANDED_OVER, CopyState.RETURNED),
}
"""The states from which a copy can change to each state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyDetails:
    """Details of a file to add. For a file that `toolkit hold` exported, they come from the search."""

    media: str
    what: str = ""
    source: str = ""
    query: str = ""
    asked_by: str = ""
    exported: date | None = None
    vendor_hash: str = ""
    search: str = ""  # the first digits of a search's hash
    review: date | None = None


def find_case(session: HoldSession, name: str) -> Case:
    """Return a case, released or not. Raise UsageError if there is no such case."""
    if case := session.holds.cases.get(name):
        return case
    raise UsageError("the register has no such case. `toolkit hold list` shows all cases")


def pick_copies(case: Case, numbers: Sequence[int]) -> list[EvidenceCopy]:
    """Return the copies with these numbers, or all if no number is given. Raise UsageError for an unknown number."""
    by_number = {copy.number: copy for copy in case.copies}
    for number in numbers:
        if number not in by_number:
            raise UsageError(f"the case has no copy {number}. `toolkit custody list` shows its copies")
    return [by_number[number] for number in dict.fromkeys(numbers or by_number)]


def add_copies(session: HoldSession, case: Case, paths: Sequence[Path], details: CopyDetails) -> Sequence[EvidenceCopy]:
    """Record files as copies of evidence, all or none.

    Raise ToolkitError if a file differs from the vendor's export.
    """
    today = school_date(session)
    if details.exported and details.exported > today:
        raise UsageError(f"--exported {details.exported} is in the future")
    if details.review and details.review <= today:
        raise UsageError(f"--review {details.review} is not in the future")
    before, copies = len(case.copies), list(case.copies)
    chosen = [_find_or_add_copy(session, case, hash_file(path), details, copies) for path in paths]
    for copy in copies[before:]:
        case.copies.append(copy)
        record_copy(session, copy)
    return chosen


def _find_or_add_copy(
    session: HoldSession, case: Case, file: HashedFile, details: CopyDetails, copies: list[EvidenceCopy]
) -> EvidenceCopy:
    """Return the record of a file in the case, adding a record if there is none."""
    if same := next((copy for copy in copies if _is_same(copy, file)), None):
        return same
    copy = _make_copy(session, case, file, details, number=max((copy.number for copy in copies), default=0) + 1)
    if details.vendor_hash:
        copy.vendor_hash = file.compare(details.vendor_hash, "the hash of --vendor-hash")
    if not (copy.source and copy.what):
        raise UsageError(
            "this file is not from an export of `toolkit hold`. Add --what for its content and --source for its origin"
        )
    copies.append(copy)
    return copy


def _is_same(copy: EvidenceCopy, file: HashedFile) -> bool:
    return copy.sha256 == file.sha256 and copy.state is not CopyState.DESTROYED


def _find_export_search(case: Case, file: HashedFile, named: str) -> CaseSearch | None:
    """Return the search whose export contains this file.

    Raise ToolkitError if the exported file of that name is different.
    """
    searches = [pick_search(case, named)] if named else case.searches
    exported = [(search, exported_file) for search in searches for exported_file in search.files]
    for search, exported_file in exported:
        if plain_hash(exported_file.md5) == file.md5 and exported_file.bytes == file.bytes:
            return search
    if other := next((exported_file for _, exported_file in exported if exported_file.name == file.path.name), None):
        file.compare(f"md5:{other.md5}", "the cloud's export of this name")
        raise ToolkitError(f"{file.path}: the cloud exported {other.bytes} bytes under this name. Nothing was recorded")
    if named and exported:
        raise ToolkitError(f"{file.path}: the export of this search has no such file. Nothing was recorded")
    return searches[0] if named else None


def _make_copy(
    session: HoldSession, case: Case, file: HashedFile, details: CopyDetails, *, number: int
) -> EvidenceCopy:
    search = _find_export_search(case, file, details.search)
    copy = EvidenceCopy(
        number=number,
        id=session.register.fingerprint("copy", case.name, str(number), file.sha256)[:_ID],
        what=details.what,
        source=details.source,
        query=details.query,
        asked=Consent(by=details.asked_by, at=session.now) if details.asked_by else None,
        exported=details.exported,
        name=file.path.name,
        path=str(file.path),
        bytes=file.bytes,
        sha256=file.sha256,
        media=details.media,
        added=session.now,
        review=details.review or school_date(session) + timedelta(days=_review_days(session.playbooks)),
    )
    if search:
        zone = ZoneInfo(session.playbooks.school.time_zone)
        copy.what = copy.what or f"export of search {search.hash[:SHOWN]} in the mail of {', '.join(search.people)}"
        copy.source, copy.query = copy.source or _SOURCES.get(search.cloud, search.cloud), copy.query or search.terms
        copy.asked, copy.exported_by = copy.asked or search.asked, list(search.consents)
        copy.exported = copy.exported or (search.exported.astimezone(zone).date() if search.exported else None)
        is_listed = any(plain_hash(exported_file.md5) == file.md5 for exported_file in search.files)
        copy.vendor_hash = f"md5:{file.md5}" if is_listed else ""
    return copy


def _review_days(playbooks: Playbooks) -> int:
    all_settings = (entry.settings for playbook in playbooks.playbooks for entry in playbook.controls)
    return next(
        (settings.review_after_days for settings in all_settings if isinstance(settings, Custody)), REVIEW_AFTER
    )


def check_change(session: HoldSession, copies: Sequence[EvidenceCopy], state: CopyState, on: date) -> None:
    """Raise UsageError if a copy cannot change to a state on that date."""
    if on > school_date(session):
        raise UsageError(f"--on {on} is in the future")
    zone = ZoneInfo(session.playbooks.school.time_zone)
    for copy in copies:
        if copy.state not in _BEFORE[state]:
            raise UsageError(f"copy {copy.number} is {copy.state}, so it cannot be {state}. Nothing was recorded")
        since = copy.events[-1].on if copy.events else copy.exported or copy.added.astimezone(zone).date()
        if on < since:
            raise UsageError(f"--on {on} is before {since}, when copy {copy.number} was {copy.state} already")


def copy_subjects(case: Case, copies: Sequence[EvidenceCopy], act: CopyState, to: str) -> list[ConsentSubject]:
    """Return the subjects of a consent to a change of copies: each copy's new state, and the recipient."""
    return [_copy_subject(case, copy, act, to) for copy in copies]


def _copy_subject(case: Case, copy: EvidenceCopy, act: CopyState, to: str) -> ConsentSubject:
    return ConsentSubject(str(act), (case.name, copy.id, str(len(copy.events)), to or copy.to))


def refuse_unproven_hand_over(session: HoldSession, case: Case, copies: Sequence[EvidenceCopy], to: str) -> None:
    """Raise NotAllowed if a consent to the hand-over does not count."""
    for copy in copies:
        subject, save = _copy_subject(case, copy, CopyState.HANDED_OVER, to), partial(record_copy, session, copy)
        recorded = RecordedConsents(copy.releases, subject, save, "Nothing was handed over")
        refuse_unproven_consents(session, _act_rule(session, "a hand-over"), case, recorded)


def begin_hand_over(copies: Sequence[EvidenceCopy], to: str) -> None:
    """Record the recipient of the copies. If the recipient changes, earlier consents no longer count.

    Raise UsageError without a recipient.
    """
    for copy in copies:
        if not (to or copy.to):
            raise UsageError("name the recipient with `--to -`")
    for copy in copies:
        if to and to != copy.to:
            copy.to, copy.releases = to, []


def hand_over(session: HoldSession, case: Case, copies: Sequence[EvidenceCopy], who: Consent | SignedPerson) -> None:
    """Record one person's consent to a hand-over of copies.

    The hand-over is complete once two people have signed in.
    """
    rule = _act_rule(session, "a hand-over")
    consents = [_check_consent(session, rule, case, who, copy.releases) for copy in copies]
    if isinstance(who, SignedPerson):
        refuse_unproven_hand_over(session, case, copies, "")
    for copy, consent in zip(copies, consents, strict=True):
        copy.releases.append(consent)
        if isinstance(who, SignedPerson) and have_two_agreed(copy.releases):
            both = [release for release in copy.releases if release.verified]
            event = CustodyEvent(CopyState.HANDED_OVER, school_date(session), session.now, both, copy.to)
            copy.events.append(event)
            copy.to, copy.releases = "", []
        record_copy(session, copy)


def change_copies(
    session: HoldSession,
    case: Case,
    copies: Sequence[EvidenceCopy],
    *,
    state: CopyState,
    on: date,
    who: Consent | SignedPerson,
    note: str,
) -> None:
    """Record that copies were returned or destroyed."""
    consent = _check_consent(session, _act_rule(session, ""), case, who, ())
    for copy in copies:
        copy.to, copy.releases = "", []
        copy.events.append(CustodyEvent(state, on, session.now, [consent], note))
        record_copy(session, copy)


def _act_rule(session: HoldSession, act: str) -> PartRule:
    posts = posts_of(session.playbooks, Custody, CUSTODY_CONTROL, "may_hand_over")
    return PartRule("may_hand_over", posts, _OWN, act)


def _check_consent(
    session: HoldSession, rule: PartRule, case: Case, who: Consent | SignedPerson, before: Sequence[Consent]
) -> Consent:
    """Return the consent of a person. Raise NotAllowed if they signed in and may not act in the case."""
    if isinstance(who, Consent):
        return who
    if refusal := reason_not_to_act(session, rule, case, who.account, before):
        raise NotAllowed(f"{who.account.address} may not do this: {refusal}. Nothing was recorded")
    return to_consent(session, who)


def administrators_among(playbooks: Playbooks, case: Case) -> list[str] | None:
    """Return the people in a case who are administrators in the playbooks. Return None if the playbooks list none."""
    all_settings = [entry.settings for playbook in playbooks.playbooks for entry in playbook.controls]
    declared = [settings for settings in all_settings if isinstance(settings, GroupsAndRoles)]
    if not declared:
        return None
    named = {address.casefold() for groups in declared for address in (*groups.all_rights, *groups.some_rights)}
    return sorted(named & case.people.keys())
