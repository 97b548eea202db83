"""Whatever is changed in a ledger is found and named, and nothing that only died is called tampering."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain, cycle, product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.ledger.conftest import IN_A_FILE, History
from toolkit.errors import LedgerError
from toolkit.ledger.chain import START, Head, chained_hash
from toolkit.ledger.database import open_read_transaction, open_write_transaction
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.ledger.structure import rebuild
from toolkit.ledger.tables import ENTRY, METADATA, TRIGGERS
from toolkit.ledger.verify import Damage, LedgerCheck, verify


def changed(history: History, *statements: str) -> LedgerCheck:
    """Change the database as somebody with the file and a tool would, leaving the triggers as they were."""
    dialect = history.ledger.engine.dialect.name
    table = "" if dialect == "sqlite" else " ON entry"
    with open_write_transaction(history.ledger.engine) as connection:
        for name in ("entry_never_changes", "entry_never_goes"):
            connection.exec_driver_sql(f"DROP TRIGGER {name}{table}")
        for statement in statements:
            connection.exec_driver_sql(statement)
        for trigger in TRIGGERS[dialect]:
            if "CREATE TRIGGER" in trigger:
                connection.exec_driver_sql(trigger)
    return verify(history.ledger)


def damaged_subjects(checked: LedgerCheck) -> list[tuple[Damage, str]]:
    return [(fault.damage, fault.subject) for fault in checked.faults]


def test_a_ledger_as_it_was_written_is_sound(history: History) -> None:
    history.whole_run()
    checked = verify(history.ledger)
    assert (checked.is_sound, checked.remarks, checked.head) == (True, (), history.ledger.head())


def test_a_ledger_that_does_not_exist_yet_is_sound_and_is_not_made(tmp_path: Path) -> None:
    with Ledger(tmp_path / "state", redactor=Redactor()) as ledger:
        checked = verify(ledger)
    assert (checked.is_sound, checked.remarks) == (True, ("The ledger does not exist yet.",))
    assert not (tmp_path / "state").exists()


@IN_A_FILE
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE entry SET text = replace(text, 'apply', 'spply') WHERE n = 1", "Entry 1 was edited. Its text or its"),
        ("UPDATE entry SET hash = previous WHERE n = 4", "Entry 4 was edited. Its text or its hash"),
        ("UPDATE entry SET previous = hash WHERE n = 4", "Entry 4 was edited. It does not have the hash"),
        ("DELETE FROM entry WHERE n = 4", "Entry 4 is missing. The next entry is 5."),
        ("UPDATE entry SET n = 99 WHERE n = 4", "Entry 4 is missing. The next entry is 5."),
        ("DELETE FROM entry WHERE n = 1", "Entry 1 is missing. The next entry is 2."),
    ],
)
def test_an_edited_or_missing_entry_is_named(history: History, statement: str, message: str) -> None:
    history.whole_run()
    checked = changed(history, statement)
    ((damage, _),) = damaged_subjects(checked)
    assert damage is Damage.EDITED
    assert checked.faults[0].message.startswith(message)


def test_a_chain_written_anew_from_an_edited_entry_is_named(history: History) -> None:
    history.whole_run()
    with open_read_transaction(history.ledger.engine) as connection:
        rows = connection.execute(select(ENTRY).order_by(ENTRY.c.n)).all()
    statements, last = [], START
    for row in rows:
        text = row.text.replace("Rule 1", "Rule 7")
        fresh = chained_hash(last, text.encode())
        statements.append(f"UPDATE entry SET text = '{text}', previous = '{last}', hash = '{fresh}' WHERE n = {row.n}")
        last = fresh
    statements += ["UPDATE step SET address = replace(address, 'Rule 1', 'Rule 7')"]
    statements += ["UPDATE memory SET address = replace(address, 'Rule 1', 'Rule 7')"]
    checked = changed(history, *statements)
    assert damaged_subjects(checked) == [(Damage.HEAD, str(history.ledger.head_file.path))]
    assert "The ledger was replaced" in checked.faults[0].message


def test_a_cut_tail_is_named(history: History) -> None:
    history.whole_run()
    checked = changed(history, "DELETE FROM entry WHERE n > 6", "DELETE FROM run", "DELETE FROM step WHERE latest > 6")
    assert Damage.CUT in {fault.damage for fault in checked.faults}
    (cut,) = (fault.message for fault in checked.faults if fault.damage is Damage.CUT)
    assert cut.startswith("The ledger's tail was cut off: ")
    assert cut.endswith("records 8 entries, and the ledger has 6.")


def test_the_last_entry_alone_cut_off_is_named(history: History) -> None:
    history.whole_run()
    history.run_begins("run-2")
    checked = changed(history, "DELETE FROM entry WHERE n = 9", "DELETE FROM run WHERE run = 'run-2'")
    assert [fault.damage for fault in checked.faults] == [Damage.CUT]


def test_a_head_file_that_died_behind_the_chain_is_no_fault(history: History) -> None:
    history.run_begins()
    behind = history.ledger.head()
    history.run_ends()
    history.ledger.head_file.write(behind)
    assert verify(history.ledger).is_sound
    assert history.run_begins("run-2") == 3
    assert history.ledger.head_file.read() == history.ledger.head()


def test_a_head_file_that_disagrees_is_named(history: History) -> None:
    history.whole_run()
    history.ledger.head_file.write(Head(8, "0" * 64))
    assert damaged_subjects(verify(history.ledger)) == [(Damage.HEAD, str(history.ledger.head_file.path))]


@IN_A_FILE
@pytest.mark.parametrize("text", ["", "{", "[]", '{"count": "many", "hash": ""}', '{"count": -1, "hash": ""}'])
def test_a_head_file_that_says_nothing_is_named(history: History, text: str) -> None:
    history.whole_run()
    history.ledger.head_file.path.write_text(text)
    assert damaged_subjects(verify(history.ledger)) == [(Damage.HEAD, str(history.ledger.head_file.path))]


def test_a_missing_head_file_is_a_fault_and_later_a_remark(history: History) -> None:
    history.whole_run()
    history.ledger.head_file.path.unlink()
    assert damaged_subjects(verify(history.ledger)) == [(Damage.HEAD, str(history.ledger.head_file.path))]
    history.run_begins("run-2")
    checked = verify(history.ledger)
    assert checked.is_sound
    assert checked.remarks[0].startswith("The head file was missing on ")
    assert "before entry 9," in checked.remarks[0]


def test_a_ledger_taken_away_whole_is_a_cut_tail(in_file: History) -> None:
    in_file.whole_run()
    in_file.ledger.close()
    assert in_file.ledger.file is not None
    in_file.ledger.file.unlink()
    assert [fault.damage for fault in verify(in_file.ledger).faults] == [Damage.CUT]


@IN_A_FILE
@pytest.mark.parametrize(
    ("statement", "subject", "how"),
    [
        (
            "UPDATE memory SET sent = '{}' WHERE remote_id = 'id-1'",
            "memory microsoft365.transport_rule[Rule 1]",
            "changed",
        ),
        ("DELETE FROM memory WHERE remote_id = 'id-1'", "memory microsoft365.transport_rule[Rule 1]", "deleted"),
        ("UPDATE step SET state = 'begun' WHERE step = 2", "step run-1 2", "changed"),
        ("UPDATE run SET ended = NULL", "run run-1", "changed"),
        ("INSERT INTO inventory VALUES ('google.group', 1)", "inventory google.group", "added"),
    ],
)
def test_a_changed_derived_row_is_named_and_can_be_rebuilt(
    history: History, statement: str, subject: str, how: str
) -> None:
    history.whole_run()
    checked = changed(history, statement)
    assert damaged_subjects(checked) == [(Damage.DERIVED, subject)]
    assert f"was {how}" in checked.faults[0].message
    rebuild(history.ledger)
    assert verify(history.ledger).is_sound


def test_a_trigger_dropped_on_a_server_is_named(history: History) -> None:
    history.whole_run()
    table = "" if history.ledger.engine.dialect.name == "sqlite" else " ON entry"
    with open_write_transaction(history.ledger.engine) as connection:
        connection.exec_driver_sql(f"DROP TRIGGER entry_never_goes{table}")
        connection.exec_driver_sql("DROP TABLE lease")
    messages = [fault.message for fault in verify(history.ledger).faults]
    assert [damaged for damaged in ("lease", "entry_never_goes") if any(damaged in said for said in messages)] == [
        "lease",
        "entry_never_goes",
    ]


@pytest.mark.parametrize(
    ("statement", "named_thing"),
    [
        ("DROP TRIGGER entry_never_goes", "entry_never_goes"),
        ("CREATE TRIGGER more AFTER INSERT ON entry BEGIN DELETE FROM memory; END", "more"),
        ("ALTER TABLE memory ADD COLUMN more TEXT", "table memory"),
        ("DROP TABLE lease", "table lease"),
        ("CREATE VIEW shown AS SELECT 1", "shown"),
    ],
)
def test_a_changed_structure_is_named(in_file: History, statement: str, named_thing: str) -> None:
    in_file.whole_run()
    with open_write_transaction(in_file.ledger.engine) as connection:
        connection.exec_driver_sql(statement)
    faults = verify(in_file.ledger).faults
    assert faults[0].damage is Damage.STRUCTURE
    assert named_thing in faults[0].message


def test_nothing_is_rebuilt_from_a_broken_chain(history: History) -> None:
    history.whole_run()
    assert not changed(history, "UPDATE entry SET text = '{}' WHERE n = 3").is_sound
    with pytest.raises(LedgerError, match="entry 3 was edited"):
        rebuild(history.ledger)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(entry=st.integers(1, 8), place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_bit_flipped_in_any_text_is_found(in_file: History, entry: int, place: int, bit: int) -> None:
    if not in_file.ledger.head().count:
        in_file.whole_run()
    original = stored_text(in_file.ledger, entry)
    flipped = bytearray(original)
    flipped[place % len(flipped)] ^= 1 << bit
    checked = changed(in_file, replaced_text(entry, bytes(flipped)))
    assert damaged_subjects(checked)[-1] == (Damage.EDITED, f"entry {entry}")
    assert changed(in_file, replaced_text(entry, original)).is_sound


def stored_text(ledger: Ledger, n: int) -> bytes:
    with closing(sqlite3.connect(str(ledger.file))) as database:
        return bytes(database.execute("SELECT CAST(text AS BLOB) FROM entry WHERE n = ?", (n,)).fetchone()[0])


def replaced_text(n: int, text: bytes) -> str:
    return f"UPDATE entry SET text = CAST(x'{text.hex()}' AS TEXT) WHERE n = {n}"


def content(file: Path) -> list[object]:
    """Read all that the ledger means, without its own checks."""
    with closing(sqlite3.connect(file)) as database:
        database.text_factory = bytes
        tables = [name for name in METADATA.tables if name not in {"lease", "person"}]
        return [database.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall() for name in tables]


def content_or_none(file: Path) -> list[object] | None:
    try:
        return content(file)
    except sqlite3.Error:
        return None


MASKS = (0x01, 0x80, 0xFF)
HEADER = 100
"""Bytes at the beginning of a SQLite file that say how to read the others."""


def flips(size: int) -> Iterator[tuple[int, int]]:
    """Give every place of the header and some behind it, each with one of the masks in turn."""
    return zip(chain(range(HEADER), range(HEADER, size, 997)), cycle(MASKS))


def all_flips(size: int) -> Iterator[tuple[int, int]]:
    """Give twice as many places behind the header, each with every mask."""
    return product(chain(range(HEADER), range(HEADER, size, 211)), MASKS)


@pytest.mark.parametrize("chosen", [flips, pytest.param(all_flips, marks=pytest.mark.soak)])
def test_a_byte_flipped_anywhere_in_the_file_is_found_or_means_nothing(
    written_file: Path, tmp_path: Path, chosen: Callable[[int], Iterator[tuple[int, int]]]
) -> None:
    intact, expected = (written_file / "ledger.db").read_bytes(), content(written_file / "ledger.db")
    head = (written_file / "ledger.head").read_bytes()
    unnoticed = []
    for place, mask in chosen(len(intact)):
        (tmp_path / "ledger.head").write_bytes(head)
        file = tmp_path / "ledger.db"
        file.write_bytes(intact[:place] + bytes([intact[place] ^ mask]) + intact[place + 1 :])
        with Ledger(tmp_path, redactor=Redactor()) as ledger:
            sound = verify(ledger).is_sound
        if sound and content_or_none(file) != expected:
            unnoticed.append((place, mask))
    assert unnoticed == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(b"not a database, but as long as one" * 200),
        lambda file: file.write_bytes(file.read_bytes()[: len(file.read_bytes()) // 2]),
        lambda file: file.write_bytes(file.read_bytes()[:8192] + bytes(4096) + file.read_bytes()[12288:]),
        lambda file: file.write_bytes(b""),
    ],
    ids=["overwritten", "halved", "a page of zeros", "emptied"],
)
def test_a_destroyed_file_is_a_finding(in_file: History, damage: Callable[[Path], object]) -> None:
    in_file.whole_run()
    in_file.ledger.close()
    assert in_file.ledger.file is not None
    damage(in_file.ledger.file)
    checked = verify(in_file.ledger)
    assert not checked.is_sound
    assert all(fault.message.endswith(".") or "damaged" in fault.message for fault in checked.faults)
