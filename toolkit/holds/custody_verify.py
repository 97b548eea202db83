"""Comparing copies of evidence with the ledger, and their files with what was added."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from toolkit.errors import Exit, ToolkitError
from toolkit.holds.bags import bag_faults, find_file, is_bag
from toolkit.holds.custody_ledger import ledger_address, record_hash, recorded
from toolkit.holds.file_hashes import sha256_of
from toolkit.holds.model import Case, CopyState, CustodyFinding, CustodyMatch, EvidenceCopy
from toolkit.holds.session import Desk
from toolkit.ledger.fingerprints import CUSTODY
from toolkit.ledger.memory import LedgerMemory
from toolkit.ledger.verify import verify

CODES = {CustodyMatch.CHANGED: Exit.FAILED, CustodyMatch.UNREAD: Exit.UNREAD}


def verify_copies(desk: Desk, cases: Sequence[Case], folder: Path | None, *, whole: bool) -> Iterator[CustodyFinding]:
    """Compare the ledger itself, each copy's line and each file; with `whole` also what only the ledger has."""
    ledger = desk.journal.ledger
    checked = verify(ledger)
    yield CustodyFinding(
        "the ledger", CustodyMatch.SAME if checked.sound else CustodyMatch.CHANGED, "; ".join(map(str, checked.faults))
    )
    known = recorded(ledger)
    begun = {
        one.step.address: one.step.sent or {}
        for one in LedgerMemory(ledger).unfinished()
        if one.step.address.kind == CUSTODY
    }
    if folder and is_bag(folder):
        faults = list(bag_faults(folder))
        yield CustodyFinding("the bag", CustodyMatch.CHANGED if faults else CustodyMatch.SAME, "; ".join(faults))
    for case in cases:
        for copy in case.copies:
            what, address = f"{case.name}, copy {copy.number}", ledger_address(copy)
            known_as = [sent.get("record") for sent in (known.get(address, {}), begun.get(address, {}))]
            yield _of_line(f"{what}, its line", record_hash(desk, copy), known_as)
            yield _of_file(f"{what}, {copy.name}", copy, folder)
    if whole:
        addresses = {ledger_address(copy) for case in desk.holds.cases.values() for copy in case.copies}
        for _ in known.keys() - addresses:
            yield CustodyFinding("the register", CustodyMatch.CHANGED, "the ledger has a copy that the register lacks")


def _of_line(what: str, record: str, known_as: Sequence[object]) -> CustodyFinding:
    """Compare the register's line with what the ledger recorded, and with what it was about to record."""
    if record == known_as[0]:
        return CustodyFinding(what, CustodyMatch.SAME)
    if record in known_as:
        why = "its recording was interrupted: `toolkit custody add` of the same file finishes it"
        return CustodyFinding(what, CustodyMatch.UNREAD, why)
    why = "the register does not agree with the ledger" if any(known_as) else "it is not in the ledger"
    return CustodyFinding(what, CustodyMatch.CHANGED, why)


def _of_file(what: str, copy: EvidenceCopy, folder: Path | None) -> CustodyFinding:
    path = find_file(copy, folder)
    if not path.is_file():
        away = copy.state in {CopyState.HANDED_OVER, CopyState.DESTROYED}
        return CustodyFinding(what, CustodyMatch.ELSEWHERE if away else CustodyMatch.UNREAD, f"no file at {path}")
    try:
        found = sha256_of(path)
    except ToolkitError as error:
        return CustodyFinding(what, CustodyMatch.UNREAD, str(error))
    if found == copy.sha256:
        return CustodyFinding(what, CustodyMatch.SAME)
    return CustodyFinding(what, CustodyMatch.CHANGED, f"its SHA-256 is {found}, not {copy.sha256}")
