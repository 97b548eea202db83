"""`audit verify --head` finds each way in which the owner of the state folder can change the past."""

import json
import re
import sqlite3
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from tests.door import CommandResult, Door
from tests.schools import few_people
from toolkit.ledger.chain import START, Head, chained_hash
from toolkit.ledger.outside_heads import head_text

pytestmark = few_people


def _ledger(door: Door) -> Path:
    return door.state / "emulator"


def _head(door: Door) -> Head:
    verified = door("audit", "verify", "--json").json
    return Head(verified["entries"], verified["head"])


def _words(head: Head) -> str:
    return f"{head.count}:{head.hash}"


def _verify(door: Door, *heads: object) -> CommandResult:
    return door("audit", "verify", *(word for head in heads for word in ("--head", str(head))))


def _write_chain(door: Door, texts: list[str]) -> None:
    """Write a ledger with these entries, all hashes and the head file as toolkit would have written them."""
    connection = sqlite3.connect(_ledger(door) / "ledger.db")
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    connection.execute("DELETE FROM entry WHERE n > ?", [len(texts)])
    previous = START
    for n, text in enumerate(texts, 1):
        own = chained_hash(previous, text.encode())
        connection.execute("UPDATE entry SET previous = ?, text = ?, hash = ? WHERE n = ?", [previous, text, own, n])
        previous = own
    for _, statement in triggers:
        connection.execute(statement)
    connection.commit()
    connection.close()
    (_ledger(door) / "ledger.head").write_text(json.dumps({"format": 1, "count": len(texts), "hash": previous}))
    assert door("audit", "rebuild").exit == 0


def _texts(door: Door) -> list[str]:
    connection = sqlite3.connect(_ledger(door) / "ledger.db")
    rows = connection.execute("SELECT text FROM entry ORDER BY n").fetchall()
    connection.close()
    return [text for (text,) in rows]


def _rewrite(door: Door, _earlier: Path) -> None:
    texts = _texts(door)
    changed = [re.sub(r'"host":"[^"]*"', '"host":"another"', text) for text in texts]
    assert changed != texts
    _write_chain(door, changed)


def _cut(door: Door, _earlier: Path) -> None:
    _write_chain(door, _texts(door)[:-2])


def _put_older_copy_back(door: Door, earlier: Path) -> None:
    rmtree(_ledger(door))
    copytree(earlier, _ledger(door))


def _put_branch_back(door: Door, earlier: Path) -> None:
    _put_older_copy_back(door, earlier)
    for _ in range(3):
        door.toolkit("check")


def _remove(door: Door, _earlier: Path) -> None:
    for path in _ledger(door).glob("ledger*"):
        path.unlink()


ATTACKS: dict[Callable[[Door, Path], None], str] = {
    _rewrite: "has a different hash now: the ledger was rewritten",
    _cut: "so it is an older copy or its end was cut off",
    _put_older_copy_back: "so it is an older copy or its end was cut off",
    _put_branch_back: "has a different hash now: the ledger was rewritten",
    _remove: "there is no ledger here",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__.strip("_"))
def test_a_changed_past_is_found_by_a_head_from_outside_and_only_by_it(
    attack: Callable[[Door, Path], None], bare_door: Door, tmp_path: Path
) -> None:
    bare_door.toolkit("drift")
    copytree(_ledger(bare_door), tmp_path / "earlier")
    bare_door.toolkit("drift")
    head = _head(bare_door)

    attack(bare_door, tmp_path / "earlier")
    alone, compared = _verify(bare_door), _verify(bare_door, _words(head))

    assert alone.exit == 0, alone.out
    assert (compared.exit, ATTACKS[attack] in compared.out) == (1, True), compared.out
    assert "Unbroken" not in compared.out


def test_of_two_heads_the_earlier_one_says_since_when_the_ledger_differs(bare_door: Door) -> None:
    bare_door.toolkit("drift")
    first = _head(bare_door)
    bare_door.toolkit("drift")
    second = _head(bare_door)
    texts = _texts(bare_door)
    _write_chain(bare_door, [*texts[:-1], texts[-1].replace("09:00:00", "09:00:01")])

    verified = _verify(bare_door, _words(second), _words(first))
    answer = bare_door("audit", "verify", "--json", "--head", _words(first), "--head", _words(second))

    assert f"= The ledger is unchanged up to entry {first.count}, the last in the given head." in verified.out
    assert f"the ledger was rewritten after entry {first.count}" in verified.out
    assert [head["agrees"] for head in answer.json["heads"]] == [True, False]
    assert (verified.exit, answer.exit) == (1, 1)


def test_a_later_ledger_is_unbroken_up_to_the_head_of_each_report_and_message(bare_door: Door, tmp_path: Path) -> None:
    formats = [word for name in ("json", "html", "pdf") for word in ("--format", name)]
    export = bare_door("audit", "export", bare_door.playbooks, "-o", tmp_path / "reports", *formats)
    assert export.exit in {0, 4}, export.err
    head = _head(bare_door)
    mail = EmailMessage()
    mail["Subject"] = "Findings"
    mail.set_content(f"One finding — see below.\n{head_text(head)}.", cte="quoted-printable")
    (tmp_path / "mail.eml").write_bytes(mail.as_bytes())
    (tmp_path / "note.txt").write_text(f"The record before this message: {head_text(head)}. Keep it.")
    reports = sorted((tmp_path / "reports").glob("*governors*"))
    bare_door.toolkit("drift")

    sources = [*reports, tmp_path / "mail.eml", tmp_path / "note.txt", f"{head.count}:{head.hash[:16]}"]
    verified = _verify(bare_door, *sources)

    assert {path.suffix for path in reports} == {".json", ".html", ".pdf"}
    assert verified.exit == 0, verified.out
    assert verified.out.count("= The ledger is unchanged up to entry") == len(sources)
    assert f"unchanged up to entry {head.count}, the head in " in verified.out
    assert "the last in the report of 10 November 2026 (" in verified.out


def test_a_clock_that_went_back_is_named_and_is_not_called_a_fault(bare_door: Door) -> None:
    bare_door.toolkit("drift")
    bare_door.toolkit("drift")
    texts = _texts(bare_door)
    last = max(n for n, text in enumerate(texts) if '"kind":"run_began"' in text)
    _write_chain(
        bare_door, [text.replace("2026-11-10T", "2026-10-02T") if n >= last else text for n, text in enumerate(texts)]
    )

    verified = _verify(bare_door)

    assert verified.exit == 0
    assert (
        f"* Entry {last + 1} begins a run on 2026-10-02, after a run on 2026-11-10. The clock was changed"
        in verified.out
    )


def test_without_a_head_from_outside_it_says_what_the_chain_alone_cannot_show(bare_door: Door) -> None:
    bare_door.toolkit("drift")

    verified = _verify(bare_door)

    assert verified.exit == 0
    assert (
        "No head from outside was given, so a ledger that was rewritten as a whole would not be noticed."
        in verified.out
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "this is neither a head nor a readable file"),
        ("Nothing here", "the file does not contain a head of the ledger"),
        (f"1 entry, the last {'0' * 64} and 2 entries, the last {'1' * 64}", "the file contains 2 heads"),
    ],
)
def test_what_is_no_head_is_refused_with_the_forms_that_are(
    content: str | None, complaint: str, bare_door: Door, tmp_path: Path
) -> None:
    path = tmp_path / "head.txt"
    if content is not None:
        path.write_text(content)

    refused = _verify(bare_door, path)

    assert refused.exit == 2
    assert complaint in refused.err
    assert "COUNT:HASH" in refused.err
