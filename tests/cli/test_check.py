"""`toolkit check`: what people confirmed, what is overdue, what nobody looked at yet."""

from tests.door import Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

ATTESTED = """\
attestations: mail
confirmed:
  - control: mail.personal_label
    provider: microsoft365
    part: mail without the label
    by: Head Teacher
    on: 2026-09-07
    {more}
"""
LABEL = """\
playbook: mail-conduct
clauses: [PER-04]
controls:
  - mail.personal_label: {for: staff, labels: [personal]}
"""
SUBJECT = "mail without the label"


def _attest(door: Door, more: str = "") -> None:
    door.write("32-mail-conduct.yaml", LABEL)
    door.write("90-attestations.yaml", ATTESTED.replace("{more}", more))


def test_what_is_overdue_is_a_finding_and_says_since_when_and_where(bare_door: Door) -> None:
    _attest(bare_door, "until: 2026-11-08")

    answered = bare_door.toolkit("check")

    assert answered.exit == 3
    place = f"{bare_door.playbooks}/90-attestations.yaml:7"
    assert answered.out.splitlines()[2:] == [
        "",
        "mail.personal_label on microsoft365   (PER-04)",
        f"! {SUBJECT}: overdue by 2 days: confirmed by Head Teacher on 7 September 2026, until 8 November 2026",
        "    no service can recognise personal mail without a label, so people confirm it",
        f"    -> check again and write the new dates at {place}",
        "",
        "Check: 1 overdue or misdated.",
    ]


def test_what_is_confirmed_passes_until_the_tenants_clock_says_otherwise(bare_door: Door) -> None:
    _attest(bare_door)

    before = bare_door.toolkit("check")
    bare_door.tenant.set_now("2027-09-06T23:30:00Z")  # half past midnight of the next day in the school's time zone
    after = bare_door.toolkit("check")

    assert (before.exit, after.exit) == (0, 3)
    assert f"= {SUBJECT}: confirmed by Head Teacher on 7 September 2026, until 6 September 2027" in before.out
    assert "Check: 1 confirmed." in before.out
    assert "overdue by 1 day" in after.out


def test_what_nobody_confirmed_sets_no_code_and_is_shown_as_it_would_be_written(bare_door: Door) -> None:
    bare_door.write("32-mail-conduct.yaml", LABEL)

    answered = bare_door.toolkit("check")

    assert answered.exit == 0
    assert f"* {SUBJECT}: not confirmed yet\n    no service can recognise" in answered.out
    assert answered.out.endswith("Check: 1 to confirm.\n")
    written = answered.out.partition("for example:\n")[2].partition("\n\n")[0]
    bare_door.write("90-attestations.yaml", f"attestations: mail\nconfirmed:\n{written}\n")
    assert "Check: 1 confirmed." in bare_door.toolkit("check").out


def test_the_operators_word_is_called_that(bare_door: Door) -> None:
    _attest(bare_door, "operator: true")

    assert "confirmed by Head Teacher, who also runs toolkit, on 7 Sept" in bare_door.toolkit("check").out


def test_a_day_that_has_not_come_yet_is_a_finding(bare_door: Door) -> None:
    _attest(bare_door)
    bare_door.tenant.set_now("2026-09-06T12:00:00Z")

    answered = bare_door.toolkit("check")

    assert answered.exit == 3
    assert "confirmed by Head Teacher on 7 September 2026, but this date is in the future" in answered.out
    assert f"-> correct the date at {bare_door.playbooks}/90-attestations.yaml:7" in answered.out


def test_the_answer_for_programs_has_the_words_that_stay(bare_door: Door) -> None:
    _attest(bare_door, "until: 2026-11-08")

    told = bare_door.toolkit("check", "--json").json

    assert (told["format"], told["target"], told["exit"]) == (1, "emulator", 3)
    assert told["summary"] == {
        "pass": 0,
        "fail": 1,
        "unknown": 0,
        "manual": 0,
        "unavailable": 0,
        "undecided": 0,
    }
    (finding,) = told["findings"]
    assert (finding["control"], finding["provider"]) == ("mail.personal_label", "microsoft365")
    assert (finding["subject"], finding["status"], finding["clauses"]) == (SUBJECT, "fail", ["PER-04"])
    assert finding["reason"].startswith("overdue by 2 days: ")
    assert finding["evidence"]["until"] == "2026-11-08"


def test_a_group_that_is_not_there_makes_its_controls_unknown(bare_door: Door) -> None:
    _attest(bare_door, "until: 2026-11-08")
    school = (bare_door.playbooks / "00-school.yaml").read_text()
    bare_door.write("00-school.yaml", school.replace("all-staff@", "nobody@"))

    answered = bare_door.toolkit("check")

    assert answered.exit == 3  # what is overdue outranks what is not known
    heading, overdue, *_ = answered.out.splitlines()[3:]
    assert heading == "mail.personal_label on microsoft365   (PER-04)"
    assert overdue.startswith(f"! {SUBJECT}: overdue")
    assert "? for whom: there is no group nobody@example-primary.example\n" in answered.out
    assert answered.out.endswith("Check: 1 overdue or misdated, 1 unknown.\n")


