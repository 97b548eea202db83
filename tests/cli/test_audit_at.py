"""`audit at` shows from the ledger alone what was set on a date, who changed it since, and what no reading shows."""

from datetime import datetime, timedelta

import pytest

from tests.api.school import POLICY
from tests.contract.rules import STORED, apply, rule, stored_rule, write_rules
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

GROUP = "all-staff@example-primary.example"
TAG = """\
playbook: tag
title: Tag
owner: Head Teacher
clauses: [EML-04]
controls:
  - mail.external_tag: {for: everyone}
"""


def _later(door: Door, days: int) -> None:
    now = datetime.fromisoformat(door.tenant.control("GET", "/clock")["now"])
    door.tenant.set_now((now + timedelta(days=days)).isoformat())


@pytest.fixture
def past(bare_door: Door) -> Door:
    """A rule is written on 10 November, changed by hand before 12 November, and repaired on 14 November."""
    write_rules(bare_door, rule("B", prepend_subject="[B] ", sent_to_member_of=[GROUP]), rule("C"))
    apply(bare_door)
    bare_door.toolkit("drift")
    _later(bare_door, 2)
    body = stored_rule(bare_door, "B")
    bare_door.tenant.put(STORED, body["Guid"], {**body, "PrependSubject": "[changed] "})
    assert bare_door.toolkit("drift").exit == 3
    _later(bare_door, 2)
    apply(bare_door)
    assert bare_door.toolkit("drift").exit == 0
    return bare_door


def test_a_date_before_the_change_shows_what_was_written_and_what_came_later(past: Door) -> None:
    shown = past("audit", "at", "2026-11-11", "B")

    assert shown.exit == 0
    assert "Last reading before: 2026-11-10 09:00" in shown.out
    assert '      prepend_subject: "[B] "\n' in shown.out
    assert "no difference from the playbooks was recorded" in shown.out
    before, _, since = shown.out.partition("Changed since:")
    assert "[changed]" not in before
    assert since.index("! 2026-11-12 09:00  microsoft365.transport_rule[B]: prepend_subject differs") < since.index(
        "~ 2026-11-14 09:00"
    )
    assert "[changed]" in since
    assert "by the user " in since
    assert "Next reading: 2026-11-12 09:00" in since
    gap = "Not known: the time between the readings of 2026-11-10 09:00 and 2026-11-12 09:00. A change that was undone"
    assert gap in since


def test_a_date_after_the_change_shows_that_it_differed_and_not_a_value_that_no_entry_has(past: Door) -> None:
    shown = past("audit", "at", "2026-11-13T12:00", "microsoft365.transport_rule[B]").out
    answer = past("audit", "at", "2026-11-13T12:00", "microsoft365.transport_rule[B]", "--json").json

    assert "! microsoft365.transport_rule[B]: prepend_subject differs" in shown
    assert "The ledger does not have the value of a setting that differed." in shown
    assert [finding["path"] for finding in answer["findings"]] == ["prepend_subject"]
    assert (answer["before"]["at"], answer["after"]["at"]) == ("2026-11-12T09:00:00+00:00", "2026-11-14T09:00:00+00:00")
    assert [bool(event["step"]) for event in answer["since"]] == [True, False]
    assert answer["since"][1]["ended"] == "repaired"


def test_a_date_before_the_first_write_has_no_settings(past: Door) -> None:
    answer = past("audit", "at", "2026-11-10", "B", "--json").json

    assert (answer["before"], answer["objects"]) == (None, [])
    assert [event["at"][:10] for event in answer["since"] if event["step"]] == ["2026-11-10", "2026-11-14"]


def test_a_date_after_the_repair_shows_the_value_again(past: Door) -> None:
    answer = past("audit", "at", "2026-11-15", "B", "--json").json

    assert answer["objects"][0]["settings"]["prepend_subject"] == "[B] "
    assert (answer["findings"], answer["since"]) == ([], [])
    assert answer["not_known"] == "everything after the last reading on 2026-11-14 09:00"


def test_a_group_selects_the_objects_that_name_it(past: Door) -> None:
    of_group = past("audit", "at", "2026-11-15", "--for", GROUP, "--json").json
    everything = past("audit", "at", "2026-11-15", "--json").json
    unknown = past("audit", "at", "2026-11-15", "--for", "nobody@example-primary.example")

    assert [past_object["address"] for past_object in of_group["objects"]] == ["microsoft365.transport_rule[B]"]
    assert len(everything["objects"]) == 2
    assert unknown.exit == 2
    assert "the ledger has no object for nobody@example-primary.example" in unknown.err


def test_a_clause_has_the_status_of_the_last_report_before_the_date(bare_door: Door) -> None:
    bare_door.write("10-policy.yaml", POLICY.replace("class: people", "class: settable, controls: [mail.external_tag]"))
    reports = bare_door.playbooks.parent / "reports"
    for _ in range(2):
        assert bare_door("audit", "export", bare_door.playbooks, "-o", reports, "--format", "json").exit in {0, 4}
        bare_door.write("20-tag.yaml", TAG)
        apply(bare_door)
        _later(bare_door, 2)

    first = bare_door("audit", "at", "2026-11-11", "eml-04", "--json").json
    early = bare_door("audit", "at", "2026-11-10", "EML-04")

    [clause] = first["clauses"]
    assert clause["clause"] == "EML-04"
    assert clause["report"]["at"] == "2026-11-10T09:00:00+00:00"
    assert [later["report"]["at"] for later in clause["later"]] == ["2026-11-12T09:00:00+00:00"]
    assert clause["later"][0]["status"] != clause["status"]
    assert early.exit == 2, "no report had judged it before that date"


def test_an_empty_ledger_knows_nothing_and_a_mistyped_name_has_a_suggestion(past: Door, bare_door: Door) -> None:
    wrong = past("audit", "at", "2026-11-15", "microsoft365.transport_rule[D]")
    no_date = past("audit", "at", "14 November")
    both = past("audit", "at", "2026-11-15", "B", "--for", GROUP)
    bare_door.forget()
    empty = bare_door("audit", "at", "2026-11-15")

    assert (wrong.exit, no_date.exit, both.exit) == (2, 2, 2)
    assert "did you mean `microsoft365.transport_rule[" in wrong.err
    assert empty.exit == 0
    assert "Not known: everything else, because no reading is recorded" in empty.out
