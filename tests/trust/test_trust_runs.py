"""`toolkit trust` runs a command in each tenant of a trust, and one that fails stops no other."""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.door import ask
from tests.emulated import FEW_PEOPLE, Emulator
from tests.trust.trust_door import OFFICE, TrustDoor, build_trust

_AT = "2026-11-09T08:00:00+00:00"


@pytest.fixture
def trust(emulator: Emulator, tmp_path: Path) -> Iterator[TrustDoor]:
    door = build_trust(emulator, tmp_path, ("oak", "elm", "ash"), FEW_PEOPLE)
    yield door
    door.close()


def test_a_tenant_whose_settings_others_can_read_stops_no_other(trust: TrustDoor) -> None:
    trust.env_file("elm").chmod(0o644)

    planned = trust("plan", "--json")

    results = {row["tenant"]: (row["exit"], row["count"]) for row in planned.json["tenants"]}
    assert planned.exit == 1
    assert results == {"oak": (3, 1), "elm": (1, 0), "ash": (3, 1)}
    (error,) = [row["error"] for row in planned.json["tenants"] if row["tenant"] == "elm"]
    assert "elm.env is not used, because other users can read it. Type `chmod 600 " in error


def test_a_plan_names_the_schools_that_have_the_same_changes(trust: TrustDoor) -> None:
    (key,) = [key for key, group in trust.tenants["ash"].objects("google.groups").items() if group["email"] == OFFICE]
    footer = {"includeCustomFooter": "true", "customFooterText": "Sent by the office"}
    trust.tenants["ash"].patch("google.groupSettings", key, **footer)

    planned = trust("plan")

    assert planned.exit == 3, planned.err
    assert "the same 1 change in 2 schools (OAK, ELM)\n  update google_workspace.group_footer[" in planned.out
    assert "= ash  ASH  nothing to do\n" in planned.out


def test_the_settings_of_a_tenant_come_from_a_command_and_reach_no_other(trust: TrustDoor) -> None:
    printing = f"env_command: [{sys.executable}, -c, \"print('TOOLKIT_TARGET=elsewhere')\"]"
    failing = f"env_command: [{sys.executable}, -c, \"import sys; sys.exit('the vault is locked')\"]"
    trust.write(envs={"oak": printing, "elm": failing})

    planned = trust("plan", "--json")

    errors = {row["tenant"]: row["error"] for row in planned.json["tenants"]}
    assert "TOOLKIT_TARGET is 'elsewhere'" in errors["oak"]
    assert errors["elm"].endswith("ended with exit code 1: the vault is locked")
    assert errors["ash"] is None


@pytest.mark.soak
def test_a_drift_that_was_killed_continues_with_the_tenants_that_have_no_answer(trust: TrustDoor) -> None:
    first = trust("drift", "--json")
    folder = Path(first.json["folder"])
    (folder / "finished").unlink()
    (folder / "elm.json").write_text('{"format": 1, "exi')  # as a killed process leaves it

    second = trust("drift", "--json")

    assert (second.exit, second.json["folder"]) == (3, str(folder))
    assert {row["tenant"] for row in second.json["tenants"] if row["seconds"] is not None} == {"elm"}
    assert [row["count"] for row in second.json["tenants"]] == [1, 1, 1]


@pytest.mark.soak
def test_a_tenant_that_fails_three_nights_in_a_row_is_set_aside_until_it_is_taken_back(trust: TrustDoor) -> None:
    trust.env_file("elm").unlink()
    nights = []
    for day in (11, 12, 13, 14):
        trust.set_now(f"2026-11-{day}T02:00:00Z")
        nights.append(trust("drift", "--json"))

    assert [[row["tenant"] for row in night.json["set_aside"]] for night in nights] == [[], [], ["elm"], ["elm"]]
    (error,) = [row["error"] for row in nights[3].json["tenants"] if row["tenant"] == "elm"]
    assert "set aside since 13 November 2026, because it failed 3 nights in a row (" in error
    trust.env_file("elm").touch(mode=0o600)
    taken = trust("take-back", "elm", "--by", "IT support")
    assert (taken.exit, taken.out) == (0, "The tenant elm takes part in runs again.\n")
    assert [row["exit"] for row in trust("drift", "--tenant", "elm", "--json").json["tenants"]] == [3]


@pytest.mark.soak
def test_the_second_wave_waits_until_the_first_had_a_clean_drift_on_two_school_days(trust: TrustDoor) -> None:
    trust.write(waves="waves: [[OAK], [ELM, ASH]]\n")

    first = trust("apply", "--yes", "--json")
    assert [(row["tenant"], row["exit"]) for row in first.json["tenants"]] == [("oak", 0)]
    waits = "wave 1: oak (OAK) has 0 of 2 school days with a clean drift"
    assert [wave["waits"] for wave in first.json["waves"]] == ["", waits]
    refused = trust("apply", "--yes", "--tenant", "elm")
    assert (refused.exit, refused.out.count(f"waits for {waits}. Nothing was written")) == (5, 1)
    for day in (11, 12):
        trust.set_now(f"2026-11-{day}T02:00:00Z")
        assert trust("drift", "--tenant", "oak").exit == 0
    trust.set_now("2026-11-12T09:00:00Z")

    second = trust("apply", "--yes", "--json")

    assert [(row["tenant"], row["count"]) for row in second.json["tenants"]] == [("oak", 0), ("elm", 1), ("ash", 1)]
    (trust.root / "base" / "new.txt").write_text("another base")
    changed = trust("status", "--json")
    assert [wave["waits"] for wave in changed.json["waves"]] == ["", "wave 1: oak (OAK) has not applied this base"]