def test_a_directory_that_cannot_be_read_makes_what_needs_it_unknown(bare_door: Door) -> None:
    bare_door.write("32-mail-conduct.yaml", LABEL)
    bare_door.tenant.fault("refused", "GET /groups*", times=1000)

    answered = bare_door.toolkit("check")

    assert answered.exit == 4
    assert "? for whom: " in answered.out


def test_the_samples_have_one_confirmation_that_is_overdue(door: Door) -> None:
    answered = door.toolkit("check", "--only", "mail.personal_label", "--provider", "microsoft365", "--json")

    assert answered.exit == 3
    assert [(one["subject"], one["status"]) for one in answered.json["findings"]] == [(SUBJECT, "fail")]
    assert door.toolkit("check").exit == 3


def test_a_control_that_no_playbook_asks_for_cannot_be_asked_for(bare_door: Door) -> None:
    _attest(bare_door)

    answered = bare_door.toolkit("check", "--only", "mail.personal_lable")

    assert answered.exit == 2
    assert "--only mail.personal_lable: no control in the playbooks" in answered.err
    assert "did you mean `mail.personal_label`?" in answered.err
    assert not bare_door.tenant.requests()


def test_a_cloud_that_the_school_does_not_have_cannot_be_asked_for(bare_door: Door) -> None:
    answered = bare_door.toolkit("check", "--provider", "google_workspace")

    assert answered.exit == 2
    assert "--provider google_workspace: the school file names microsoft365" in answered.err


def test_a_playbook_by_itself_is_checked_with_what_stands_beside_it(bare_door: Door) -> None:
    _attest(bare_door)
    bare_door.write("33-other.yaml", "playbook: other\ncontrols:\n  - mail.external_tag: {for: everyone}\n")

    answered = bare_door("check", bare_door.playbooks / "32-mail-conduct.yaml")
    other = bare_door("check", bare_door.playbooks / "33-other.yaml")

    assert (answered.exit, other.exit) == (0, 0)
    assert answered.out.endswith("Check: 1 confirmed.\n")
    assert other.err == ""


COMMANDS = (("validate",), ("check",), ("plan",), ("apply", "--yes"), ("drift",))


def test_an_attestation_of_what_is_enforced_is_refused_by_every_command(bare_door: Door) -> None:
    _attest(bare_door)
    place = bare_door.write("90-attestations.yaml", ATTESTED.replace("{more}", "").replace(SUBJECT, "labelled mail"))

    problem = (
        f"{place}:5: `labelled mail` of mail.personal_label on microsoft365 is enforced, "
        f"so no one needs to confirm it. Confirm `{SUBJECT}` instead\n"
    )
    answers = [bare_door.toolkit(*command) for command in COMMANDS]
    assert {(answer.exit, answer.err) for answer in answers} == {(2, problem)}


def test_an_attestation_of_a_control_that_no_playbook_asks_for_stops_no_command(bare_door: Door) -> None:
    _attest(bare_door)
    other = ATTESTED.replace("{more}", "").replace("mail.personal_label", "mail.external_tag")
    place = bare_door.write("91-other.yaml", other)
    misspelt = bare_door.write("92-misspelt.yaml", other.replace("external_tag", "external_tags"))

    refused = [bare_door.toolkit(*command) for command in COMMANDS]
    misspelt.unlink()
    validated, checked, planned, applied, drifted = (bare_door.toolkit(*command) for command in COMMANDS)

    unknown = f"{misspelt}:3: unknown control `mail.external_tags`: did you mean `mail.external_tag`?\n"
    assert {(answer.exit, answer.err) for answer in refused} == {(2, unknown)}
    assert f"* {place}:3: no playbook uses mail.external_tag, so the entry has no effect" in validated.out
    assert (validated.exit, checked.exit, planned.exit, applied.exit, drifted.exit) == (0, 0, 3, 0, 0)
    assert checked.out.endswith("Check: 1 confirmed.\n")


def test_a_tenant_of_another_school_is_asked_nothing_else(bare_door: Door) -> None:
    _attest(bare_door)
    school = (bare_door.playbooks / "00-school.yaml").read_text()
    bare_door.write("00-school.yaml", school.replace("domain: example-primary.example", "domain: other.example"))

    answered = bare_door.toolkit("check")

    assert answered.exit == 2
    assert "wrong tenant" in answered.err
    assert bare_door.tenant.operations() == ["GET /organization"]


def test_a_check_writes_to_no_tenant_and_is_remembered(bare_door: Door) -> None:
    _attest(bare_door, "until: 2026-11-08")
    bare_door.toolkit("check", "--only", "mail.personal_label")

    (run,) = bare_door("audit", "log", "--json").json["runs"]

    assert (run["command"], run["exit"], run["steps"]) == ("check", 3, [])
    assert run["flags"] == ["--only mail.personal_label"]
    assert run["summary"] == {
        "pass": 0,
        "fail": 1,
        "unknown": 0,
        "manual": 0,
        "unavailable": 0,
        "undecided": 0,
    }
    assert {name.partition(" ")[0] for name in bare_door.tenant.operations()} == {"GET"}
