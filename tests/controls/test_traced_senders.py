"""Who writes from outside, counted by message trace before a list is closed or direct send is refused."""

from typing import Any

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

STAFF = "all-staff@example-primary.example"
READER = ("User.Read.All", "GroupMember.Read.All", "Organization.Read.All", "Exchange.ManageAsApp")
LISTS = f"""\
  - mail.mass_list_moderation:
      for: everyone
      lists: [{STAFF}]
      moderators: [head@example-primary.example, office@example-primary.example]
      always_send: {{head: [H], deputies: [H], dsl: [H], business_manager: [H], office: [H], site: [H]}}
      urgent_lists: []
""".replace("[H]", "[head@example-primary.example]")
SENDING = "  - mail.authentication: {direct_send: count}\n"
SUBJECTS = ("outside senders of the lists", "senders past a connector")


def _ask(door: Door, *entries: str, may_trace: bool = True) -> dict[str, Any]:
    """Check the controls and give what is found of the two counts, by subject."""
    door.write("10-mail.yaml", f"playbook: mail\ntitle: Mail\nowner: Head Teacher\n\ncontrols:\n{''.join(entries)}")
    roles = [*READER, *(["ExchangeMessageTrace.Read.All"] if may_trace else [])]
    door.tenant.grant("reader", roles=roles)
    findings = door.toolkit("check", "--json").json["findings"]
    return {one["subject"]: one for one in findings if one["subject"] in SUBJECTS}


def _trace(door: Door, when: str, sender: str, to: str, *, status: str = "delivered", address: str = "") -> None:
    row = {"senderAddress": sender, "recipientAddress": to, "receivedDateTime": when, "status": status}
    key = str(len(door.tenant.objects("exchange.messageTraces")))
    door.tenant.put("exchange.messageTraces", key, {**row, "fromIP": address, "subject": "A pupil's name"})


def test_who_writes_to_a_list_from_outside_is_counted_over_90_days_and_no_person_is_named(bare_door: Door) -> None:
    for when, sender, status in (
        ("2026-11-09T09:00:00Z", "News@Parent-App.example", "expanded"),
        ("2026-10-31T09:00:00Z", "news@parent-app.example", "expanded"),
        ("2026-08-13T09:00:00Z", "a.parent@post.example", "failed"),  # 89 days ago
        ("2026-08-11T09:00:00Z", "late@elsewhere.example", "expanded"),  # 91 days ago
        ("2026-11-09T10:00:00Z", f"office@{bare_door.tenant.domain}", "expanded"),
        ("2026-11-09T11:00:00Z", "<>", "expanded"),
    ):
        _trace(bare_door, when, sender, STAFF, status=status)
    _trace(bare_door, "2026-11-09T12:00:00Z", "shop@elsewhere.example", f"office@{bare_door.tenant.domain}")

    found = _ask(bare_door, LISTS + "      count_outside: true\n")[SUBJECTS[0]]

    assert found["status"] == "pass"
    assert found["evidence"] == {STAFF: {"parent-app.example": 2, "post.example": 1}}
    assert "parent-app.example (2), post.example (1, 1 of them not delivered)" in found["reason"]
    assert "a.parent" not in found["reason"] + str(found["evidence"])


def test_a_message_at_the_end_of_ten_days_is_counted_once(bare_door: Door) -> None:
    """The first ten days begin five minutes after the moment 90 days ago; a period ends when the next begins."""
    for day in ("08-12", "08-22", "09-01"):
        _trace(bare_door, f"2026-{day}T09:05:00Z", "news@parent-app.example", STAFF)

    found = _ask(bare_door, LISTS + "      count_outside: true\n")[SUBJECTS[0]]

    assert found["evidence"] == {STAFF: {"parent-app.example": 3}}


def test_a_message_within_the_second_in_which_a_period_begins_is_counted(bare_door: Door) -> None:
    bare_door.tenant.control("PUT", "/clock", {"now": "2026-11-10T09:00:00.700000Z"})
    _trace(bare_door, "2026-08-22T09:05:00.300000Z", "news@parent-app.example", STAFF)

    found = _ask(bare_door, LISTS + "      count_outside: true\n")[SUBJECTS[0]]

    assert found["evidence"] == {STAFF: {"parent-app.example": 1}}


def test_a_list_that_is_closed_is_counted_too_and_none_is_unless_asked(bare_door: Door) -> None:
    closed = f"""\
      closed_to_outside:
        lists: [{STAFF}]
        outside_senders_reviewed: {{by: Business Manager, on: 2026-11-09}}
"""
    assert _ask(bare_door, LISTS, may_trace=False) == {}
    assert _ask(bare_door, LISTS + closed)[SUBJECTS[0]]["evidence"] == {STAFF: {}}
    without = _ask(bare_door, LISTS + closed, may_trace=False)[SUBJECTS[0]]
    assert (without["status"], "ExchangeMessageTrace.Read.All" in without["reason"]) == ("unknown", True)


def test_servers_that_send_as_the_school_past_a_connector_are_counted_over_30_days(bare_door: Door) -> None:
    domain = bare_door.tenant.domain
    scanner, office = f"scanner@{domain}", f"office@{domain}"
    for when, sender, address in (
        ("2026-11-09T09:00:00Z", scanner, "203.0.113.9"),
        ("2026-10-20T09:00:00Z", office, "203.0.113.9"),
        ("2026-11-08T09:00:00Z", f"payroll@{domain}", "198.51.100.7"),  # an inbound connector takes it
        ("2026-11-08T10:00:00Z", f"alarm@{domain}", "2001:db8::9"),
        ("2026-10-01T09:00:00Z", scanner, "203.0.113.77"),  # 40 days ago
        ("2026-11-08T11:00:00Z", office, ""),  # sent from a mailbox
        ("2026-11-08T12:00:00Z", "shop@elsewhere.example", "203.0.113.50"),
    ):
        _trace(bare_door, when, sender, office, address=address)
    connector = {"Guid": "c1", "Identity": "Payroll", "Name": "Payroll", "Enabled": True}
    bare_door.tenant.put("exchange.inboundConnectors", "c1", {**connector, "SenderIPAddresses": ["198.51.100.0/24"]})

    found = _ask(bare_door, SENDING)[SUBJECTS[1]]

    assert (found["status"], found["evidence"]) == ("pass", {"servers": {"2001:db8::9": 1, "203.0.113.9": 2}})
    assert "scanner@" not in found["reason"]

    bare_door.tenant.patch("exchange.inboundConnectors", "c1", Enabled=False)
    assert _ask(bare_door, SENDING)[SUBJECTS[1]]["evidence"]["servers"]["198.51.100.7"] == 1

    bare_door.tenant.patch("exchange.inboundConnectors", "c1", Enabled=True, SenderIPAddresses=["the copier"])
    assert _ask(bare_door, SENDING)[SUBJECTS[1]]["status"] == "unknown"


def test_direct_send_is_counted_without_being_refused(bare_door: Door) -> None:
    _ask(bare_door, SENDING)

    assert bare_door.toolkit("apply", "--yes").exit == 0
    ((organisation),) = bare_door.tenant.objects("exchange.organizationConfig").values()
    assert organisation["RejectDirectSend"] is False
