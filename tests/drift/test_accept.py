"""What becomes of a finding that somebody accepts: an entry of the playbooks, or words that say why none can."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.controls.control import controls
from toolkit.drift.accept import AcceptanceTerms, build_exception_entry, find_finding
from toolkit.drift.model import DifferenceType
from toolkit.engine.desired_state import cloud_catalogues
from toolkit.errors import UsageError
from toolkit.ledger.tables import FindingRow
from toolkit.planning.expand import expand
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.load import load

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
SCHOOL = """\
school: Example Primary School
short_name: EPS
domains: [example-primary.example]
time_zone: Europe/London
tenants:
  microsoft365: {tenant_id: emulated, domain: example-primary.example}
roles:
  staff: {microsoft365: all-staff@example-primary.example}
  trip_leaders: {microsoft365: trip-leaders@example-primary.example}
"""
ASKED = """\
playbook: devices
controls:
  - device.removable_storage: {for: staff}
  - mail.external_tag: {for: everyone}
  - mail.autoforward_block: {for: everyone}
resources:
  - microsoft365.transport_rule: Mark mail
    prepend_subject: "[office] "
"""
RULE = "microsoft365.transport_rule[Mark mail]"
REPLY = "microsoft365.automatic_reply[4f0c7e3a]"


@pytest.fixture
def playbooks(tmp_path: Path) -> Playbooks:
    (tmp_path / "00-school.yaml").write_text(SCHOOL)
    (tmp_path / "10-devices.yaml").write_text(ASKED)
    return load(tmp_path)


def _row(address: str, path: str = "prepend_subject", what: DifferenceType = DifferenceType.DIFFERENT) -> FindingRow:
    at = NOW.isoformat()
    return FindingRow(
        id="3f2a9c1b", address=address, path=path, what=what, state="open", since=at, seen=at, n=1, cause="tenant"
    )


def _wish(until: str = "2026-12-18", role: str | None = None, by: str = "Head Teacher") -> AcceptanceTerms:
    return AcceptanceTerms(until=until, reason="Moving", by=by, role=role)


def test_a_setting_of_a_single_object_is_left_until_a_day(playbooks: Playbooks) -> None:
    entry = build_exception_entry(_row(RULE), _wish(), playbooks, NOW)

    assert entry.section == "accepted"
    assert dict(entry.fields) == {
        "object": RULE,
        "setting": "prepend_subject",
        "reason": "Moving",
        "ends": "2026-12-18",
        "by": "Head Teacher",
        "on": "2026-11-10",
    }


@pytest.mark.parametrize(
    ("row", "wish", "told"),
    [
        (_row(RULE, what=DifferenceType.MOVED), _wish(), "the position of a rule cannot be accepted"),
        (_row(RULE), _wish(until="2026-11-09"), "--until 2026-11-09 is in the past"),
        (_row(RULE), _wish(until="soon"), "--until soon must be a day"),
        (_row(RULE), _wish(role="staff"), "Leave --for out"),
        (_row(RULE), _wish(by="Caretaker"), "--by: `Caretaker` may not accept findings. Head Teacher, Senior"),
        (
            _row(REPLY),
            _wish(),
            "a person's own setting (automatic reply), and accepting it would name a person in the playbooks. Remove",
        ),
        (_row("microsoft365.transport_rule[Gone]"), _wish(), "no playbook asks for microsoft365.transport_rule[Gone]"),
    ],
)
def test_what_no_exception_can_say_is_refused_in_words(
    row: FindingRow, wish: AcceptanceTerms, told: str, playbooks: Playbooks
) -> None:
    with pytest.raises(UsageError) as refused:
        build_exception_entry(row, wish, playbooks, NOW)

    assert told in str(refused.value)


def test_a_control_is_excepted_for_a_role_where_it_knows_exceptions(playbooks: Playbooks) -> None:
    address = _made_by("device.removable_storage", playbooks)
    entry = build_exception_entry(_row(address, "removable_storage"), _wish(role="trip_leaders"), playbooks, NOW)

    assert entry.section == "approved"
    assert entry.fields["exception"] == "accepted-3f2a9c1b"
    assert (entry.fields["control"], entry.fields["for"]) == ("device.removable_storage", "trip_leaders")
    assert (entry.fields["change"], entry.fields["starts"]) == ("off", "2026-11-10")
    with pytest.raises(UsageError, match="Add --for with"):
        build_exception_entry(_row(address, "removable_storage"), _wish(), playbooks, NOW)
    with pytest.raises(UsageError, match="did you mean `trip_leaders`"):
        build_exception_entry(_row(address, "removable_storage"), _wish(role="trip_leader"), playbooks, NOW)


def test_a_control_that_is_the_same_for_all_is_refused_with_those_that_are_not(playbooks: Playbooks) -> None:
    address = _made_by("mail.external_tag", playbooks)

    with pytest.raises(UsageError) as refused:
        build_exception_entry(_row(address, "enabled"), _wish(role="staff"), playbooks, NOW)

    assert "on Microsoft 365, everyone has the same setting from mail.external_tag" in str(refused.value)
    assert "web.chat_im_block" in str(refused.value)


def test_what_is_the_same_for_all_is_accepted_as_it_is_for_all(playbooks: Playbooks) -> None:
    address = _made_by("mail.external_tag", playbooks)

    entry = build_exception_entry(_row(address, "enabled"), _wish(), playbooks, NOW)

    assert entry.section == "accepted"
    assert (entry.fields["object"], entry.fields["setting"], entry.fields["ends"]) == (
        address,
        "enabled",
        "2026-12-18",
    )
    with pytest.raises(UsageError, match="Leave --dpia out"):
        build_exception_entry(_row(address, "enabled"), replace(_wish(), dpia="DPIA-1"), playbooks, NOW)


def test_a_way_out_of_the_school_is_not_accepted_without_an_impact_assessment(playbooks: Playbooks) -> None:
    address = _made_by("mail.autoforward_block", playbooks)

    with pytest.raises(UsageError, match="needs an impact assessment"):
        build_exception_entry(_row(address, "auto_forwarding_mode"), _wish(), playbooks, NOW)


def test_an_exception_names_its_impact_assessment(playbooks: Playbooks) -> None:
    row, wish = _row(_made_by("device.removable_storage", playbooks), "removable_storage"), _wish(role="trip_leaders")

    assert "dpia" not in build_exception_entry(row, wish, playbooks, NOW).fields
    assert build_exception_entry(row, replace(wish, dpia="DPIA-1"), playbooks, NOW).fields["dpia"] == "DPIA-1"


def test_a_finding_is_chosen_by_the_beginning_of_its_name() -> None:
    row = _row(RULE)

    assert find_finding("3F2", {"3f2a9c1b": row, "4a": _row(RULE)}) is row
    with pytest.raises(UsageError, match="2 findings begin with 3"):
        find_finding("3", {"3f2a9c1b": row, "3a": row})


def _made_by(control: str, playbooks: Playbooks) -> str:
    wanted = expand(playbooks, cloud_catalogues(["microsoft365"]), controls()).wanted
    return next(str(one.address) for one in wanted if one.made_by == (control,))
