"""In September `toolkit rollover` says what the playbooks name that is not there any more, and what ends."""

from pathlib import Path

import pytest

from tests.door import Door
from tests.emulated import Tenant
from tests.schools import Schools

ROLES = """\
roles:
  staff:
    microsoft365: all-staff@example-primary.example
    google_workspace: /Staff
  trip_leaders:
    microsoft365: trip-leaders@example-primary.example
    google_workspace: trip-leaders@example-primary.example
  leadership:
    microsoft365: leadership@example-primary.example
  dsl:
    microsoft365: dsl@example-primary.example
"""
PATTERNS = """\
  patterns:
    - {for: harun.hazelwood@example-primary.example, days: [monday]}
    - {for: gethin.leaver@example-primary.example, days: [monday]}
    - {for: nobody.known@example-primary.example, days: [monday]}
"""
CONTROLS = """\
playbook: mail
controls:
  - mail.personal_label: {for: staff, labels: [personal]}
  - mail.external_tag: {for: trip_leaders}
  - mail.out_of_office: {for: staff, act: report, contact: office, absences: private/absences.csv}
resources:
  - google_workspace.policy_setting: drive_and_docs.external_sharing @ /Year 6
    external_sharing_mode: DISALLOWED
  - microsoft365.transport_rule: Mark mail to the office
    from_scope: NotInOrganization
    sent_to: [office@example-primary.example, oldoffice@example-primary.example]
    prepend_subject: "[office] "
"""
ABSENCES = """\
person,from,to
gethin.leaver@example-primary.example,2026-11-09,2026-11-13
amara.ashdown@example-primary.example,2026-11-09,2029-11-13
"""
ACCEPTED = """\

accepted:
  - object: microsoft365.transport_rule[School disclaimer]
    reason: The trust's own text until the term ends
    ends: 2026-12-01
    by: Head Teacher
    on: 2026-11-09
"""


@pytest.fixture
def school(schools: Schools) -> Door:
    """Open the door of a school whose playbooks name what is told of below."""
    door = schools.build({"users": 20, "staff": 15})
    path = door.playbooks / "00-school.yaml"
    head, rest = path.read_text().split("roles:\n")
    calendar = rest[rest.index("calendar:") :]
    before, after = calendar.split("  patterns:\n")
    path.write_text(head + ROLES + before + PATTERNS + after[after.index("\nprotected:") :])
    door.write("30-mail.yaml", CONTROLS)
    door.write("private/absences.csv", ABSENCES)
    return door


def _key(tenant: Tenant, collection: str, name: str) -> str:
    named = tenant.objects(collection).items()
    return next(key for key, one in named if name in {one.get("mail"), one.get("email"), one.get("orgUnitPath")})


def _rollover_findings(door: Door, *options: str) -> list[tuple[str, int, str, str]]:
    answer = door.toolkit("rollover", "--json", *options).json
    return [(Path(one["path"]).name, one["line"], one["name"], one["state"]) for one in answer["findings"]]


def test_what_a_summer_does_to_a_school_is_told_with_its_line_and_what_to_write(school: Door) -> None:
    tenant, lines = school.tenant, (school.playbooks / "00-school.yaml").read_text().splitlines()

    def line(text: str) -> int:
        return next(number for number, one in enumerate(lines, start=1) if text in one)

    playbook = school.playbooks / "30-mail.yaml"
    playbook.write_text(CONTROLS[: CONTROLS.index("  - mail.out_of_office")])
    school.toolkit("drift")  # finds the groups, under their ids
    playbook.write_text(CONTROLS)
    trip = _key(tenant, "groups", "trip-leaders@example-primary.example")
    tenant.patch("groups", trip, displayName="Trips", mail="trips@example-primary.example")
    tenant.delete("groups", _key(tenant, "groups", "leadership@example-primary.example"))
    dsl = _key(tenant, "groups", "dsl@example-primary.example")
    tenant.patch("members", dsl, members=[])
    unit = _key(tenant, "google.orgunits", "/Staff")
    tenant.patch("google.orgunits", unit, name="Team", orgUnitPath="/Team")
    for key, one in tenant.objects("google.users").items():
        if one["orgUnitPath"] == "/Staff":
            tenant.patch("google.users", key, orgUnitPath="/Team")

    answer = school.toolkit("rollover")

    assert answer.exit == 3
    assert _rollover_findings(school) == [
        ("00-school.yaml", line("/Staff"), "organisational unit /Staff (staff)", "renamed"),
        ("00-school.yaml", line("365: trip"), "group trip-leaders@example-primary.example (trip_leaders)", "renamed"),
        ("00-school.yaml", line("365: leadership"), "group leadership@example-primary.example (leadership)", "gone"),
        ("00-school.yaml", line("365: dsl"), "group dsl@example-primary.example (dsl)", "empty"),
        ("00-school.yaml", line("gethin.leaver"), "gethin.leaver@example-primary.example", "left"),
        ("00-school.yaml", line("nobody.known"), "nobody.known@example-primary.example", "gone"),
        ("30-mail.yaml", 7, "organisational unit /Year 6", "gone"),
        ("30-mail.yaml", 11, "oldoffice@example-primary.example", "gone"),
        ("absences.csv", 2, "person in line 2", "left"),
        ("absences.csv", 3, "person in line 3", "left"),
    ]
    assert "Microsoft 365 now calls it trips@example-primary.example, according to its id in the ledger" in answer.out
    assert "-> write trips@example-primary.example" in answer.out
    assert "no control or exception uses this role, so delete the line" in answer.out
    assert "register of holds" not in answer.out  # there is none
    register = school.playbooks / "private" / "holds.yaml.age"
    register.parent.mkdir(exist_ok=True)
    register.write_bytes(b"encrypted")
    assert "the register of holds is encrypted and was not opened" in school.toolkit("rollover").out
    assert school.toolkit("rollover", "--json").json["not_opened"]
    register.unlink()
    assert school.toolkit("rollover", "--json").json["not_opened"] == []

    tenant.grant("reader", roles=["Organization.Read.All", "Domain.Read.All", "User.Read.All"])
    unread = school.toolkit("rollover")
    assert (unread.exit, "6 unknown" in unread.out) == (3, True)
    assert "group leadership@example-primary.example (leadership): unknown: Microsoft 365: " in unread.out
    assert "needs the application permission GroupMember.Read.All" in unread.out


