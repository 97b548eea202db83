"""People have names of their own in the evidence, which nobody can trace once they are forgotten."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from toolkit.errors import LedgerError
from toolkit.ledger.fingerprints import Pseudonyms, school_key
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor


def test_an_address_always_has_the_same_pseudonym(ledger: Ledger) -> None:
    name = Pseudonyms(ledger).create_pseudonym("Ada.Byron@Example.example ")
    assert name.startswith("person-")
    assert Pseudonyms(ledger).create_pseudonym("ada.byron@example.example") == name
    assert Pseudonyms(ledger).address(name) == "ada.byron@example.example"
    assert Pseudonyms(ledger).create_pseudonym("charles@example.example") != name


def test_a_forgotten_person_has_a_pseudonym_and_no_name(ledger: Ledger) -> None:
    people = Pseudonyms(ledger)
    ada, charles = people.create_pseudonym("ada@example.example"), people.create_pseudonym("charles@example.example")
    people.forget("Ada@example.example")
    assert people.address(ada) is None
    assert people.address(charles) == "charles@example.example"
    people.forget("charles@example.example")
    assert people.address(charles) is None


def test_a_forgotten_person_is_not_left_in_the_file(tmp_path: Path) -> None:
    with Ledger(tmp_path, redactor=Redactor()) as ledger:
        people = Pseudonyms(ledger)
        people.create_pseudonym("ada@example.example")
        people.forget("ada@example.example")
    assert b"ada@example" not in (tmp_path / "ledger.db").read_bytes()


def test_another_school_has_other_pseudonyms(tmp_path: Path) -> None:
    with (
        Ledger(tmp_path / "a", redactor=Redactor()) as one,
        Ledger(tmp_path / "b", redactor=Redactor()) as other,
    ):
        assert Pseudonyms(one).create_pseudonym("ada@example.example") != Pseudonyms(other).create_pseudonym(
            "ada@example.example"
        )


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "people.key"
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(school_key, [path] * 8))
    assert keys == {path.read_bytes()}
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["people.key"]


def test_a_damaged_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "people.key").write_bytes(b"short")
    with pytest.raises(LedgerError, match="not a key of 32 bytes"):
        school_key(tmp_path / "people.key")
