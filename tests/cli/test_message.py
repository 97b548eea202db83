"""`toolkit message`: what the rules of the sample school do with a message, and that nothing of it is kept."""

from pathlib import Path

import pytest

from tests.door import MICROSOFT, CommandResult, Door
from tests.schools import few_people

pytestmark = few_people

TEACHER = "harun.hazelwood@example-primary.example"
PARENT, OFFICE = "parent@parents.example", "office@example-primary.example"
ALL_STAFF, ALL_PUPILS = "all-staff@example-primary.example", "all-pupils@example-primary.example"


def predict(door: Door, *options: str) -> CommandResult:
    return door.toolkit("message", "--provider", MICROSOFT, *options)


def outcomes(answered: CommandResult) -> set[tuple[str, str]]:
    (cloud,) = answered.json["clouds"]
    return {(result["result"], result["by"]) for result in cloud["results"]}


def test_a_parents_mail_to_the_office_meets_no_rule_that_stops_it(applied_door: Door) -> None:
    answered = predict(applied_door, "--from", PARENT, "--to", OFFICE)

    assert answered.exit == 0
    assert answered.out.startswith("Confidential, because it shows gaps in the rules.")
    assert "No rule of the school that toolkit reads stops this message." in answered.out
    assert "Whether the provider's own spam filter does cannot be known." in answered.out
    assert "Mark mail to the office [EML-02]: puts “[office] ” before the subject" in answered.out
    assert "arrive" not in answered.out
    assert "deliver" not in answered.out


def test_a_program_is_rejected_with_the_policy_and_its_clause(applied_door: Door) -> None:
    answered = predict(applied_door, "--from", PARENT, "--to", OFFICE, "--attach", "form.exe")

    assert answered.exit == 3
    assert "Rejected by the malware policy Default." in answered.out
    assert "malware policy: Default [SYS-17, SYS-19]: rejects messages with files of the listed types" in answered.out


def test_a_list_is_answered_by_groups_of_equal_outcome(applied_door: Door) -> None:
    answered = predict(applied_door, "--from", PARENT, "--to", OFFICE, "--to", "x@other.example", "--to", "y@z.example")
    rejected = predict(applied_door, "--from", PARENT, "--to", ALL_PUPILS)

    assert "  No rule stops it for 3." in answered.out
    assert "Rejected by the mailing list all-pupils@example-primary.example." in rejected.out


def test_the_json_has_the_steps_with_control_and_clauses(applied_door: Door) -> None:
    answered = predict(applied_door, "--from", TEACHER, "--to", ALL_STAFF, "--json")

    (group,) = answered.json["clouds"][0]["groups"]
    step = next(step for step in group["steps"] if step["kind"] == "list_moderation" and step["matched"])
    assert (step["matched"], step["control"]) == (True, "mail.mass_list_moderation")
    assert "EML-07" in step["clauses"]
    assert outcomes(answered) == {("moderated", ALL_STAFF)}


def test_the_difference_that_a_plan_would_make_comes_first(door: Door) -> None:
    answered = predict(door, "--from", TEACHER, "--to", ALL_STAFF, "--after-plan")

    lines = answered.out.splitlines()
    first = lines[lines.index("Microsoft 365") + 1]
    assert first.startswith(
        f"  The plan changes the result for {ALL_STAFF}: now no rule stops it for 14; after the plan"
    )
    assert first.endswith("it waits for a moderator.")


def test_a_plan_without_changes_changes_no_result(applied_door: Door) -> None:
    answered = predict(applied_door, "--from", PARENT, "--to", OFFICE, "--after-plan")

    assert "The plan does not change the result." in answered.out


EML = """\
From: Parent <parent@parents.example>
To: office@example-primary.example
Subject: Secret-Subject-Word
Content-Type: multipart/mixed; boundary=xx

--xx
Content-Type: text/plain

Secret-Body-Word
--xx
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="letter.js"
Content-Transfer-Encoding: base64

TVqQAAMAAAAEAAAA
--xx--
"""


def test_a_saved_message_is_read_in_memory_and_nothing_of_it_is_kept(applied_door: Door, tmp_path: Path) -> None:
    file = tmp_path / "saved.eml"
    file.write_text(EML)
    entries = applied_door("audit", "log", "--json").json

    answered = predict(applied_door, "--eml", str(file), "-v")
    as_json = predict(applied_door, "--eml", str(file), "--json")

    assert answered.exit == 3
    assert "Rejected by the malware policy Default." in answered.out
    kept = b"".join(path.read_bytes() for path in applied_door.state.rglob("*") if path.is_file())
    for word in ("Secret-Subject-Word", "Secret-Body-Word"):
        assert word not in answered.out + answered.err + as_json.out
        assert word.encode() not in kept
    assert applied_door("audit", "log", "--json").json["runs"] == entries["runs"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--to", OFFICE), "--from is missing"),
        (("--from", PARENT), "--to is missing"),
        (("--from", "nobody", "--to", OFFICE), "--from: 'nobody' is not an e-mail address"),
        (("--from", PARENT, "--to", OFFICE, "--size", "huge"), "--size: 'huge' is not a size"),
        (("--from", PARENT, "--to", OFFICE, "--header", "none"), "--header: 'none' is not a header field"),
        (("--from", PARENT, "--to", OFFICE, "--at", "soon"), "--at: 'soon' is not a date and time"),
        (("--from", PARENT, "--to", OFFICE, "--ip", "here"), "--ip: 'here' is not an IP address"),
        (("--from", PARENT, "--to", "b@parents.example"), "nor a recipient is at the school"),
    ],
)
def test_wrong_input_is_one_clear_error(door: Door, options: tuple[str, ...], message: str) -> None:
    answered = predict(door, *options)

    assert answered.exit == 2
    assert message in answered.err
    assert len(answered.err.strip().splitlines()) == 1
