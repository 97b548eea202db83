"""Compares the ledger with heads that left this computer earlier, in a report, a message or a note.

The owner of the state folder can rewrite every entry and every hash in it. Only a head that another person kept shows
that this happened, up to the entry of that head.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes, policy
from io import BytesIO
from pathlib import Path

from toolkit.errors import UsageError
from toolkit.ledger.chain import Head, hash_at
from toolkit.ledger.database import open_read_transaction
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.verify import LedgerCheck
from toolkit.records import dataclass
from toolkit.sdk.dates import day

_MOST_BYTES = 50_000_000
_WRITTEN = re.compile(r"(?P<count>[1-9][0-9]{0,17}):(?P<hash>[0-9a-f]{16,64})")
_SENTENCE = re.compile(r"(?P<count>[1-9][0-9]{0,17}) entr(?:y|ies), the last (?P<hash>[0-9a-f]{64})\b")
_IN_PDF = re.compile(r"(?P<count>[1-9][0-9]{0,17})entr(?:y|ies),thelast(?P<hash>[0-9a-f]{64})(?![0-9a-f])")
_TAG = re.compile(r"<[^<>]*>")
IN_GIT = "git"
"""The source of a head in the repository on this computer, whose owner can change it too until it is pushed."""
_FORMS = "write COUNT:HASH, or name a report (.json, .html or .pdf) or a message (.eml or .txt) that has the head"


@dataclass(frozen=True, slots=True)
class OutsideHead:
    """A head that was kept outside the state folder, and the file or words in which it was found."""

    head: Head  # the hash may be only the first 16 digits or more
    source: str
    label: str  # the source for a sentence, with the date of a report or message


@dataclass(frozen=True, slots=True)
class HeadComparison:
    """Whether the ledger still has the entry of an outside head, with a sentence that explains the result."""

    outside: OutsideHead
    agrees: bool
    text: str


def head_text(head: Head) -> str:
    """Return a head as reports and messages contain it: "794 entries, the last 3f2a..."."""
    return f"{head.count} {'entry' if head.count == 1 else 'entries'}, the last {head.hash}"


def read_outside_head(words: str) -> OutsideHead:
    """Read a head from `COUNT:HASH` or from a file. Raise UsageError if there is none, or more than one."""
    if match := _WRITTEN.fullmatch(words.strip()):
        return OutsideHead(_to_head(match), "the given head", "the given head")
    path = Path(words)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"--head {words}: the file is larger than any report or message that toolkit writes")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"--head {words}: this is neither a head nor a readable file: {reason}. {_FORMS}") from error
    heads = dict.fromkeys(_heads_in(path, content))
    if not heads:
        raise UsageError(f"--head {words}: the file does not contain a head of the ledger. {_FORMS}")
    if len(heads) > 1:
        raise UsageError(f"--head {words}: the file contains {len(heads)} heads. Write one of them as COUNT:HASH")
    return OutsideHead(next(iter(heads)), words, _label(path, content))


def compare_heads(ledger: Ledger, checked: LedgerCheck, heads: Sequence[OutsideHead]) -> Sequence[HeadComparison]:
    """Compare each head with the entry of its number. Entries after the first damaged one are not compared."""
    if not heads:
        return ()
    ordered = sorted(heads, key=lambda outside: outside.head.count)
    if not ledger.exists():
        return [_differs(outside, "there is no ledger here") for outside in ordered]
    comparisons: list[HeadComparison] = []
    with open_read_transaction(ledger.engine) as connection:
        for outside in ordered:
            stored = hash_at(connection, outside.head.count) if outside.head.count <= checked.head.count else None
            comparisons.append(_compare(outside, stored, checked, comparisons))
    return comparisons


def _compare(
    outside: OutsideHead, stored: str | None, checked: LedgerCheck, before: Sequence[HeadComparison]
) -> HeadComparison:
    count = outside.head.count
    if stored is not None and stored.startswith(outside.head.hash):
        return HeadComparison(
            outside, True, f"The ledger is unchanged up to entry {count}, the last in {outside.label}."
        )
    if stored is None and not checked.is_sound:
        return _differs(outside, f"only the first {checked.head.count} entries can be compared")
    if stored is None:
        return _differs(outside, f"the ledger has {checked.head.count}, so it is an older copy or its end was cut off")
    agreeing = [other.outside for other in before if other.agrees]
    since = f"after entry {agreeing[-1].head.count} ({agreeing[-1].label})" if agreeing else "at an unknown entry"
    return _differs(outside, f"entry {count} has a different hash now: the ledger was rewritten {since} or replaced")


def _differs(outside: OutsideHead, why: str) -> HeadComparison:
    return HeadComparison(outside, False, f"{outside.label} names entry {outside.head.count}, but {why}.")


def _to_head(match: re.Match[str]) -> Head:
    return Head(int(match["count"]), match["hash"])


def _heads_in(path: Path, content: bytes) -> Iterator[Head]:
    if path.suffix == ".json":
        yield from _heads_in_document(content)
        return
    if path.suffix == ".pdf":
        # Lines of a PDF may break anywhere, so the text is compared without spaces.
        yield from map(_to_head, _IN_PDF.finditer("".join(_text_of_pdf(path, content).split())))
        return
    for text in _texts_in(path, content):
        yield from find_heads(text)


def find_heads(text: str) -> Iterator[Head]:
    """Yield each head in a text, such as "794 entries, the last 3f2a...". A head may be on two lines, or in HTML."""
    plain = " ".join(html.unescape(_TAG.sub("", text)).split())
    yield from map(_to_head, _SENTENCE.finditer(plain))


def _heads_in_document(content: bytes) -> Iterator[Head]:
    try:
        record = json.loads(content)["record"]
        count, last = record["entries"], record["head"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return
    if isinstance(count, int) and isinstance(last, str) and _WRITTEN.fullmatch(f"{count}:{last}"):
        yield Head(count, last)


def _text_of_pdf(path: Path, content: bytes) -> str:
    from pypdf import PdfReader

    try:
        return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    except Exception as error:  # pypdf raises many types for a damaged file
        raise UsageError(f"--head {path}: the PDF cannot be read: {error}. {_FORMS}") from error


def _label(path: Path, content: bytes) -> str:
    """Return the name of a file with its date, such as "the report of 10 November 2026 (board.json)"."""
    made: datetime | None = None
    with suppress(ValueError, KeyError, TypeError, RecursionError, AttributeError):
        if path.suffix == ".json":
            made = datetime.fromisoformat(json.loads(content)["run"]["at"])
        elif path.suffix == ".eml":
            made = message_from_bytes(content, policy=policy.default)["date"].datetime
    kind = "message" if path.suffix == ".eml" else "report"
    return f"the {kind} of {day(made.date())} ({path.name})" if made else str(path)


def _texts_in(path: Path, content: bytes) -> Iterator[str]:
    """Yield the texts of a file. The parts of an e-mail are decoded, which joins folded lines again."""
    if path.suffix != ".eml":
        yield content.decode(errors="replace")
        return
    for part in message_from_bytes(content, policy=policy.default).walk():
        if part.get_content_maintype() == "text":
            yield str(part.get_content())
