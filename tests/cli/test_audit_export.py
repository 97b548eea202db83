"""`toolkit audit export` and `audit verify FILE`: what a hand in the tenant makes of a report, and of its file."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.door import Door, keep_mail
from tests.emulated import Emulator, Tenant

FOOTER = """\
attestations: mail
confirmed:
  - {control: mail.disclaimer, provider: google_workspace, part: append footer, by: Head Teacher, on: 2026-09-07}
"""


@pytest.fixture
def tenant(emulator: Emulator) -> Iterator[Tenant]:
    """Open a tenant of very few people."""
    tenant = emulator.open_tenant(users=20)
    yield tenant
    tenant.close()


def _exported(door: Door, into: Path, *options: str) -> tuple[Any, Path]:
    """Export, and give the document for governors with its path."""
    answer = door("audit", "export", door.playbooks, "-o", into, *options)
    assert answer.exit in {0, 4}, answer.err
    path = next(into.glob("*_governors_*.json"))
    return json.loads(path.read_text()), path


def test_a_report_says_what_a_hand_in_the_tenant_changed_and_its_file_what_a_hand_changed_in_it(
    door: Door, tmp_path: Path
) -> None:
    keep_mail(door)
    for path in door.playbooks.glob("3[1-9]-*.yaml"):
        path.unlink()
    door.write("90-attestations.yaml", FOOTER)
    assert door.toolkit("apply", "--yes").exit == 0
    first, _ = _exported(door, tmp_path / "first", "--pack", "governors,evidence", "--format", "html,csv,xlsx")
    assert first["summary"]["clauses"] == sum(first["summary"]["all"].values()) == 136
    assert first["summary"]["judged"] == 46
    assert first["changes"]["since"] is None
    assert len(list((tmp_path / "first").iterdir())) == 9

    logged = door("audit", "log", "--last", "1").out
    stood = {f"{word} {number}" for word, number in first["summary"]["all"].items() if number}
    assert set(logged.rstrip().partition("clauses: ")[2].split(", ")) == stood
    answered = door("audit", "log", "--last", "1", "--json").json["runs"][0]
    assert answered["clauses"]["EML-18"] == "met"

    door.tenant.set_now("2026-11-11T12:00:00Z")
    rules = door.tenant.objects("exchange.transportRules")
    door.tenant.delete(
        "exchange.transportRules", next(key for key, rule in rules.items() if rule["Name"] == "School disclaimer")
    )
    second, path = _exported(door, tmp_path / "second", "--format", "html")
    moved = {one["clause"]: one for one in second["changes"]["clauses"]}
    assert (moved["EML-18"]["before"], moved["EML-18"]["now"]) == ("met", "not met")
    told = "mail rule on Microsoft 365 is missing, changed outside the playbooks by somebody with an account here and"
    assert moved["EML-18"]["sentence"].endswith(f"{told} first seen on 11 November 2026.")
    assert next(one for one in second["clauses"] if one["clause"] == "EML-18")["since"] == second["run"]["at"]

    sound = door("audit", "verify", path, "--playbooks", door.playbooks)
    assert sound.exit == 0
    assert "= the playbooks are those that it was made with" in sound.out
    path.write_text(path.read_text().replace("is missing", "is there", 1))
    broken = door("audit", "verify", path)
    assert broken.exit == 1
    assert "not as it was sealed: changes, clauses" in broken.out
    page = next((tmp_path / "second").glob("*.html"))
    page.write_text(page.read_text().replace("136", "137", 1))
    assert "is not what was written" in door("audit", "verify", page).out

    summary = door("audit", "export", door.playbooks, "-o", tmp_path / "x", "--pack", "summary")
    assert summary.exit == 2
    assert "a practice run is not published" in summary.err
    assert door("audit", "export", door.playbooks, "-o", tmp_path / "x", "--pack", "case").exit == 2
    assert not (tmp_path / "x").exists()
