"""A backup holds the whole chain, and is put back only where it belongs."""

import stat
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.ledger.conftest import History
from toolkit.errors import LedgerError, UsageError
from toolkit.ledger.archive import RestoredLedger, back_up, restore
from toolkit.ledger.fingerprints import Pseudonyms
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor
from toolkit.ledger.verify import verify

SOMEBODY = "harun@example-primary.example"


def _back(ledger: Ledger, file: Path) -> RestoredLedger:
    return restore(ledger, file, target="emulator", run="r")


def test_a_ledger_of_each_database_comes_back_whole_elsewhere_and_grows_there(
    history: History, ledger: Ledger, tmp_path: Path
) -> None:
    history.whole_run()
    pseudonym = Pseudonyms(ledger).create_pseudonym(SOMEBODY)
    back_up(ledger, tmp_path / "old.zip", names=False)
    history.whole_run("run-2")
    head = back_up(ledger, tmp_path / "new.zip", names=True)

    with (
        Ledger(tmp_path / "elsewhere", redactor=Redactor()) as other,
        Ledger(tmp_path / "unrelated", redactor=Redactor()) as unrelated,
    ):
        first = _back(other, tmp_path / "old.zip")
        nobody = Pseudonyms(unrelated).address(pseudonym)
        nameless = list(other.directory.glob("people.key"))
        second = _back(other, tmp_path / "new.zip")
        again = _back(other, tmp_path / "new.zip")

        assert (first.before, first.names, nameless, nobody) == (0, 0, [], None)
        assert (second.before, second.head, second.names) == (first.head.count, head, 1)
        assert again == RestoredLedger(head.count, head, 1)
        assert verify(other).is_sound
        assert Pseudonyms(other).create_pseudonym(SOMEBODY) == pseudonym
        assert Pseudonyms(other).address(pseudonym) == SOMEBODY
        assert list(other.entries()) == list(ledger.entries())
        History(other).whole_run("run-3")
        assert verify(other).is_sound
        with pytest.raises(LedgerError, match="is not a continuation of the current ledger"):
            _back(other, tmp_path / "old.zip")


def test_each_database_takes_a_backup_in(ledger: Ledger, tmp_path: Path) -> None:
    with Ledger(tmp_path / "elsewhere", redactor=Redactor()) as other:
        History(other).whole_run()
        head = back_up(other, tmp_path / "backup.zip", names=False)

    assert _back(ledger, tmp_path / "backup.zip") == RestoredLedger(0, head, 0)
    History(ledger).whole_run("run-2")
    assert verify(ledger).is_sound


def test_names_are_nowhere_in_a_backup_without_them(in_file: History, tmp_path: Path) -> None:
    in_file.whole_run()
    Pseudonyms(in_file.ledger).create_pseudonym(SOMEBODY)
    file = tmp_path / "backup.zip"

    back_up(in_file.ledger, file, names=False)

    with ZipFile(file) as archive:
        assert sorted(archive.namelist()) == ["ledger.db", "ledger.head"]
        assert SOMEBODY.encode() not in archive.read("ledger.db")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(UsageError, match="exists already"):
        back_up(in_file.ledger, file, names=False)


def _another(ledger: Ledger, _file: Path) -> None:
    History(ledger).whole_run("run-9")


def _tampered(_ledger: Ledger, file: Path) -> None:
    with ZipFile(file) as archive:
        database, head = archive.read("ledger.db"), archive.read("ledger.head")
    with ZipFile(file, "w") as archive:
        archive.writestr("ledger.db", database.replace(b'"exit":0', b'"exit":5'))
        archive.writestr("ledger.head", head)


def _no_archive(_ledger: Ledger, file: Path) -> None:
    file.write_text("hello")


def _lost(ledger: Ledger, _file: Path) -> None:
    ledger.directory.mkdir()
    (ledger.directory / "ledger.head").write_text('{"count": 900, "hash": "' + "a" * 64 + '"}')


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_another, "is not a continuation of the current ledger"),
        (_tampered, "is damaged: Entry 8 was edited"),
        (_no_archive, "is not a backup of a ledger"),
        (_lost, "records 900 entries, but"),
    ],
)
def test_what_does_not_belong_together_is_refused_and_nothing_changed(
    in_file: History, tmp_path: Path, spoil: Callable[[Ledger, Path], None], says: str
) -> None:
    in_file.whole_run()
    file = tmp_path / "backup.zip"
    back_up(in_file.ledger, file, names=False)
    with Ledger(tmp_path / "elsewhere", redactor=Redactor()) as other:
        spoil(other, file)
        before = list(other.entries()) if other.exists() else []

        with pytest.raises(LedgerError, match=says):
            _back(other, file)

        assert (list(other.entries()) if other.exists() else []) == before


def test_emulated_evidence_is_not_restored_as_live(in_file: History, tmp_path: Path) -> None:
    in_file.whole_run()
    back_up(in_file.ledger, tmp_path / "backup.zip", names=False)

    with (
        Ledger(tmp_path / "elsewhere", redactor=Redactor()) as other,
        pytest.raises(LedgerError, match="to the emulator target, but this run uses the live target"),
    ):
        restore(other, tmp_path / "backup.zip", target="live", run="r")
