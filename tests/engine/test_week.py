"""A week of drifts, each night told once: what is new, what goes on, what is over, and who did it."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.cases import newest, playbook, resource
from tests.door import MICROSOFT, Checkpoint, CommandResult, Door
from tests.schools import TWENTY_PEOPLE, Schools

STORED, KIND, NAME = "exchange.transportRules", "microsoft365.transport_rule", "Mark mail to the office"
ADDRESS = f"{KIND}[{NAME}]"
WANTED = {"sent_to": ["office@example-primary.example"], "prepend_subject": "[office] "}


@pytest.fixture(scope="module")
def applied(module_schools: Schools) -> Checkpoint:
    """Apply the rule once, on a Tuesday."""
    door = module_schools.build(TWENTY_PEOPLE, clouds=[MICROSOFT], own_snapshot=True)
    _ask(door)
    _apply(door)
    return module_schools.checkpoint(door)


@pytest.fixture
def school(applied: Checkpoint) -> Door:
    """Open a small school that marks mail to the office, applied on a Tuesday."""
    return applied.restore()


def _ask(door: Door, **more: object) -> None:
    door.write("10-rules.yaml", playbook(resource(KIND, NAME, {**WANTED, **more}), slug="rules"))


def _apply(door: Door) -> CommandResult:
    answer = door.toolkit("apply", "--yes")
    assert answer.exit == 0, answer.out + answer.err
    return answer


def _edit(door: Door, subject: str, *, by: str = "Other Tool") -> None:
    (key,) = [key for key, rule in door.tenant.objects(STORED).items() if rule["Name"] == NAME]
    door.tenant.patch_by(by, STORED, key, PrependSubject=subject)


def _night(door: Door, day: int) -> Any:
    """Let the drift of a night run, with the clock at half past two."""
    door.tenant.set_now(f"2026-11-{day:02}T02:30:00Z")
    return door.toolkit("drift", "--json").json


def test_a_week_of_edits_and_repairs_is_told_night_by_night(school: Door) -> None:
    quiet = _night(school, 11)
    assert (quiet["exit"], quiet["changes"], quiet["findings"], quiet["fixed"]) == (0, [], [], [])

    _edit(school, "[theirs] ")
    first = _night(school, 12)
    (change,) = first["changes"]
    assert (change["state"], change["cause"], change["news"]) == ("new", "tenant", True)
    assert change["since"] == "2026-11-12T02:30:00+00:00"
    assert change["actor"] == {"kind": "application", "name": "Other Tool"}
    assert change["changed"] == "2026-11-11T02:30:00+00:00"  # as the log says, the day before it was seen

    asked = newest(school)
    second = _night(school, 13)
    (change,) = second["changes"]
    assert (change["state"], change["since"][:10], change["news"]) == ("ongoing", "2026-11-12", False)
    assert change["actor"] == {"kind": "application", "name": "Other Tool"}
    assert "Search-UnifiedAuditLog" not in school.tenant.operations(asked)  # the ledger knows who it was
    told = school.toolkit("drift").out
    (finding,) = change["findings"]
    by = "changed in the tenant by Other Tool (application) on 11 November at 02:30"
    assert f"    since 12 November, {by} [{finding}]" in told.splitlines()

    _edit(school, "[office] ", by="office@example-primary.example")
    over = _night(school, 14)
    assert (over["exit"], over["changes"]) == (0, [])
    assert [(one["id"], one["state"], one["by"]) for one in over["fixed"]] == [(finding, "fixed", "tenant")]
    assert _night(school, 15)["fixed"] == []


def test_what_is_changed_back_after_each_repair_is_contested_until_the_playbook_says_whose_it_is(school: Door) -> None:
    _edit(school, "[theirs] ")
    assert _night(school, 11)["changes"][0]["state"] == "new"
    _apply(school)
    fixed = _night(school, 12)["fixed"]
    assert [one["by"] for one in fixed] == ["repaired"]
    _edit(school, "[theirs] ", by="caretaker@example-primary.example")
    again = _night(school, 13)["changes"][0]
    assert (again["state"], again["since"][:10]) == ("new", "2026-11-13")
    assert again["actor"] == {"kind": "person", "name": "caretaker@example-primary.example"}
    _apply(school)
    _edit(school, "[theirs] ")

    third = _night(school, 14)
    (change,) = third["changes"]
    assert (change["state"], change["news"], third["contested"][0]["paths"]) == ("contested", True, ["prepend_subject"])
    assert (change["actor"], "leave: true" in change["remark"]) == ({"kind": "application", "name": "Other Tool"}, True)
    once_more = school.toolkit("drift").out.splitlines()
    assert f"= {ADDRESS}: prepend_subject: contested since 14 November [{change['findings'][0]}]" in once_more
    assert "contested: prepend_subject" in school.toolkit("plan").out

    _ask(school, ours=True)
    assert school.toolkit("plan", "--json").json["contested"] == []
    _ask(school, leave=True)
    left = school.toolkit("apply", "--yes")
    assert (left.exit, "prepend_subject is left as others set it" in left.out) == (0, True)
    ceded = _night(school, 15)
    assert (ceded["exit"], ceded["changes"], [one["by"] for one in ceded["fixed"]]) == (0, [], ["playbook"])


def test_an_exception_that_somebody_adds_to_a_rule_is_theirs_and_not_a_matter_of_the_date(school: Door) -> None:
    _night(school, 11)
    (key,) = [key for key, rule in school.tenant.objects(STORED).items() if rule["Name"] == NAME]
    school.tenant.patch_by("caretaker@example-primary.example", STORED, key, ExceptIfSubjectContainsWords=["invoice"])

    (change,) = _night(school, 12)["changes"]

    assert change["fields"][0]["path"] == "except_if_subject_contains_words"
    assert change["cause"] == "tenant"
    assert change["actor"] == {"kind": "person", "name": "caretaker@example-primary.example"}


def test_whoever_changed_something_else_of_a_rule_is_not_named(school: Door) -> None:
    (key,) = [key for key, rule in school.tenant.objects(STORED).items() if rule["Name"] == NAME]
    school.tenant.patch_by("caretaker@example-primary.example", STORED, key, State="Disabled")
    _edit(school, "[theirs] ")
    school.tenant.patch_by("office@example-primary.example", STORED, key, Comments="Seen")

    told = {one["path"]: one["actor"] for one in _night(school, 11)["findings"]}

    assert told == {
        "enabled": {"kind": "person", "name": "caretaker@example-primary.example"},
        "prepend_subject": {"kind": "application", "name": "Other Tool"},
    }


def test_whoever_changed_a_rule_before_it_was_seen_as_wanted_is_not_named(school: Door) -> None:
    _edit(school, "[theirs] ", by="caretaker@example-primary.example")
    _edit(school, "[office] ", by="caretaker@example-primary.example")
    assert _night(school, 11)["exit"] == 0
    _edit(school, "[theirs] ")
    events = school.tenant.objects("audit.events")
    newest = max(events, key=lambda key: events[key]["at"])
    school.tenant.delete("audit.events", newest)  # the log is late

    assert [one["actor"] for one in _night(school, 12)["findings"]] == [None]


def test_what_is_moved_or_deleted_by_hand_is_told_so_also_when_the_playbooks_changed_since(school: Door) -> None:
    rules = playbook(resource(KIND, NAME, WANTED), resource(KIND, "Tag", {"prepend_subject": "[Tag] "}), slug="rules")
    school.write("10-rules.yaml", rules)
    _apply(school)
    school.write("10-rules.yaml", f"# Read again.\n{rules.replace('title: ', 'title: New ')}")
    _apply(school)  # of which nothing follows
    assert _night(school, 11)["exit"] == 0
    stored = school.tenant.objects(STORED)
    ours = [key for key, rule in stored.items() if rule["Name"] in {NAME, "Tag"}]
    turned = {key: stored[key] for key in [*(key for key in stored if key not in ours), *reversed(ours)]}
    school.tenant.control("PUT", f"/objects/{STORED}", turned)

    (moved,) = _night(school, 12)["findings"]
    school.tenant.control("DELETE", f"/objects/{STORED}/{ours[0]}?by=caretaker@example-primary.example")
    told = school.toolkit("drift").out

    assert (moved["what"], moved["cause"]) == ("moved", "tenant")
    assert "deleted in the tenant by caretaker@example-primary.example on 12 November at 02:30" in told


def test_the_ledger_is_sound_after_drifts_and_a_quiet_night_adds_a_short_entry(school: Door) -> None:
    _edit(school, "[theirs] ", by="caretaker@example-primary.example")
    _night(school, 11)
    entries = school("audit", "verify", "--json").json["entries"]

    _night(school, 12)

    with closing(sqlite3.connect(school.state / "emulator" / "ledger.db")) as ledger:
        texts = [text for (text,) in ledger.execute("SELECT text FROM entry ORDER BY n")]
    assert "caretaker" not in "".join(texts)  # people are pseudonyms in the chain
    assert '"found":[],"kind":"seen"' in texts[-2].replace('"fixed":[],"format":1,', "")
    verified = school("audit", "verify", "--json").json
    assert (verified["sound"], verified["entries"] - entries) == (True, 3)
    assert school("audit", "rebuild").exit == 0
    assert school("audit", "verify").exit == 0


def test_who_did_it_is_not_known_where_the_log_may_not_be_read(school: Door) -> None:
    _edit(school, "[theirs] ")
    school.tenant.fault("refused", "Search-UnifiedAuditLog", times=10)

    answer = _night(school, 11)

    assert answer["exit"] == 3
    assert (answer["changes"][0]["cause"], answer["changes"][0]["actor"]) == ("tenant", None)
    assert "changed in the tenant, by an unknown author" in school.toolkit("drift").out
    school.tenant.disarm()
    assert _night(school, 12)["changes"][0]["actor"]["name"] == "Other Tool"


def test_what_could_not_be_read_is_neither_over_nor_new_the_night_after(school: Door) -> None:
    _edit(school, "[theirs] ")
    _night(school, 11)
    school.tenant.fault("refused", "Get-TransportRule", times=10)
    blind = _night(school, 12)
    school.tenant.disarm()

    seen = _night(school, 13)

    assert (blind["exit"], blind["fixed"]) == (4, [])
    assert (seen["changes"][0]["state"], seen["changes"][0]["since"][:10]) == ("ongoing", "2026-11-11")
