"""With whom pupils exchange mail, and words that are looked for: asked through the command line."""

from pathlib import Path
from typing import Any

import pytest

from tests.cases import protect_nobody
from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

RULES, POLICIES = "exchange.transportRules", "google.policies"
SENT, RECEIVED, WATCH = "School pupils: sent mail", "School pupils: received mail", "School language watch"
PUPILS = "- mail.pupil_scope: {for: pupils, outside: [google.com], act: audit}"
WORDS = ("zebra crossing", "ass", "c++ (old)")
LANGUAGE = (
    "- mail.language_watch:\n      for: staff\n      dpia: DPIA-2026-07\n      words_file: words.txt\n"
    "      reviewer: head@example-primary.example\n      reviewer_post: Head Teacher\n"
    "      exempt: {dsl: [beth.birchall@example-primary.example], union: [], hr: [], grievance: []}\n      act: report"
)


def _write(door: Door, entry: str, *words: str) -> None:
    door.write("words.txt", "\n".join(words or WORDS))
    head = "playbook: scope\ntitle: Scope\nowner: Head Teacher\nclauses: [GEN-13]\n\ncontrols:\n"
    door.write("36-scope.yaml", f"{head}  {entry}\n")


def _applied(door: Door) -> None:
    ended = door.toolkit("apply", "--yes")
    assert ended.exit == 0, ended.out + ended.err
    assert (door.toolkit("plan").exit, door.toolkit("drift").exit) == (0, 0)


def _rule(door: Door, name: str) -> dict[str, Any]:
    (found,) = [body for body in door.tenant.objects(RULES).values() if body["Name"] == name]
    return found


def test_mail_of_pupils_is_recorded_first_and_measured_by_the_schools_own_domains(bare_door: Door) -> None:
    _write(bare_door, PUPILS)

    _applied(bare_door)

    known = ["example-primary.example", "google.com"]
    sent, received = _rule(bare_door, SENT), _rule(bare_door, RECEIVED)
    assert (sent["Mode"], received["Mode"]) == ("Audit", "Audit")
    assert sent["FromMemberOf"] == received["SentToMemberOf"] == ["all-pupils@example-primary.example"]
    assert sent["ExceptIfRecipientDomainIs"] == received["ExceptIfSenderDomainIs"] == known
    # Inside the organisation are, in a tenant of several schools, the other schools too.
    assert sent["SentToScope"] is received["FromScope"] is None
    assert sent["ExceptIfFrom"] == ["safeguarding@example-primary.example"]


def test_mail_of_pupils_is_returned_once_fourteen_days_were_watched(bare_door: Door) -> None:
    audited = "audited: {from: 2026-10-01, until: 2026-10-15}"
    _write(bare_door, PUPILS.replace("act: audit", f"act: reject, {audited}"))

    _applied(bare_door)

    assert _rule(bare_door, SENT)["Mode"] == "Enforce"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("union: []", "union: [leadership@example-primary.example]", "leadership@example-primary.example is a group"),
        ("for: staff", "for: leadership", "a rule applies to units"),
    ],
)
def test_no_mail_is_looked_into_for_want_of_a_way_to_leave_it_out(
    before: str, after: str, message: str, google_door: Door
) -> None:
    _write(google_door, LANGUAGE.replace(before, after))

    answer = google_door.toolkit("apply", "--yes")

    assert answer.exit == 4
    assert message in answer.out
    assert WATCH not in str(google_door.tenant.objects(POLICIES))


@pytest.mark.parametrize(
    ("entry", "before", "after", "message"),
    [
        (PUPILS, "act: audit", "act: reject", "`audited` with 14 days or more"),
        (PUPILS, "act: audit", "act: reject, audited: {from: 2026-10-01, until: 2026-10-14}", "14 days or more"),
        (PUPILS, "for: pupils", "for: everyone", "cannot be for everyone. Name a role, such as pupils"),
        (LANGUAGE, "      dpia: DPIA-2026-07\n", "", "dpia"),
        (LANGUAGE, "reviewer_post: Head Teacher", "reviewer_post: IT Technician", "Name a post outside IT"),
        (LANGUAGE, ", grievance: []", "", "grievance"),
        (LANGUAGE, "dsl: [beth.birchall@example-primary.example]", "dsl: []", "dsl"),
    ],
)
def test_what_would_go_too_far_is_refused(entry: str, before: str, after: str, message: str, bare_door: Door) -> None:
    assert before in entry
    _write(bare_door, entry.replace(before, after))

    answer = bare_door.toolkit("validate")

    assert answer.exit == 2
    assert message in answer.out + answer.err


def test_whole_words_are_looked_for_and_the_message_itself_is_in_no_report(bare_door: Door) -> None:
    _write(bare_door, LANGUAGE)

    _applied(bare_door)

    rule = _rule(bare_door, WATCH)
    assert r"\bass\b" in rule["SubjectOrBodyMatchesPatterns"]
    assert r"\bc\+\+\ \(old\)" in rule["SubjectOrBodyMatchesPatterns"]  # ends with a sign, where no word ends
    assert sorted(rule["IncidentReportContent"]) == ["Recipients", "Sender", "Subject"]
    spared = {f"{name}@example-primary.example" for name in ("beth.birchall", "safeguarding", "head")}
    assert set(rule["ExceptIfFrom"]) == set(rule["ExceptIfSentTo"]) == spared
    assert rule["Quarantine"] is rule["DeleteMessage"] is False
    assert rule["RejectMessageReasonText"] is None


def test_the_rule_of_google_leaves_out_those_who_are_exempt(google_door: Door) -> None:
    _write(google_door, LANGUAGE.replace("union: []", "union: [m.o'neill@example-primary.example]"))

    _applied(google_door)

    settings = [policy["setting"] for policy in google_door.tenant.objects(POLICIES).values()]
    rule = next(one["value"] for one in settings if WATCH in str(one) and "rule.dlp" in one["type"])
    condition = rule["condition"]["contentCondition"]
    assert condition.count("!all_headers.contains") == 4
    assert r"'m.o\'neill@example-primary.example'" in condition
    assert "'beth.birchall@example-primary.example'" in condition


def test_neither_words_nor_what_is_found_get_into_a_report_for_governors(small_door: Door, tmp_path: Path) -> None:
    for path in small_door.playbooks.glob("[1-9]*.yaml"):
        if path.name != "37-language-watch.yaml":
            path.unlink()
    protect_nobody(small_door)
    sample, words = small_door.playbooks / "37-language-watch.yaml", small_door.playbooks / "text/watched-words.txt"
    sample.write_text(sample.read_text().replace("act: count", "act: report"))
    export = ("audit", "export", small_door.playbooks, "--pack", "governors,evidence", "--format")
    words.write_text("zebra crossing")
    assert small_door.toolkit("apply", "--yes").exit == 0
    assert small_door(*export, "json", "-o", tmp_path / "1").exit in {0, 4}

    words.write_text("zebra crossing\nyellow submarine")
    assert small_door.toolkit("apply", "--yes").exit == 0
    rules = small_door.tenant.objects(RULES)
    key = next(key for key, rule in rules.items() if rule["Name"] == WATCH)
    small_door.tenant.patch(RULES, key, SubjectOrBodyMatchesPatterns=[r"\bpurple rain\b"])
    assert small_door.toolkit("drift").exit == 3
    assert small_door(*export, "json,html,csv", "-o", tmp_path / "2").exit in {0, 4}

    written = "".join(path.read_text() for path in tmp_path.glob("[12]/*"))
    assert WATCH in written
    assert "not shown in reports" in written
    assert [word for word in ("zebra", "submarine", "purple") if word in written] == []
