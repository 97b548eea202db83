"""Finds the ledger's records about one person, and removes other people's addresses from them."""

import json
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import func, or_, select

from toolkit.ledger.archive import KEY
from toolkit.ledger.display_names import MAIL
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.projection_store import AT_ONCE
from toolkit.ledger.tables import ENTRY
from toolkit.records import dataclass
from toolkit.values import Json

OTHERS = "[another address]"


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """An entry that names a person: its number, time, run and type, and the values with the name."""

    n: int
    at: str
    run: str
    kind: str
    address: str
    values: Mapping[str, str]


def find_person(ledger: Ledger, who: str) -> Sequence[PersonEntry]:
    """Return the entries that name a person by address, pseudonym or account id, in ledger order."""
    if not ledger.exists():
        return ()
    word = who.strip().casefold()
    has_pseudonyms = (ledger.directory / KEY).exists()  # also of users of the operating system, who have no address
    words = [word, *([Pseudonyms(ledger).find_pseudonym(word)] if has_pseudonyms else [])]
    like = or_(*(func.lower(ENTRY.c.text).contains(term, autoescape=True) for term in words))
    with ledger.open_tables() as stored:
        query = select(ENTRY.c.n, ENTRY.c.text).where(like).order_by(ENTRY.c.n)
        rows = stored.connection.execute(query.execution_options(yield_per=AT_ONCE))
        return [_to_person_entry(n, json.loads(text), words) for n, text in rows]


def _to_person_entry(n: int, written: Mapping[str, Json], words: Sequence[str]) -> PersonEntry:
    run, kind, at = (str(written.get(name) or "") for name in ("run", "kind", "at"))
    values = {
        path: MAIL.sub(lambda match: _hide_others(match[0], words), text)
        for path, text in _texts_about_person(written, words)
    }
    return PersonEntry(n, at, run, kind, str(written.get("address") or ""), values)


def _hide_others(address: str, words: Sequence[str]) -> str:
    return address if address.casefold() in words else OTHERS


def _texts_about_person(value: Json, words: Sequence[str], path: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text that names the person, with its path in the entry.

    If an object has the person's id, yield all of its texts.
    """
    match value:
        case str() if any(word in value.casefold() for word in words):
            yield path, value
        case Mapping():
            about = f"{value.get('address')} {value.get('remote_id')}".casefold()
            whole = any(word in about for word in words)
            for name, inner_value in value.items():
                inner = f"{path}.{name}".lstrip(".")
                yield from _all_texts(inner_value, inner) if whole else _texts_about_person(inner_value, words, inner)
        case list():
            for number, inner_value in enumerate(value, start=1):
                yield from _texts_about_person(inner_value, words, f"{path}[{number}]")


def _all_texts(value: Json, path: str) -> Iterator[tuple[str, str]]:
    match value:
        case str() if value:
            yield path, value
        case Mapping():
            for name, inner_value in value.items():
                yield from _all_texts(inner_value, f"{path}.{name}")
        case list():
            for number, inner_value in enumerate(value, start=1):
                yield from _all_texts(inner_value, f"{path}[{number}]")
