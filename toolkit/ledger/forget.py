"""Removes people's names from entries before a date.

The chain can still be verified, and the rest of each entry is kept.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from toolkit.errors import Exit, LedgerError
from toolkit.ledger.checklists import read_checklists_in_transaction
from toolkit.ledger.display_names import MAIL, name_pattern, names_by_address
from toolkit.ledger.entries import NamesForgotten, RunBegan, RunEnded
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.structure import is_sound, raw_entries, rebuild_in, text_hashes_after_removal
from toolkit.ledger.tables import ENTRY, OPEN, PERSON, STEP, TRIGGERS
from toolkit.planning.applied_change import FORGOTTEN
from toolkit.records import dataclass
from toolkit.sdk.lending import is_temporary_setting
from toolkit.sdk.resource import parse_address
from toolkit.sdk.temporary_setting import AUTOMATIC_REPLY
from toolkit.values import Json, canonical_text

_PSEUDONYM = re.compile(r"person-[0-9a-f]{16}")
_SETTINGS = ("before", "sent", "returned")
ERASED = (
    *_SETTINGS,
    *("name", "was_named", "error", "failed", "flags", "unmanaged", "lacking", "found", "response", "approved"),
    *("steps", "findings"),
)
"""The keys of entries with people's words. The others have ids, numbers, and names of objects and groups."""
_IDS = frozenset({"id", "address"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetRequest:
    """A request to remove names: the date, the role that asked, and the objects whose entries must not change."""

    began: RunBegan
    day: date
    before: datetime  # the moment at which that date begins in the school
    by: str
    named_now: frozenset[str] = frozenset()  # the addresses in the playbooks, in lower case
    on_now: frozenset[str] = frozenset()  # the objects, lent to people, whose earlier state must be given back


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Counts of removed names, and of entries that a run, an automatic reply or an open checklist still needs."""

    names: int = 0
    entries: int = 0
    people: int = 0
    in_use: int = 0  # entries before the date that are left as they are


@dataclass(slots=True)
class _Eraser:
    """Removes people's names from values, and counts them."""

    names_to_keep: frozenset[str]
    display_names: Mapping[str, frozenset[str]] = field(default_factory=dict)  # by the address next to them
    names: int = 0
    _everywhere: "re.Pattern[str]" = field(init=False)  # the names of more than one word

    def __post_init__(self) -> None:
        stay = {name for address in self.names_to_keep for name in self.display_names.get(address, ())}
        gone = {name for names in self.display_names.values() for name in names} - stay
        self._everywhere = name_pattern({name for name in gone if " " in name})

    def text(self, text: str) -> str:
        named = MAIL.findall(text) if self.display_names else ()
        beside = {
            name for mail in named for name in self.display_names.get(mail.casefold(), ()) if self._must_remove(mail)
        }
        return self._everywhere.sub(
            self._count_removed, name_pattern(beside).sub(self._count_removed, MAIL.sub(self._replace_match, text))
        )

    def _must_remove(self, mail: str) -> bool:
        return mail.casefold() not in self.names_to_keep

    def _replace_match(self, match: "re.Match[str]") -> str:
        return self._count_removed(match) if self._must_remove(match[0]) else match[0]

    def _count_removed(self, _found: "re.Match[str]") -> str:
        self.names += 1
        return FORGOTTEN

    def without_names(self, value: Json, *, whole: bool = False) -> Json:
        """Return a value without people's names. If `whole` is set, every text in the value is replaced."""
        match value:
            case str() if whole:
                self.names += bool(value) and value != FORGOTTEN
                return value and FORGOTTEN
            case str():
                return self.text(value)
            case Mapping():
                kept = {
                    name: self._value_under_key_without_names(name, inner, whole=whole) for name, inner in value.items()
                }
                return dict(zip(self._distinct_keys([*kept]), kept.values(), strict=True))
            case Sequence():
                return [self.without_names(inner, whole=whole) for inner in value]
            case _:
                return value

    def _value_under_key_without_names(self, name: str, value: Json, *, whole: bool) -> Json:
        return (
            value
            if name in _IDS or (whole and name in AUTOMATIC_REPLY.schedule)
            else self.without_names(value, whole=whole)
        )

    def _distinct_keys(self, names: Sequence[str]) -> Iterator[str]:
        seen = dict.fromkeys(names, 0)
        for name in names:
            key = self.text(name)
            if key != name:
                seen[key] = seen.get(key, 0) + 1
                key = f"{key} {seen[key]}"
            yield key


@dataclass(slots=True)
class _NamesInEntries:
    """Reads entries in order and keeps the texts from which names must be removed."""

    request: ForgetRequest
    eraser: _Eraser
    open_steps: frozenset[tuple[str, int]]
    addresses: dict[tuple[str, int], str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)  # of the entries that change
    since: set[str] = field(default_factory=set)  # pseudonyms in entries since
    in_use: int = 0

    def read(self, n: int, text: str) -> None:
        written: dict[str, Any] = json.loads(text)
        number = written.get("step")  # a checklist has the name of a step here
        step = (str(written.get("run")), number if isinstance(number, int) else 0)
        if written["kind"] == "step_began":
            self.addresses[step] = written["address"]
        address = self.addresses.get(step, "")
        if datetime.fromisoformat(written["at"]) >= self.request.before:
            self.since.update(_PSEUDONYM.findall(text))
            return
        before, changed = self.eraser.names, canonical_text(self._entry_without_names(written, address))
        if changed == text:
            return
        if step in self.open_steps or address in self.request.on_now:
            self.eraser.names = before
            self.in_use += 1
            self.since.update(_PSEUDONYM.findall(text))
        else:
            self.texts[n] = changed

    def _entry_without_names(self, written: Mapping[str, Json], address: str) -> Mapping[str, Json]:
        lent = False
        with suppress(ValueError):
            lent = bool(address) and is_temporary_setting(parse_address(address))
        erased = {name: self.eraser.without_names(written[name], whole=lent) for name in ERASED if name in written}
        reasons = {"override": written.get("override"), "reason": written.get("reason")}  # free text may name anyone
        erased |= {name: self.eraser.without_names(text, whole=True) for name, text in reasons.items() if text}
        return {**written, **erased}


def forget(ledger: Ledger, request: ForgetRequest) -> Forgotten:
    """Remove people's names from entries before a date, in one transaction.

    Do nothing if these entries have no names. The caller must hold the lease and must have verified the ledger, because
    an edited entry must not get a new hash.
    """
    with ledger.open_rewrite_transaction() as (connection, append):
        reader = _read_entries(connection, request)
        asked_of = {
            checklist.person
            for checklist in read_checklists_in_transaction(connection).values()
            if checklist.open and checklist.person
        }
        people = _unnamed_people(connection, reader.since | asked_of | {request.began.operator, request.began.host})
        in_use = reader.in_use + len(asked_of - reader.since)
        result = Forgotten(reader.eraser.names, len(reader.texts), len(people), in_use)
        if not (reader.texts or people):
            return result
        _record_removal(
            append, request, reader.texts, result
        )  # first, as nothing is added behind a text that is not the first
        _replace_texts(connection, reader.texts)
        connection.execute(delete(PERSON).where(PERSON.c.pseudonym.in_(people)))
        rebuild_in(connection)
    _purge_database_files(ledger)
    return result


def _read_entries(connection: Connection, request: ForgetRequest) -> _NamesInEntries:
    steps = connection.execute(select(STEP.c.run, STEP.c.step, STEP.c.address, STEP.c.state)).all()
    of_objects = {name.casefold() for step in steps for name in MAIL.findall(step.address)}
    kept = request.named_now | of_objects | _group_addresses(connection)
    open_steps = frozenset((step.run, step.step) for step in steps if step.state in OPEN)
    display_names = names_by_address(json.loads(raw[2]) for raw in raw_entries(connection))
    reader = _NamesInEntries(request, _Eraser(kept, display_names), open_steps)
    vouched = text_hashes_after_removal(connection)
    for raw in raw_entries(connection):
        if not is_sound(raw, vouched):
            raise LedgerError(f"entry {raw[0]} was edited, so nothing was removed. Run `toolkit audit verify`")
        reader.read(raw[0], raw[2].decode())
    return reader


def _group_addresses(connection: Connection) -> frozenset[str]:
    """Return the addresses of groups that were the audience of a control in some run."""
    texts = connection.execute(select(ENTRY.c.text).where(ENTRY.c.text.like('%"kind":"run_ended"%'))).scalars()
    named = (key for text in texts for key in json.loads(text).get("groups", {}))
    return frozenset(name.casefold() for key in named for name in MAIL.findall(key))


def _unnamed_people(connection: Connection, since: set[str]) -> list[str]:
    """Return the pseudonyms of people who are not named in any entry that is kept unchanged."""
    return [name for name in connection.execute(select(PERSON.c.pseudonym)).scalars() if name not in since]


def _replace_texts(connection: Connection, texts: Mapping[int, str]) -> None:
    """Replace the texts of entries. The trigger that prevents such changes is removed and then restored."""
    dialect = connection.dialect.name
    (guard,) = [statement for statement in TRIGGERS[dialect] if "TRIGGER entry_never_changes" in statement]
    connection.exec_driver_sql("DROP TRIGGER entry_never_changes" + (" ON entry" if dialect == "postgresql" else ""))
    for n, text in texts.items():
        connection.execute(update(ENTRY).where(ENTRY.c.n == n).values(text=text))
    connection.exec_driver_sql(guard)


def _record_removal(append: Any, request: ForgetRequest, texts: Mapping[int, str], result: Forgotten) -> None:
    run, at = request.began.run, request.began.at
    append(request.began)
    append(
        NamesForgotten(
            run=run,
            at=at,
            before=request.day,
            by=request.by,
            names=result.names,
            people=result.people,
            texts={str(n): hashlib.sha256(text.encode()).hexdigest() for n, text in texts.items()},
        )
    )
    summary = {"names": result.names, "entries": result.entries, "people": result.people}
    append(RunEnded(run=run, at=at, exit=Exit.AS_WANTED, summary=summary))


def _purge_database_files(ledger: Ledger) -> None:
    """Remove earlier texts from the files of a PostgreSQL database. SQLite overwrites deleted texts automatically."""
    if ledger.file is None:
        with ledger.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL entry, memory, finding, person")
