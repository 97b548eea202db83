"""An earlier export is compared with only where it can be trusted; the refusal says why not."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.board_report.school import NOW, export_of
from toolkit.board_report.document import document
from toolkit.board_report.pack import FORMAT, Pack
from toolkit.board_report.seal import SEAL, add_seal
from toolkit.board_report.verify import read_earlier_export
from toolkit.board_report.writers import as_json
from toolkit.errors import UsageError
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor

SCHOOL = "Example Primary School"


def _read(path: Path, **others: Any) -> Any:
    with Ledger(path.parent / "no-ledger", redactor=Redactor()) as ledger:
        return read_earlier_export(path, ledger, **{"school": SCHOOL, "target": "emulator", "now": NOW, **others})


def test_a_sound_file_says_how_the_clauses_stood_and_a_format_of_before_is_read_too(
    tmp_path: Path, governors_document: Any
) -> None:
    path = tmp_path / "old.json"
    path.write_text(as_json(governors_document))

    found = _read(path)

    assert found.earlier.at == NOW
    assert found.earlier.statuses["SEC-09"] == "evidence on file"
    assert found.after is None  # no ledger here has the entries that it rests on
    assert found.earlier.lacking["SEC-10"] == {"the attested": "open"}
    path.write_text(as_json(_sealed(governors_document, format=1)))
    assert _read(path).earlier == replace(found.earlier, lacking=None)


def _sealed(governors_document: Any, **others: Any) -> Any:
    return add_seal({name: value for name, value in {**governors_document, **others}.items() if name != SEAL})


def _edited(governors_document: Any) -> str:
    return as_json(governors_document).replace("evidence on file", "met", 1)


@pytest.mark.parametrize(
    ("write", "said"),
    [
        pytest.param(lambda _: "# Notes", "it is not JSON", id="something else"),
        pytest.param(lambda _: '{"a": 1}', "it has no `integrity`", id="other JSON"),
        pytest.param(_edited, "it was changed after it was written: ", id="edited"),
        pytest.param(json.dumps, "not formatted as toolkit writes a document", id="spaced"),
        pytest.param(
            lambda governors_document: as_json(_sealed(governors_document, school="Other School")),
            "it is about Other School",
            id="school",
        ),
        pytest.param(
            lambda governors_document: as_json(_sealed(governors_document, target="live")),
            "it is about the real tenants",
            id="target",
        ),
        pytest.param(
            lambda governors_document: as_json(_sealed(governors_document, format=FORMAT + 1)),
            "by a newer toolkit",
            id="later form",
        ),
        pytest.param(
            lambda governors_document: as_json(_sealed(governors_document, clauses=[{}])),
            "it was not written by",
            id="odd clauses",
        ),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_plain_words(
    tmp_path: Path, governors_document: Any, write: Callable[[Any], str], said: str
) -> None:
    path = tmp_path / "old.json"
    path.write_text(write(governors_document))

    with pytest.raises(UsageError, match=said):
        _read(path)


def test_a_pack_without_clauses_and_a_file_of_tomorrow_are_refused(tmp_path: Path, governors_document: Any) -> None:
    path = tmp_path / "old.json"
    path.write_text(as_json(governors_document))
    with pytest.raises(UsageError, match="which is in the future"):
        _read(path, now=NOW - timedelta(minutes=1))

    path.write_text(as_json(document(export_of(tmp_path / "live", target="live"), Pack.SUMMARY)))
    with pytest.raises(UsageError, match=r"it does not contain clauses\. Name the \.json of the pack governors"):
        _read(path, target="live")
