"""A school of a trust gets its part of the ledger, which can be verified and has nothing of another school."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.emulated import Emulator
from tests.trust.ten_schools import RULES, TREES, TenSchools, build_ten_schools

DISCLAIMER = "  - mail.disclaimer: {for: everyone, scope: all, text_file: text.html, phrase: our trust, beside: true}\n"
BLOCK = "  - web.social_block: {for: staff, block: [facebook]}\n"
OTHERS = re.compile(rf"\b({'|'.join(tree for tree in TREES if tree != 'oak')}|central|hq)", re.IGNORECASE)


@pytest.fixture(scope="module")
def trust(emulator: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TenSchools]:
    """A trust in which one rule is for all schools, one rule is Oak's, and one is Elm's."""
    trust = build_ten_schools(emulator, tmp_path_factory.mktemp("extract"))
    trust.write("base/text.html", "<p>{{school.name}} is in our trust.</p>")
    trust.write("base/10-rules.yaml", RULES + DISCLAIMER + BLOCK)
    applied = trust("apply", trust.folder, "--yes", "--provider", "microsoft365", "--reach", "900")
    assert applied.exit == 5, applied.out + applied.err  # one of the objects does the same job as another
    assert trust("drift", trust.folder, "--school", "OAK").exit in {3, 4}
    yield trust
    trust.close()


@pytest.fixture
def extract(trust: TenSchools, tmp_path: Path) -> Path:
    file = tmp_path / "oak.json"
    made = trust("audit", "extract", trust.folder, "--school", "OAK", "-o", file)
    assert (made.exit, made.out) == (0, f"{file}\n"), made.err
    return file


def texts(extract: Path) -> list[Any]:
    return [json.loads(row["text"]) for row in json.loads(extract.read_text())["entries"] if "text" in row]


def change(extract: Path, **changed: Any) -> None:
    extract.write_text(json.dumps({**json.loads(extract.read_text()), **changed}))


def verify(trust: TenSchools, file: Path, *, state: Path | None = None) -> Any:
    return trust("audit", "verify", file, TOOLKIT_STATE=str(state or trust.state))


def test_every_entry_of_a_trusts_run_names_its_schools(trust: TenSchools) -> None:
    rows = [json.loads(text) for text in entries_of(trust)]

    assert {name for row in rows for name in row.get("schools", ["none"])} == {"HQ", *(tree.upper() for tree in TREES)}
    steps = {row["address"]: row["schools"] for row in rows if row["kind"] == "step_began"}
    assert steps["microsoft365.transport_rule[School disclaimer (OAK)]"] == ["OAK"]
    assert any(len(schools) == len(TREES) for schools in steps.values())


def test_nothing_of_another_school_is_in_the_extract(extract: Path) -> None:
    found = texts(extract)

    assert OTHERS.findall("".join(json.dumps(entry) for entry in found)) == []
    assert OTHERS.findall(extract.read_text()) == []
    assert {tuple(entry["schools"]) for entry in found} == {("OAK",)}


def test_the_schools_part_of_a_run_on_all_schools_is_in_the_extract(extract: Path) -> None:
    (part,) = [entry for entry in texts(extract) if entry["kind"] == "school_part" and entry["command"] == "apply"]

    shared = {step["address"].partition("[")[0]: step for step in part["steps"]}
    assert shared
    assert {step["result"] for step in shared.values()} == {"done"}
    assert "oak-staff@harbour.example" in json.dumps(part)
    own = [step["address"] for step in part["steps"] if step["settings"].get("from_member_of") is not None]
    assert own == ["microsoft365.transport_rule[School disclaimer (OAK)]"]
    assert "Oak Primary School is in our trust" in json.dumps(part)


def test_an_extract_is_verified_with_and_without_the_ledger(trust: TenSchools, extract: Path, tmp_path: Path) -> None:
    here, elsewhere = verify(trust, extract), verify(trust, extract, state=tmp_path / "elsewhere")

    assert (here.exit, elsewhere.exit) == (0, 0), here.out + elsewhere.out
    assert "oak.json is an extract for OAK of the ledger of main (Harbour Learning Trust): " in here.out
    assert "= the ledger here has the same entries" in here.out
    assert "there is no ledger here to compare with" in elsewhere.out


@pytest.mark.parametrize("attack", ["text changed", "text taken out", "entry taken out", "cut off", "renamed"])
def test_a_changed_or_removed_entry_is_found(trust: TenSchools, extract: Path, tmp_path: Path, attack: str) -> None:
    document = json.loads(extract.read_text())
    rows = document["entries"]
    place = next(place for place, row in enumerate(rows) if "text" in row)
    match attack:
        case "text changed":
            rows[place]["text"] = rows[place]["text"].replace("2026", "2025")
        case "text taken out":
            del rows[place]["text"]
        case "entry taken out":
            del rows[place]
        case "cut off":
            while "school_extract" in rows[-1].get("text", ""):  # an earlier extract ends at its own record
                rows.pop()
            document["head"] = {"count": len(rows), "hash": rows[-1]["hash"]}
        case "renamed":
            document["school"] = "ELM"
    extract.write_text(json.dumps(document))

    found = verify(trust, extract, state=tmp_path / "elsewhere")

    assert found.exit == 1, found.out
    assert "\n! oak.json: " in found.out


def test_an_extract_of_another_ledger_is_found(trust: TenSchools, extract: Path) -> None:
    first = json.loads(extract.read_text())["entries"][:1]
    change(extract, entries=first, head={"count": 1, "hash": "0" * 64})

    assert verify(trust, extract).exit == 1


def test_wrong_input_is_refused_with_a_sentence(trust: TenSchools, tmp_path: Path) -> None:
    none = trust("audit", "extract", trust.folder)
    unknown = trust("audit", "extract", trust.folder, "--school", "OKA")
    (tmp_path / "there.json").touch()
    there = trust("audit", "extract", trust.folder, "--school", "OAK", "-o", tmp_path / "there.json")
    (tmp_path / "broken.json").write_text('{"kind": "extract of a ledger", "format": 1}')
    broken = verify(trust, tmp_path / "broken.json")

    assert [answer.exit for answer in (none, unknown, there, broken)] == [2, 2, 2, 2]
    assert "an extract is for one school. Add --school NAME" in none.err
    assert "the trust has no such school: did you mean `OAK`?" in unknown.err
    assert "exists, and no file is overwritten" in there.err
    assert "is not a complete extract of a ledger" in broken.err


def entries_of(trust: TenSchools) -> list[str]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(trust.state / "emulator" / "ledger.db")) as database:
        return [text for (text,) in database.execute("select text from entry order by n")]
