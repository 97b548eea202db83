"""An extract of a trust's ledger for one school, which can be verified without the ledger.

The extract has a line for each entry of the chain: its number and its hash. Entries that concern only the school also
have their text. The last entry of the extract fixes which entries these are, so that none can be taken out or changed.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import LedgerError, UsageError
from toolkit.ledger.act_kinds import HIDDEN_KINDS
from toolkit.ledger.chain import START, Head, chained_hash
from toolkit.ledger.database import open_read_transaction
from toolkit.ledger.entries import (
    Entry,
    RunBegan,
    StepBegan,
    StepEnded,
    StepFailed,
    StepUnknown,
    StepVerified,
    read_entry,
)
from toolkit.ledger.school_entries import schools_of
from toolkit.ledger.school_parts import SchoolExtract
from toolkit.ledger.school_words import SchoolWords
from toolkit.ledger.structure import raw_entries
from toolkit.records import dataclass
from toolkit.values import Body

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger

KIND = "extract of a ledger"
FORMAT = 1
_OF_STEPS = StepBegan | StepEnded | StepFailed | StepUnknown | StepVerified


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractSubject:
    """The school of an extract, and the tenant whose ledger it is from."""

    trust: str
    school: str
    name: str
    tenant: str


def write_extract(ledger: "Ledger", subject: ExtractSubject, words: SchoolWords, run: str, now: datetime) -> Body:
    """Record that an extract is made, and return the extract. Raise LedgerError if the chain is damaged."""
    numbers = [n for n, _, _, text in _own_entries(ledger, subject.school, words) if text]
    record = SchoolExtract(
        run=run, at=now, entries=len(numbers), numbers=_digest_of(numbers), schools=(subject.school,)
    )
    last = ledger.append(record)
    own = {*numbers, last}
    rows: list[Body] = []
    head = Head(0, START)
    for n, previous, own_hash, text in _own_entries(ledger, subject.school, words):
        if n > last:
            break
        if previous != head.hash:
            raise LedgerError(f"entry {n} of the ledger was edited. Run `toolkit audit verify`")
        rows.append({"n": n, "hash": own_hash, **({"text": text} if n in own else {})})
        head = Head(n, own_hash)
    return {
        "format": FORMAT,
        "kind": KIND,
        "trust": subject.trust,
        "school": subject.school,
        "name": subject.name,
        "tenant": subject.tenant,
        "at": now.isoformat(),
        "head": {"count": head.count, "hash": head.hash},
        "entries": rows,
    }


def _own_entries(ledger: "Ledger", school: str, words: SchoolWords) -> Iterator[tuple[int, str, str, str]]:
    """Yield number, previous hash and hash of each entry, and its text if it concerns only the school, or ""."""
    hidden: set[tuple[str, int]] = set()
    with open_read_transaction(ledger.engine) as connection:
        for n, previous, stored, own_hash in raw_entries(connection):
            text = stored.decode(errors="replace")
            is_whole = chained_hash(previous, stored) == own_hash  # else names were removed from it
            entry = read_entry(text)
            if isinstance(entry, StepBegan) and entry.address.kind in HIDDEN_KINDS:
                hidden.add((entry.run, entry.step))
            is_hidden = isinstance(entry, _OF_STEPS) and (entry.run, entry.step) in hidden
            is_own = is_whole and not is_hidden and schools_of(entry) == (school,) and _is_own(entry, text, words)
            yield n, previous, own_hash, text if is_own else ""


def _is_own(entry: Entry, text: str, words: SchoolWords) -> bool:
    """Return whether the text of an entry has nothing of another school."""
    return words.is_own(text, entry.accounts.values() if isinstance(entry, RunBegan) else ())


def _digest_of(numbers: Collection[int]) -> str:
    return hashlib.sha256(",".join(map(str, numbers)).encode()).hexdigest()


def is_extract(content: bytes) -> bool:
    """Return whether a file is an extract of a ledger."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and document.get("kind") == KIND


@dataclass(frozen=True, slots=True)
class ExtractCheck:
    """The description of an extract, and each of its faults."""

    school: str
    trust: str
    tenant: str
    head: Head
    texts: int  # entries with their text
    faults: Sequence[str]

    @property
    def description(self) -> str:
        """Return a sentence about the extract."""
        left_out = self.head.count - self.texts
        return (
            f"an extract for {self.school} of the ledger of {self.tenant} ({self.trust}): {self.texts} of "
            f"{self.head.count} entries with their text, {left_out} only with their hash"
        )


def check_extract(path: Path, content: bytes) -> ExtractCheck:
    """Verify an extract without the ledger: its chain, its texts, and that no text was taken out.

    Raise UsageError if the file is not an extract of this version.
    """
    document = json.loads(content)
    if document.get("format") != FORMAT:
        raise UsageError(f"{path}: the extract has format {document.get('format')}, and this toolkit reads {FORMAT}")
    try:
        head = Head(int(document["head"]["count"]), str(document["head"]["hash"]))
        school, rows = str(document["school"]), list(document["entries"])
        faults = [*_chain_faults(rows, head), *_text_faults(rows, school)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{path} is not a complete extract of a ledger: {error}") from error
    texts = sum("text" in row for row in rows)
    return ExtractCheck(school, str(document.get("trust")), str(document.get("tenant")), head, texts, faults)


def _chain_faults(rows: Sequence[Mapping[str, Any]], head: Head) -> Iterator[str]:
    """Yield a fault for each entry that is missing or was changed."""
    previous = START
    for expected, row in enumerate(rows, 1):
        if row["n"] != expected:
            yield f"entry {expected} is missing"
            return
        if "text" in row and chained_hash(previous, str(row["text"]).encode()) != row["hash"]:
            yield f"entry {expected} was changed, or the entry before it"
        previous = str(row["hash"])
    if len(rows) != head.count or previous != head.hash:
        yield f"the extract ends before its head, entry {head.count}, or the head was changed"


def _text_faults(rows: Sequence[Mapping[str, Any]], school: str) -> Iterator[str]:
    """Yield a fault for each text of another school, and if texts were taken out or added."""
    entries = {int(row["n"]): _parse(str(row["text"])) for row in rows if "text" in row}
    for n, entry in entries.items():
        if entry is None or schools_of(entry) != (school,):
            yield f"entry {n} is not an entry about {school}"
    *numbers, last = entries or [0]
    record = entries.get(last)
    if not isinstance(record, SchoolExtract) or last != len(rows):
        yield "the last entry, which fixes the content of the extract, is missing"
    elif record.entries != len(numbers) or record.numbers != _digest_of(numbers):
        yield f"the extract had the text of {record.entries} entries, and texts were taken out or added"


def _parse(text: str) -> Entry | None:
    try:
        return read_entry(text)
    except LedgerError:
        return None
