"""Who ran toolkit, with which accounts, and which run or report it was about: recorded for each run, and shown."""

import json
import os
import platform
import pwd
import re

from tests.cases import playbook, resource
from tests.door import Door
from tests.google_workspace.connected import google_details as told_of_google
from tests.schools import with_people
from toolkit.ledger.entries import RunBegan, read_entry
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor

pytestmark = with_people(users=24, staff=10)

USER = pwd.getpwuid(os.getuid()).pw_name
PSEUDONYM = r"person-[0-9a-f]{16}"
RULE = resource("microsoft365.transport_rule", "Mark", {"subject_contains_words": ["trip"], "set_scl": 1})


def _entries(door: Door) -> list[str]:
    with Ledger(door.state / "emulator", redactor=Redactor()) as ledger, ledger.open_tables() as stored:
        return list(stored.connection.exec_driver_sql("SELECT text FROM entry ORDER BY n").scalars())


def test_each_run_records_user_and_computer_as_pseudonyms_and_the_accounts_in_use(door: Door) -> None:
    for path in door.playbooks.glob("[1-9]*.yaml"):
        path.unlink()
    door.write("10-rule.yaml", playbook(RULE))
    for command in (("apply", "--yes"), ("drift",), ("check",), ("due", "--yes"), ("plan",)):
        door.toolkit(*command)
    door("forget", door.playbooks, "--before", "2026-01-01", "--by", "Data Protection Officer")

    began = [entry for entry in map(read_entry, _entries(door)) if isinstance(entry, RunBegan)]

    assert {entry.command for entry in began} >= {"apply", "drift", "check", "due"}
    assert all(re.fullmatch(PSEUDONYM, entry.operator) and re.fullmatch(PSEUDONYM, entry.host) for entry in began)
    assert not any(json.dumps(name) in text for text in _entries(door) for name in (USER, platform.node()))
    application = door.tenant.applications["writer"]["client_id"]
    google = told_of_google(door.tenant)["service_accounts"]
    applied = next(entry for entry in began if entry.command == "apply")
    assert applied.accounts == {
        "microsoft365": application,
        "google_workspace": google["writer"]["client_email"],
    }
    drifted = next(entry for entry in began if entry.command == "drift")
    assert drifted.accounts["google_workspace"] == google["reader"]["client_email"]


def test_the_log_shows_who_it_was_and_which_run_was_taken_back(bare_door: Door) -> None:
    bare_door.write("10-rule.yaml", playbook(RULE))
    assert bare_door.toolkit("apply", "--yes").exit == 0
    applied = bare_door("audit", "log", "--json").json["runs"][0]
    back = bare_door("rollback", "last", bare_door.playbooks, "--yes")
    assert back.exit == 0, back.out + back.err

    latest = bare_door("audit", "log", "--last", "1", "--json").json["runs"][0]
    listed = bare_door("audit", "log", "--last", "1").out
    shown = bare_door("audit", "log", "--run", latest["run"]).out

    assert (latest["undoes"], applied["undoes"]) == (applied["run"], None)
    assert (latest["operator_name"], latest["host_name"]) == (USER.casefold(), platform.node().casefold())
    assert re.fullmatch(PSEUDONYM, latest["operator"])
    assert f"rolled back run {applied['run']}" in listed
    assert f"by {USER.casefold()} ({latest['operator']})" in listed
    assert f"run by the user {USER.casefold()} ({latest['operator']}) on the computer" in shown
    account = bare_door.tenant.applications["writer"]["client_id"]
    assert f"signed in to microsoft365 as {account}" in shown
    found = bare_door("audit", "person", USER, "--json").json["entries"]
    assert {"operator": latest["operator"]}.items() <= found[0]["values"].items()


def test_a_run_that_an_earlier_version_recorded_is_read() -> None:
    written = {
        "format": 1, "kind": "run_began", "run": "r", "at": "2026-01-01T00:00:00Z", "command": "rollback",
        "target": "live", "tenants": {}, "version": "1", "playbooks": "d", "flags": ["abc"], "override": "",
    }  # fmt: skip

    entry = read_entry(json.dumps(written))

    assert isinstance(entry, RunBegan)
    assert (entry.operator, entry.host, entry.accounts, entry.undoes) == ("", "", {}, "")
