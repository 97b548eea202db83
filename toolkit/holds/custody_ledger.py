"""Writes entries about copies of evidence to the ledger, without names of people or cases, and verifies copies."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from toolkit.controls.custody import RecordedCopy
from toolkit.errors import Exit, ToolkitError
from toolkit.holds.bags import bag_faults, find_file, is_bag
from toolkit.holds.file_hashes import sha256_of
from toolkit.holds.model import Case, CopyState, CustodyFinding, CustodyMatch, EvidenceCopy
from toolkit.holds.session import HoldSession
from toolkit.ledger.act_kinds import CUSTODY
from toolkit.ledger.entries import StepVerdict
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.verify import verify
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.resource import Address
from toolkit.values import Settings, canonical_text

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def school_date(session: HoldSession) -> date:
    """Return today's date in the school's time zone."""
    return session.now.astimezone(ZoneInfo(session.playbooks.school.time_zone)).date()


def ledger_address(copy: EvidenceCopy) -> Address:
    """Return the ledger address of a copy, which reveals neither the case nor the file."""
    return Address(SCHOOL, CUSTODY, copy.id)


_EACH: Any = {"__all__": {"evidence"}}
_APART: Any = {"asked": {"evidence"}, "exported_by": _EACH, "releases": _EACH, "events": {"__all__": {"by": _EACH}}}
"""Evidence of sign-ins, which has its own entries in the ledger."""


def record_hash(session: HoldSession, copy: EvidenceCopy) -> str:
    """Return a keyed hash of the register's record of a copy. Without the key, the hash reveals nothing."""
    written = _adapter().dump_python(copy, mode="json", exclude=_APART)
    return session.register.fingerprint("custody", canonical_text(written))


@cache
def _adapter() -> TypeAdapter[EvidenceCopy]:
    return TypeAdapter(EvidenceCopy)


def record_copy(session: HoldSession, copy: EvidenceCopy) -> None:
    """Record a copy of evidence in the ledger and in the register.

    The ledger entry is begun first, so that an interruption is noticed.
    """
    step = session.journal.begin_act(ledger_address(copy), _to_ledger_entry(session, copy))
    session.save()
    session.journal.record_step_end(step, None, None)


def _to_ledger_entry(session: HoldSession, copy: EvidenceCopy) -> dict[str, str | int]:
    """Return the ledger's record of a copy: hashes, dates and posts, with pseudonyms of the people who signed in."""
    latest = {event.state: event for event in copy.events}
    handed = latest.get(CopyState.HANDED_OVER)
    entry: dict[str, str | int] = {
        "state": str(copy.state),
        "record": record_hash(session, copy),
        "sha256": copy.sha256,
        "bytes": copy.bytes,
        "review": copy.review.isoformat(),
        "added": copy.added.astimezone(ZoneInfo(session.playbooks.school.time_zone)).date().isoformat(),
        **{str(state).replace(" ", "_"): event.on.isoformat() for state, event in latest.items()},
    }
    names = Pseudonyms(session.journal.ledger)
    signed = {"released": handed.by if handed else (), "asked": copy.releases}
    signed |= {"recorded": copy.events[-1].by} if copy.events and copy.state is not CopyState.HANDED_OVER else {}
    for act, consents in signed.items():
        for number, consent in enumerate((consent for consent in consents if consent.verified), start=1):
            entry |= {f"{act}_{number}": names.create_pseudonym(consent.by), f"{act}_{number}_post": consent.title}
            entry |= {f"{act}_{number}_at": consent.at.isoformat()}
    return entry


def finish_interrupted_steps(session: HoldSession) -> None:
    """Finish the steps that an interrupted run left open. The register shows whether each copy was recorded."""
    copies = {ledger_address(copy): copy for case in session.holds.cases.values() for copy in case.copies}
    for unfinished in LedgerMemory(session.journal.ledger).unfinished_steps():
        if unfinished.step.address.kind == CUSTODY:
            copy = copies.get(unfinished.step.address)
            written = copy is not None and record_hash(session, copy) == (unfinished.step.sent or {}).get("record")
            verdict = StepVerdict.APPLIED if written else StepVerdict.NOT_APPLIED
            session.journal.record_step_reading(unfinished.run.run, unfinished.step.step, verdict, None)