def test_nothing_is_written_to_a_frozen_school(trust: TrustDoor) -> None:
    words = ("--until", "2026-11-13", "--by", "Head Teacher", "--reason", "inspection")
    frozen = trust("freeze", "ELM", *words)
    wrong = trust("freeze", "EML", *words)

    applied = trust("apply", "--yes", "--json")

    text = "ELM is frozen until 13 November 2026 by Head Teacher (inspection)."
    assert (frozen.exit, frozen.out) == (0, f"{text}\n")
    assert (wrong.exit, "`EML` is not a school of the trust" in wrong.err) == (2, True)
    rows = {row["tenant"]: (row["exit"], row["count"]) for row in applied.json["tenants"]}
    assert (applied.exit, rows) == (5, {"oak": (0, 1), "elm": (5, 0), "ash": (0, 1)})
    assert trust.tenants["elm"].requests() == []


def test_a_freeze_is_in_the_ledger_and_a_school_is_taken_back_early(trust: TrustDoor) -> None:
    (trust.state / "freezes.jsonl").write_text(  # of an earlier version
        json.dumps({"school": "ASH", "until": "2026-11-20", "by": "Head Teacher", "reason": "fair", "at": _AT}) + "\n"
    )
    early = trust("take-back", "OAK", "--by", "Head Teacher")
    for school in ("OAK", "all"):
        trust("freeze", school, "--until", "2026-11-13", "--by", "Chief Executive", "--reason", "inspection")
    frozen = trust("status", "--json").json["freezes"]
    alone = trust("take-back", "ELM", "--by", "Head Teacher")

    for name in ("ASH", "all"):
        assert trust("take-back", name, "--by", "Chief Executive").out == f"The freeze of {name} has ended.\n"
    applied = trust("apply", "--yes", "--json")

    assert (early.exit, early.err) == (2, "toolkit: OAK has no freeze of its own\n")
    assert {row["school"] for row in frozen} == {"OAK", "ASH", "all"}
    assert alone.exit == 2
    assert "ELM has no freeze of its own: all schools are frozen until 13 November 2026 by Chief Executive" in alone.err
    assert {row["tenant"]: row["exit"] for row in applied.json["tenants"]} == {"oak": 5, "elm": 0, "ash": 0}
    assert _freezes_in_ledger(trust, "ash") == [("all", "2026-11-13"), ("ASH", None), ("all", None)]
    assert _freezes_in_ledger(trust, "oak") == [("OAK", "2026-11-13"), ("all", "2026-11-13"), ("all", None)]


def test_a_tenant_named_all_is_taken_back_before_a_freeze_of_all_schools_ends(trust: TrustDoor) -> None:
    file = trust.root / "trust.yaml"
    file.write_text(file.read_text().replace("  oak:\n", "  all:\n").replace("{tenant: oak}", "{tenant: all}"))
    entry = {"tenant": "all", "on": "2026-11-02", "reason": "the secret has expired"}
    (trust.state / "set-aside.jsonl").write_text(f"{json.dumps(entry)}\n")
    trust("freeze", "all", "--until", "2026-11-13", "--by", "Head Teacher", "--reason", "inspection")

    answers = [trust("take-back", "all", "--by", "IT support") for _ in range(3)]

    assert [(answer.exit, answer.out or answer.err) for answer in answers] == [
        (0, "The tenant all takes part in runs again.\n"),
        (0, "The freeze of all has ended.\n"),
        (2, "toolkit: there is no freeze for all schools\n"),
    ]


def _freezes_in_ledger(trust: TrustDoor, tenant: str) -> list[tuple[str, str | None]]:
    with closing(sqlite3.connect(trust.state / "tenants" / tenant / "emulator" / "ledger.db")) as database:
        entries = [json.loads(text) for (text,) in database.execute("SELECT text FROM entry ORDER BY n")]
    return [(entry["school"], entry["until"]) for entry in entries if entry["kind"] == "school_freeze"]


def test_from_friday_noon_only_one_school_is_written_to(trust: TrustDoor) -> None:
    trust.set_now("2026-11-13T12:30:00Z")

    refused = trust("apply", "--yes")
    one_school = trust("apply", "--yes", "--tenant", "oak")

    assert refused.exit == 5
    assert refused.err.startswith("toolkit: between Friday noon and Monday nothing is written to several schools")
    assert one_school.exit == 0, one_school.out + one_school.err


