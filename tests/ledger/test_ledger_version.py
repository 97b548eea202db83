"""A ledger has a version: an earlier one is brought up to date, a later one is neither read nor written."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from sqlalchemy import select, update

from tests.door import Door
from tests.ledger.conftest import History
from tests.ledger.test_ledger_verify import changed
from toolkit import __version__
from toolkit.errors import UsageError
from toolkit.ledger.archive import back_up, open_backup
from toolkit.ledger.database import open_read_transaction, open_write_transaction
from toolkit.ledger.lease import Lease
from toolkit.ledger.structure import rebuild
from toolkit.ledger.tables import META, VERSION
from toolkit.ledger.verify import verify

if TYPE_CHECKING:
    from toolkit.ledger.ledger import Ledger


def _version(ledger: "Ledger") -> list[int]:
    with open_read_transaction(ledger.engine) as connection:
        return list(connection.execute(select(META.c.version)).scalars())


def _raise_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE meta SET version = version + 1")
        database.commit()


@pytest.mark.parametrize("earlier", ["DROP TABLE meta", "DELETE FROM meta", "UPDATE meta SET version = 0"])
def test_an_earlier_ledger_is_brought_up_to_date_and_sound(history: History, earlier: str) -> None:
    history.whole_run()
    assert _version(history.ledger) == [VERSION]
    assert changed(history, earlier).is_sound
    assert _version(history.ledger) == [VERSION]


def test_a_later_ledger_is_neither_read_nor_written(history: History, open_ledger: Callable[..., "Ledger"]) -> None:
    history.whole_run()
    with open_write_transaction(history.ledger.engine) as connection:
        connection.execute(update(META).values(version=VERSION + 1))
    before = history.ledger.head()
    later = open_ledger()
    uses: list[Callable[[], object]] = [
        later.head,
        later.make,
        lambda: list(later.entries()),
        lambda: History(later).run_begins("run-2"),
        lambda: verify(later),
        lambda: rebuild(later),
        Lease(later, run="run-2").__enter__,
    ]

    for use in uses:
        with pytest.raises(
            UsageError,
            match=rf"has version {VERSION + 1}, and this toolkit .* knows up to {VERSION}. Nothing was read or",
        ):
            use()

    assert (history.ledger.head(), _version(history.ledger)) == (before, [VERSION + 1])


def test_a_backup_has_the_version_and_a_later_one_is_not_restored(history: History, tmp_path: Path) -> None:
    history.whole_run()
    file = tmp_path / "backup.zip"
    back_up(history.ledger, file, names=False)
    with open_backup(file) as copy:
        assert _version(copy) == [VERSION]

    with ZipFile(file) as archive:
        archive.extractall(tmp_path / "copy")
    _raise_version(tmp_path / "copy" / "ledger.db")
    with ZipFile(file, "w") as archive:
        for name in ("ledger.db", "ledger.head"):
            archive.write(tmp_path / "copy" / name, name)
    with pytest.raises(UsageError, match=f"has version {VERSION + 1}"), open_backup(file):
        pass


def test_every_command_over_a_later_ledger_ends_with_2_and_sends_nothing(bare_door: Door) -> None:
    assert bare_door.toolkit("drift").exit in {0, 3}
    file = bare_door.state / "emulator" / "ledger.db"
    _raise_version(file)
    content, before = file.read_bytes(), bare_door.tenant.last_request()
    over_playbooks = [["plan"], ["apply", "--yes"], ["drift"], ["due", "--yes"], ["check"], ["why", "a.b[c]"]]
    over_the_ledger = [["audit", "log"], ["audit", "verify"], ["audit", "rebuild"], ["state", "backup", "copy"]]

    answers = [bare_door(*words, bare_door.playbooks) for words in over_playbooks]
    answers += [bare_door(*words) for words in over_the_ledger]

    told = (
        f"toolkit: the ledger {file} has version {VERSION + 1}, and this toolkit ({__version__}) knows up to {VERSION}."
        " Nothing"
    )
    assert [answer.exit for answer in answers] == [2] * len(answers)
    assert [answer for answer in answers if told not in answer.err] == []
    assert file.read_bytes() == content
    sent = [one for request in bare_door.tenant.requests(before) for one in request["operations"]]
    assert [operation["name"] for operation in sent if operation["write"]] == []