def test_a_renamed_group_is_told_also_where_a_single_object_of_its_cloud_names_it(schools: Schools) -> None:
    door = schools.build({"users": 20, "staff": 15})
    phones = """\
playbook: phones
controls:
  - device.removable_storage: {for: trip_leaders}
resources:
  - microsoft365.android_work_profile_configuration: Phones
    security_require_verify_apps: true
    assigned_to: [trip-leaders@example-primary.example]
"""
    door.write("25-phones.yaml", phones)
    door.toolkit("drift")  # finds the group, under its id
    key = _key(door.tenant, "groups", "trip-leaders@example-primary.example")
    door.tenant.patch("groups", key, displayName="Trips", mail="trips@example-primary.example")

    found, drift = _rollover_findings(door), door.toolkit("drift").out

    assert (
        "25-phones.yaml",
        7,
        "trip-leaders@example-primary.example",
        "renamed",
    ) in found  # Google's has its name yet
    lines = (door.playbooks / "00-school.yaml").read_text().splitlines()
    role = 1 + next(number for number, one in enumerate(lines) if "365: trip" in one)
    for place in (f"00-school.yaml:{role}", "25-phones.yaml:7"):
        assert f"is called trips@example-primary.example now: write the new name in {door.playbooks / place}" in drift


def test_a_renamed_group_that_only_a_single_object_names_is_known_by_its_id(schools: Schools) -> None:
    door = schools.build({"users": 20, "staff": 15}, clouds=["microsoft365"])
    phones = """\
playbook: phones
resources:
  - microsoft365.android_work_profile_configuration: Phones
    security_require_verify_apps: true
    assigned_to: [year-6@example-primary.example]
"""
    door.write("25-phones.yaml", phones)
    leaders = _key(door.tenant, "groups", "trip-leaders@example-primary.example")
    door.tenant.patch("groups", leaders, mail="year-6@example-primary.example")
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    door.tenant.patch("groups", leaders, mail="class-6@example-primary.example")

    found = [one for one in _rollover_findings(door) if one[0] == "25-phones.yaml"]

    assert found == [("25-phones.yaml", 5, "year-6@example-primary.example", "renamed")]


def test_what_ends_until_a_day_is_told_with_what_is_over(schools: Schools) -> None:
    door = schools.build({"users": 20, "staff": 15}, samples=True)
    trips = (door.playbooks / "95-exceptions.yaml").read_text()
    door.write("95-exceptions.yaml", trips + ACCEPTED)
    (door.playbooks / "00-school.yaml").write_text(
        (door.playbooks / "00-school.yaml").read_text()
        + "freezes: [{from: 2026-05-11, to: 2026-05-14, why: tests of 2026}]\n"
    )

    assert [one[2:] for one in _rollover_findings(door)] == [
        ("freeze tests of 2026", "over"),
        ("review of the policy", "over"),
        ("attestation of mail.personal_label on microsoft365: mail without the label", "over"),
        ("exception trip-november", "about_to_end"),
        ("accepted finding of microsoft365.transport_rule[School disclaimer]", "about_to_end"),
    ]
    assert [one[2:] for one in _rollover_findings(door, "--by", "2027-10-31")] == [
        ("terms", "about_to_end"),
        ("freeze tests of 2026", "over"),
        ("decision C1", "about_to_end"),
        ("review of the policy", "over"),
        ("attestation of mail.personal_label on microsoft365: mail without the label", "over"),
        ("attestation of mail.report_channel on school: staff know how to report", "about_to_end"),
        ("attestation of web.monitoring_alerts on school: last monitoring alert", "about_to_end"),
        ("attestation of site.web_editors on school: register of website editors", "about_to_end"),
        ("attestation of gov.custody on school: access to copies of evidence", "about_to_end"),
        ("attestation of gov.monitoring_notice on google_workspace: notice at sign-in to Chromebooks", "about_to_end"),
        ("test of web.harmful_filter: monitoring", "about_to_end"),
        ("exception trip-november", "about_to_end"),
        ("accepted finding of microsoft365.transport_rule[School disclaimer]", "about_to_end"),
    ]
    door.tenant.set_now("2027-10-20T09:00:00Z")
    assert {one[3] for one in _rollover_findings(door)} == {"over"}
    assert "this date has passed, because today is 2027-10-20" in door.toolkit("rollover", "--by", "2027-09-01").err


def test_nothing_to_write_anew_ends_with_0(schools: Schools) -> None:
    door = schools.build({"users": 20, "staff": 15}, samples=True)
    for name in ("90-attestations.yaml", "95-exceptions.yaml"):
        (door.playbooks / name).unlink()
    decisions = door.playbooks / "05-decisions.yaml"
    old, new = "ratified_on: 2023-05-18, review_due: 2024-05-18", "ratified_on: 2026-10-14, review_due: 2027-10-13"
    assert old in decisions.read_text()
    decisions.write_text(decisions.read_text().replace(old, new))

    answer = door.toolkit("rollover")

    assert (answer.exit, answer.out.splitlines()[-1]) == (0, "Rollover: nothing to correct.")
