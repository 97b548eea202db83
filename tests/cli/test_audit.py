"""`toolkit audit`: the ledger for people."""

import re
import sqlite3
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.door import Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

RULE = "microsoft365.transport_rule[Mark mail to the office]"


def test_log_lists_the_runs_newest_first_with_their_ends(applied_door: Door) -> None:
    applied_door.toolkit("drift", "--only", RULE)

    answered = applied_door("audit", "log")

    drift, apply = answered.out.splitlines()
    assert answered.exit == 0
    assert "drift" in drift
    assert "exit 0, ok" in drift
    assert "apply" in apply
    assert re.search(r"exit 0, ok  \d+ created, \d+ changed", apply)


def test_log_of_a_run_shows_what_it_changed_before_and_after(applied_door: Door) -> None:
    rules = applied_door.tenant.objects("exchange.transportRules")
    key = next(key for key, rule in rules.items() if rule["Name"] == "Mark mail to the office")
    applied_door.tenant.patch("exchange.transportRules", key, PrependSubject="[somebody] ")
    applied_door.toolkit("apply", "--yes", "--only", RULE)
    run = applied_door("audit", "log", "--json").json["runs"][0]["run"]

    answered = applied_door("audit", "log", "--run", run[:8])

    assert f"  ~ {RULE}: done" in answered.out.splitlines()
    assert '      prepend_subject: "[somebody] " -> "[office] "' in answered.out.splitlines()
    assert "apply" in answered.out
    assert answered.out.count("~") == 1


def test_log_of_an_object_shows_every_act_on_it(applied_door: Door) -> None:
    answered = applied_door("audit", "log", "--address", RULE, "--json")

    (run,) = answered.json["runs"]
    (step,) = run["steps"]
    assert (step["address"], step["action"], step["state"]) == (RULE, "create", "applied")
    assert {"path": "prepend_subject", "before": None, "after": "[office] "} in step["fields"]


@pytest.mark.soak  # tests/board_report bounds the pack of a sample that nobody applied, which is as long
def test_the_governors_pack_of_the_applied_sample_has_six_pages_at_most(applied_door: Door, tmp_path: Path) -> None:
    wanted = ("-o", tmp_path, "--pack", "governors", "--format", "pdf")

    answered = applied_door("audit", "export", applied_door.playbooks, *wanted)

    (printed,) = tmp_path.glob("*_governors_*.pdf")
    assert answered.exit in {0, 4}, answered.err
    assert 4 <= len(PdfReader(printed).pages) <= 6


def test_log_of_a_misspelt_object_says_which_one_there_is(applied_door: Door) -> None:
    answered = applied_door("audit", "log", "--address", "microsoft365.transport_rule[Mark mail to office]")

    assert answered.exit == 0
    assert answered.out.endswith(f"did you mean `{RULE}`?\n")


def test_log_of_what_is_no_address_shows_one(applied_door: Door) -> None:
    answered = applied_door("audit", "log", "--address", "the disclaimer")

    assert answered.exit == 2
    assert "is not an address such as microsoft365.transport_rule[" in answered.err


def test_log_of_an_unknown_run_names_the_last_one(bare_door: Door) -> None:
    bare_door.toolkit("drift")
    run = bare_door("audit", "log", "--json").json["runs"][0]["run"]

    answered = bare_door("audit", "log", "--run", "zzz")

    assert (answered.exit, answered.err) == (2, f"toolkit: the ledger has no run zzz. The last is {run}\n")


def test_log_gives_as_many_runs_as_are_asked_for(bare_door: Door) -> None:
    for _ in range(3):
        bare_door.toolkit("drift")

    assert len(bare_door("audit", "log", "--last", "2").out.splitlines()) == 2


def test_a_ledger_that_is_not_there_yet_is_no_fault(bare_door: Door) -> None:
    log, verify, rebuild = (bare_door("audit", word) for word in ("log", "verify", "rebuild"))

    assert (log.exit, log.out) == (0, "nothing is recorded yet\n")
    assert verify.exit == 0
    assert "The ledger does not exist yet." in verify.out
    assert (rebuild.exit, rebuild.out) == (0, "nothing is recorded yet\n")
    assert not list((bare_door.state / "emulator").glob("ledger*"))


def test_verify_says_that_a_ledger_is_sound_and_where_it_ends(applied_door: Door) -> None:
    answered = applied_door("audit", "verify")
    told = applied_door("audit", "verify", "--json").json

    assert answered.exit == 0
    assert answered.out.startswith(
        f"Unbroken: {told['entries']} entries in {applied_door.state / 'emulator' / 'ledger.db'}"
    )
    assert told["head"][:12] in answered.out
    assert (told["sound"], told["faults"]) == (True, [])


def test_verify_names_an_edited_entry(bare_door: Door) -> None:
    bare_door.toolkit("drift")
    _meddle(bare_door, "DROP TRIGGER entry_never_changes", "UPDATE entry SET text = replace(text, 'drift', 'apply')")

    answered = bare_door("audit", "verify")

    assert answered.exit == 1
    assert "! Entry 1 was edited" in answered.out
    assert "restore the ledger from a backup" in answered.out
    assert "Damaged" in answered.out
    assert bare_door("audit", "verify", "--json").json["faults"][-1]["subject"] == "entry 1"


def test_verify_says_how_to_mend_a_changed_table_and_rebuild_mends_it(applied_door: Door) -> None:
    _meddle(applied_door, "UPDATE memory SET remote_id = 'another' WHERE address LIKE '%Mark mail%'")

    found = applied_door("audit", "verify")
    mended = applied_door("audit", "rebuild")

    assert found.exit == 1
    assert f"In the table memory the row of {RULE} was changed" in found.out
    assert "`toolkit audit rebuild` rebuilds" in found.out
    assert mended.exit == 0
    assert applied_door("audit", "verify").exit == 0


def test_the_log_of_a_damaged_ledger_points_to_verify(bare_door: Door) -> None:
    bare_door.toolkit("drift")
    (bare_door.state / "emulator" / "ledger.db").write_bytes(b"no database" * 100)

    answered = bare_door("audit", "log")

    assert answered.exit == 1
    assert "run `toolkit audit verify` for details" in answered.err
    assert "Traceback" not in answered.err


def _meddle(door: Door, *statements: str) -> None:
    with sqlite3.connect(door.state / "emulator" / "ledger.db") as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