def remembered_copies(ledger: "Ledger") -> Mapping[Address, Settings]:
    """Return the ledger's last entry for each copy."""
    if not ledger.exists():
        return {}
    memory = LedgerMemory(ledger).all().items()
    return {address: remembered.sent for address, remembered in memory if address.kind == CUSTODY}


def recorded_copies(ledger: "Ledger") -> list[RecordedCopy]:
    """Return every copy of evidence that the ledger has a record of."""
    return [_from_ledger_entry(sent) for sent in remembered_copies(ledger).values()]


def _from_ledger_entry(sent: Settings) -> RecordedCopy:
    def read_date(name: str) -> date | None:
        return date.fromisoformat(str(sent[name])) if name in sent else None

    added, review = read_date("added"), read_date("review")
    assert added
    assert review
    return RecordedCopy(
        added=added,
        review=review,
        handed_over=read_date("handed_over"),
        posts=tuple(str(sent[name]) for name in ("released_1_post", "released_2_post") if name in sent),
        returned=read_date("returned"),
        destroyed=read_date("destroyed"),
    )


CODES = {CustodyMatch.CHANGED: Exit.FAILED, CustodyMatch.UNREAD: Exit.UNREAD}


def verify_copies(
    session: HoldSession, cases: Sequence[Case], folder: Path | None, *, whole: bool
) -> Iterator[CustodyFinding]:
    """Compare each copy's record in the register with the ledger and with the file.

    `whole` adds copies that only the ledger has.
    """
    ledger = session.journal.ledger
    checked = verify(ledger)
    yield CustodyFinding(
        "the ledger",
        CustodyMatch.SAME if checked.is_sound else CustodyMatch.CHANGED,
        "; ".join(map(str, checked.faults)),
    )
    remembered = remembered_copies(ledger)
    begun = {
        unfinished.step.address: unfinished.step.sent or {}
        for unfinished in LedgerMemory(ledger).unfinished_steps()
        if unfinished.step.address.kind == CUSTODY
    }
    if folder and is_bag(folder):
        faults = list(bag_faults(folder))
        yield CustodyFinding("the bag", CustodyMatch.CHANGED if faults else CustodyMatch.SAME, "; ".join(faults))
    for case in cases:
        for copy in case.copies:
            what, address = f"{case.name}, copy {copy.number}", ledger_address(copy)
            recorded_hashes = [sent.get("record") for sent in (remembered.get(address, {}), begun.get(address, {}))]
            yield _compare_line(f"{what}, its line", record_hash(session, copy), recorded_hashes)
            yield _compare_file(f"{what}, {copy.name}", copy, folder)
    if whole:
        addresses = {ledger_address(copy) for case in session.holds.cases.values() for copy in case.copies}
        for _ in remembered.keys() - addresses:
            yield CustodyFinding(
                "the register", CustodyMatch.CHANGED, "the ledger has a copy that is missing from the register"
            )


def _compare_line(what: str, record: str, recorded_hashes: Sequence[object]) -> CustodyFinding:
    """Compare a copy's record in the register with the ledger's finished and unfinished entries."""
    if record == recorded_hashes[0]:
        return CustodyFinding(what, CustodyMatch.SAME)
    if record in recorded_hashes:
        why = "adding it was interrupted: run `toolkit custody add` with the same file again to finish"
        return CustodyFinding(what, CustodyMatch.UNREAD, why)
    why = "the register differs from the ledger" if any(recorded_hashes) else "it is not in the ledger"
    return CustodyFinding(what, CustodyMatch.CHANGED, why)


def _compare_file(what: str, copy: EvidenceCopy, folder: Path | None) -> CustodyFinding:
    path = find_file(copy, folder)
    if not path.is_file():
        away = copy.state in {CopyState.HANDED_OVER, CopyState.DESTROYED}
        return CustodyFinding(what, CustodyMatch.ELSEWHERE if away else CustodyMatch.UNREAD, f"no file at {path}")
    try:
        digest = sha256_of(path)
    except ToolkitError as error:
        return CustodyFinding(what, CustodyMatch.UNREAD, str(error))
    if digest == copy.sha256:
        return CustodyFinding(what, CustodyMatch.SAME)
    return CustodyFinding(what, CustodyMatch.CHANGED, f"its SHA-256 is {digest}, not {copy.sha256}")