def test_a_run_of_one_tenant_has_the_ledger_of_the_trusts_runs_and_its_freezes(
    trust: TrustDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trust.root.parent)  # the repository may have state of its own
    trust("apply", "--yes", "--tenant", "oak")
    trust("freeze", "ELM", "--until", "2026-11-13", "--by", "Head Teacher", "--reason", "inspection")

    planned = ask("plan", trust.root, "--tenant", "oak", "--json")
    refused = ask("apply", trust.root, "--tenant", "elm", "--yes")

    assert (planned.exit, planned.json["summary"]["matching"]) == (0, 1)
    assert Path.cwd() / planned.json["settings"]["state"] == trust.state / "tenants" / "oak" / "emulator"
    assert refused.exit == 5, refused.out
    assert "ELM is frozen until 13 November 2026 by Head Teacher (inspection)" in refused.out
    assert trust.tenants["elm"].operations()
    assert not any(
        operation["write"] for request in trust.tenants["elm"].requests() for operation in request["operations"]
    )


def _write_operations(trust: TrustDoor, name: str) -> list[str]:
    return [
        operation["name"]
        for request in trust.tenants[name].requests()
        for operation in request["operations"]
        if operation["write"]
    ]


def test_an_override_with_a_reason_lifts_a_freeze_and_is_in_the_ledger(
    trust: TrustDoor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(trust.root.parent)
    trust("freeze", "ELM", "--until", "2026-11-13", "--by", "Head Teacher", "--reason", "inspection")

    applied = trust("apply", "--yes", "--json", "--override", "parents get no mail")

    rows = {row["tenant"]: (row["exit"], row["count"]) for row in applied.json["tenants"]}
    assert rows == {"oak": (0, 1), "elm": (0, 1), "ash": (0, 1)}
    answer = json.loads((Path(applied.json["folder"]) / "elm.json").read_text())
    assert answer["override"] == "parents get no mail"


def test_a_freeze_also_binds_rollback_withdraw_and_due(trust: TrustDoor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trust.root.parent)
    assert trust("apply", "--yes").exit == 0
    trust("freeze", "ELM", "--until", "2026-11-13", "--by", "Head Teacher", "--reason", "inspection")
    before = _write_operations(trust, "elm")

    commands = [("rollback", "last", trust.root), ("withdraw", trust.root)]
    frozen = {str(words[0]): ask(*words, "--tenant", "elm", "--yes") for words in commands}
    other = ask("withdraw", trust.root, "--tenant", "ash", "--yes")
    due = ask("due", trust.root, "--tenant", "elm", "--yes")

    assert {name: result.exit for name, result in frozen.items()} == {"rollback": 5, "withdraw": 5}
    for result in frozen.values():
        assert "ELM is frozen until 13 November 2026 by Head Teacher (inspection)" in result.out + result.err
    assert (other.exit, due.exit) == (0, 0), other.out + other.err + due.out + due.err
    assert _write_operations(trust, "elm") == before
    lifted = ask("rollback", "last", trust.root, "--tenant", "elm", "--yes", "--override", "wrong footer")
    assert lifted.exit == 0, lifted.out + lifted.err
    assert len(_write_operations(trust, "elm")) == len(before) + 1


@pytest.mark.parametrize(
    "words",
    [
        ("rollback", "last"),
        ("withdraw",),
        ("due", "--yes"),
        pytest.param(("validate",), marks=pytest.mark.soak),
        pytest.param(("doctor",), marks=pytest.mark.soak),
        pytest.param(("permissions",), marks=pytest.mark.soak),
        pytest.param(("why", "office@example-primary.example"), marks=pytest.mark.soak),
        ("message", "--from", "a@example.org", "--to", "office@example-primary.example"),
        pytest.param(("forget", "--before", "2026-01-01", "--by", "Data Protection Officer"), marks=pytest.mark.soak),
        pytest.param(("retention", "start", "Old mail"), marks=pytest.mark.soak),
    ],
)
def test_a_command_for_one_tenant_asks_which_and_uses_its_ledger(
    trust: TrustDoor, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(trust.root.parent)
    trust("apply", "--yes")

    without = ask(*words, trust.root)
    wrong = ask(*words, trust.root, "--tenant", "eml")
    chosen = ask(*words, trust.root, "--tenant", "elm")

    assert (without.exit, wrong.exit) == (2, 2)
    assert "the run concerns 3 tenants. Add --tenant with oak, elm or ash" in without.err
    assert "--tenant eml: the trust has no such tenant: did you mean `elm`?" in wrong.err
    assert "--tenant" not in chosen.err
    assert chosen.exit in {0, 3, 4, 5} or "Old mail" in chosen.err, chosen.out + chosen.err
    assert not (trust.state / "emulator" / "ledger.db").exists()


@pytest.mark.parametrize("words", [("rollover",), ("notify", "test"), ("schedule", "cron")])
def test_a_command_for_one_school_says_so_in_the_folder_of_a_trust(
    trust: TrustDoor, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.chdir(trust.root.parent)

    refused = ask(*words, trust.root)

    assert refused.exit == 2
    assert "is the folder of a trust, and this command needs the playbooks of a single school" in refused.err
