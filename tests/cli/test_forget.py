"""`toolkit forget`: the whole way over the command, with holds, traces and the time of the tenant."""

import os

import pytest

from tests.contract.rules import apply, rule, write_rules
from tests.door import Door
from tests.schools import with_people
from toolkit.holds.register import KEY, new_key

pytestmark = with_people(users=24, staff=10)

WHO = ("--by", "Data Protection Officer")
ADA, OFFICE = "amara.ashdown@example-primary.example", "office@example-primary.example"


def _files(door: Door) -> str:
    """Read every file of the state folder, beside those of the emulated tenants."""
    files = (path for path in (door.state / "emulator").rglob("*") if path.is_file() and path.name != "serve.json")
    return "\n".join(path.read_bytes().decode(errors="replace") for path in files)


@pytest.fixture
def door(bare_door: Door) -> Door:
    """Open the door of a school whose rule named a person and names the office now."""
    write_rules(bare_door, rule("Copies", sent_to=[ADA, OFFICE], prepend_subject="[copy] "))
    apply(bare_door)
    write_rules(bare_door, rule("Copies", sent_to=[OFFICE], prepend_subject="[copy] "))
    bare_door.tenant.set_now("2027-03-01T09:00:00Z")
    apply(bare_door)
    return bare_door


def test_names_go_the_chain_holds_and_a_second_run_finds_nothing(door: Door) -> None:
    trace = door.state / "emulator" / "trace-0123456789ab.txt"
    trace.write_text(f"no mailbox {ADA}")
    os.utime(trace, (1, 1))
    assert ADA in _files(door)

    early = door.toolkit("forget", "--before", "2026-01-01", *WHO, "--json")
    assert (early.exit, early.json["names"], early.json["traces"]) == (0, 0, 1)
    assert "Nothing to forget" in door.toolkit("forget", "--before", "2026-01-01", *WHO).out

    done = door.toolkit("forget", "--before", "2027-01-01", *WHO, "--json")
    assert done.exit == 0, done.err
    assert done.json["names"] >= done.json["entries"] > 0
    assert ADA in _files(door), "the second run of March 2027 found it there"
    whole = door.toolkit("forget", "--before", "2027-03-01", *WHO)
    assert whole.exit == 0
    assert "Backups of the ledger keep the names" in whole.out

    door.tenant.set_now("2027-03-02T09:00:00Z")
    assert door.toolkit("forget", "--before", "2027-03-02", *WHO, "--json").json["names"] > 0
    assert ADA not in _files(door)
    assert OFFICE in _files(door)
    verified = door("audit", "verify")
    assert verified.exit == 0
    assert "at the request of Data Protection Officer" in verified.out
    assert door.toolkit("forget", "--before", "2027-03-02", *WHO, "--json").json["names"] == 0
    assert door.toolkit("plan").exit == 0
    logged = [one["command"] for one in door("audit", "log", "--json").json["runs"]]
    assert logged == ["forget", "forget", "apply", "apply"]

    back = door.toolkit("withdraw", "--yes", "--json")
    assert back.exit == 0
    assert "[forgotten]" not in str(door.tenant.objects("exchange.transportRules"))


def test_one_person_is_found_without_the_addresses_of_others(door: Door) -> None:
    before = _files(door)
    found = door("audit", "person", ADA.upper(), "--json")
    text = door("audit", "person", ADA).out

    assert (found.exit, len(found.json["entries"]) > 2) == (0, True)
    assert all(ADA in str(entry["values"]) for entry in found.json["entries"])
    assert OFFICE not in str(found.json["entries"])
    assert "sent.sent_to[1]: " + ADA in text
    assert door("audit", "person", "nobody@example-primary.example", "--json").json["entries"] == []
    assert door("audit", "person", "nobody@example-primary.example").out == "No ledger entries about this person.\n"
    assert _files(door) == before


def test_nothing_is_removed_while_a_case_is_open_or_nobody_can_tell(door: Door) -> None:
    key = {KEY: new_key()}
    before = _files(door)
    held = door("hold", "place", "2026-B", "--person", OFFICE, "--playbooks", door.playbooks, **key)
    assert (door.playbooks / "private" / "holds.yaml.age").exists(), held.out + held.err

    refused = door.toolkit("forget", "--before", "2027-01-01", *WHO, **key)
    unknown = door.toolkit("forget", "--before", "2027-01-01", *WHO)
    (door.playbooks / "private" / "holds.yaml.age").unlink()
    lost = door.toolkit("forget", "--before", "2027-01-01", *WHO, **key)

    assert (refused.exit, unknown.exit) == (5, 2)
    assert "a case in the register of holds is open" in refused.err
    assert f"{KEY} is not set" in unknown.err
    assert "was encrypted, because no other key opens the file" in unknown.err
    assert (lost.exit, "Restore the file from a backup" in lost.err) == (2, True)
    assert ADA in _files(door)
    assert ADA in before


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--before", "2099-01-01", *WHO), "is in the future"),
        (("--before", "2026-01-01", "--by", ADA), "--by takes the role"),
        (("--before", "2026-13-01", *WHO), "is not a date"),
        (("--before", "2026-01-01"), "--by"),
    ],
)
def test_wrong_words_are_answered(bare_door: Door, options: tuple[str, ...], says: str) -> None:
    answer = bare_door.toolkit("forget", *options)

    assert (answer.exit, says in answer.err) == (2, True), answer.err


def test_a_ledger_that_is_not_sound_is_left_as_it_is(door: Door) -> None:
    head = door.state / "emulator" / "ledger.head"
    head.unlink()

    answer = door.toolkit("forget", "--before", "2027-01-01", *WHO)

    assert answer.exit == 1
    assert "Nothing was removed" in answer.err
    assert ADA in _files(door)
