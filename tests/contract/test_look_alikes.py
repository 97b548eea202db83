"""Two objects that do one job are named whenever both exist, of whichever kinds they are."""

import pytest

from tests.cases import KINDS, newest, playbook, resource, writes
from tests.contract.rules import KIND, STORED, add_rule_by_hand, apply, rule, stored_rule, write_rules
from tests.door import Door
from tests.schools import few_people
from toolkit.sdk.providers import kinds

pytestmark = few_people

NATIVE = "microsoft365.external_in_outlook"
TAG = "External mail"
TEXT = "<p>Sent from Example Primary School</p>"
THEIRS = "Disclaimer (DO NOT DELETE)"
INCOMING = {"FromScope": "NotInOrganization", "SentToScope": "InOrganization", "PrependSubject": "[EXTERNAL] "}


def _native(**handling: object) -> str:
    return resource(NATIVE, "organisation", {"enabled": True, **handling})


def _tag(**handling: object) -> str:
    scopes = {"from_scope": "NotInOrganization", "sent_to_scope": "InOrganization"}
    return rule(TAG, **scopes, prepend_subject="[EXTERNAL] ", **handling)


def _disclaimer(**handling: object) -> str:
    return rule("School disclaimer", from_scope="InOrganization", apply_html_disclaimer_text=TEXT, **handling)


BANNER = {
    "PrependSubject": None,
    "ApplyHtmlDisclaimerText": "<p><b>[EXTERNAL]</b> Take care.</p>",
    "ApplyHtmlDisclaimerLocation": "Prepend",
    "SentTo": ["head@school.example"],
}


@pytest.mark.parametrize(
    "more", [{}, {"ExceptIfSenderDomainIs": ["trust.example"]}, {"SentTo": ["head@school.example"]}, BANNER]
)
def test_the_native_tag_is_asked_about_before_it_is_switched_on_beside_a_rule(
    more: dict[str, object], bare_door: Door
) -> None:
    add_rule_by_hand(bare_door, TAG, **INCOMING | more)
    write_rules(bare_door, _native())
    before = newest(bare_door)

    refused = bare_door.toolkit("apply", "--yes")
    write_rules(bare_door, _native(leave=True))
    left = bare_door.toolkit("apply", "--yes")

    text = f"! {NATIVE}[organisation]: {KIND}[{TAG}] does the same job and is unmanaged"
    assert (refused.exit, text in refused.out) == (5, True), refused.out
    assert "10-rules.yaml:6: set `beside: true` or `leave: true`" in refused.out
    assert (left.exit, f"'{TAG}' is left in place, as the playbook says" in left.out) == (0, True), left.out
    assert writes(bare_door, before) == []


def test_a_rule_that_appears_beside_the_native_tag_is_a_finding(bare_door: Door) -> None:
    write_rules(bare_door, _native())
    apply(bare_door)
    add_rule_by_hand(bare_door, TAG, **INCOMING)

    plan, drift = bare_door.toolkit("plan"), bare_door.toolkit("drift")

    text = f"! {NATIVE}[organisation]: unmanaged {KIND}[{TAG}] also does the same job, mark_external_mail"
    assert (plan.exit, text in plan.out) == (0, True)
    assert (drift.exit, text in drift.out) == (3, True)


def test_a_control_takes_both_answers_about_the_native_tag(bare_door: Door) -> None:
    add_rule_by_hand(bare_door, TAG, **INCOMING)
    control = "playbook: tag\ntitle: Tag\ncontrols:\n  - mail.external_tag: {ANSWERfor: everyone}\n"

    exits, ended = [], []
    for said in ("", "leave: true, ", "", "beside: true, "):
        bare_door.write("10-tag.yaml", control.replace("ANSWER", said))
        exits.append(bare_door.toolkit("apply", "--yes").exit)
        drift = bare_door.toolkit("drift").out
        ended += [line.rpartition(": ")[2] for line in drift.splitlines() if line.startswith("ended: ")]

    assert exits == [5, 0, 5, 0]
    assert ended == ["left in place, as the playbook says"] * 2
    assert [one["Enabled"] for one in bare_door.tenant.objects("exchange.externalInOutlook").values()] == [True]


def test_the_native_tag_is_named_before_a_rule_is_made_beside_it(bare_door: Door) -> None:
    write_rules(bare_door, _native())
    apply(bare_door)
    write_rules(bare_door, _tag())
    before = newest(bare_door)

    refused = bare_door.toolkit("apply", "--yes")

    assert refused.exit == 5
    assert f"{NATIVE}[organisation] does the same job and is managed, from an earlier apply" in refused.out
    assert "set `beside: true` and run with --prune" in refused.out
    assert writes(bare_door, before) == []


@pytest.mark.parametrize(
    "edit", [{"State": "Disabled"}, {"PrependSubject": "[office] ", "SentTo": ["a@school.example"]}]
)
def test_a_rule_that_is_off_or_marks_other_mail_is_no_double(edit: dict[str, object], bare_door: Door) -> None:
    add_rule_by_hand(bare_door, TAG, **{**INCOMING, **edit})
    write_rules(bare_door, _native())
    apply(bare_door)

    assert bare_door.toolkit("drift").exit == 0


def test_both_tags_in_the_playbooks_are_noted_and_no_finding(bare_door: Door) -> None:
    write_rules(bare_door, _native(), _tag())

    plan = bare_door.toolkit("plan")
    apply(bare_door)

    assert "does the same job, mark_external_mail, as this object, and both are in the playbooks (" in plan.out
    assert "10-rules.yaml:6" in plan.out
    assert bare_door.toolkit("drift").exit == 0


def test_six_rules_of_the_playbooks_with_one_job_are_noted_once(bare_door: Door) -> None:
    names = [f"Personal {number}" for number in range(1, 7)]
    marks = [{"subject_contains_words": ["personal"], "prepend_subject": f"[{name}] "} for name in names]
    write_rules(bare_door, *(rule(name, **mark) for name, mark in zip(names, marks, strict=True)))

    plan, notes = bare_door.toolkit("plan"), bare_door.toolkit("plan", "--json").json["notes"]

    lines = [line for line in plan.out.splitlines() if "the same job" in line]
    assert len(lines) == 1, plan.out
    assert f"* {KIND}[Personal 1], {KIND}[Personal 2], {KIND}[Personal 3] and 3 more: 6 objects in the" in lines[0]
    assert "playbooks do the same job, mark_by_subject (" in lines[0]
    assert [one["address"] for one in notes] == [f"{KIND}[{name}]" for name in names]

    words = {"Exams": ["exams"], "Both": ["exams", "trips"], "Trips": ["trips"]}
    write_rules(
        bare_door, *(rule(name, subject_contains_words=said, prepend_subject="[x] ") for name, said in words.items())
    )
    pairs = [(one["address"], one["other"]) for one in bare_door.toolkit("plan", "--json").json["notes"]]
    assert pairs == [(f"{KIND}[Both]", f"{KIND}[Exams]"), (f"{KIND}[Trips]", f"{KIND}[Both]")]


@pytest.mark.parametrize("handling", [{"beside": True}, {"leave": True}])
def test_what_the_playbook_says_of_a_double_is_said_again_and_no_finding(
    handling: dict[str, object], bare_door: Door
) -> None:
    write_rules(bare_door, _native())
    apply(bare_door)
    add_rule_by_hand(bare_door, TAG, **INCOMING)
    write_rules(bare_door, _native(**handling))

    drift = bare_door.toolkit("drift")

    assert drift.exit == 0
    assert f"* {NATIVE}[organisation]: {KIND}[{TAG}] also does the job mark_external_mail, which" in drift.out


def test_a_second_disclaimer_that_appears_beside_ours_is_a_finding_until_one_goes(bare_door: Door) -> None:
    write_rules(bare_door, _disclaimer())
    apply(bare_door)
    guid = add_rule_by_hand(bare_door, THEIRS, FromScope="InOrganization", ApplyHtmlDisclaimerText="<p>Old</p>")

    drift = bare_door.toolkit("drift", "--json")
    planned = bare_door.toolkit("apply", "--yes")
    bare_door.tenant.delete(STORED, guid)
    after = bare_door.toolkit("drift")

    assert drift.exit == 3
    assert [(one["what"], one["path"]) for one in drift.json["findings"]] == [("look_alike", THEIRS)]
    assert drift.json["doubles"][0]["job"] == "append_disclaimer"
    assert (planned.exit, stored_rule(bare_door, "School disclaimer")["ApplyHtmlDisclaimerText"]) == (0, TEXT)
    assert after.exit == 0
    assert f"ended: {KIND}[School disclaimer]" in after.out


@pytest.mark.parametrize(
    ("handling", "ended"),
    [
        ({"beside": True}, "left in place, as the playbook says"),
        ({"leave": True}, "left in place, as the playbook says"),
        ({"adopt": THEIRS}, "repaired by toolkit"),
    ],
)
def test_a_look_alike_that_stays_beside_ours_is_not_called_repaired(
    handling: dict[str, object], ended: str, bare_door: Door
) -> None:
    add_rule_by_hand(bare_door, THEIRS, FromScope="InOrganization", ApplyHtmlDisclaimerText="<p>Old</p>")
    write_rules(bare_door, _disclaimer())
    assert bare_door.toolkit("drift").exit == 3
    write_rules(bare_door, _disclaimer(**handling))
    assert bare_door.toolkit("apply", "--yes").exit == 0

    after = bare_door.toolkit("drift")

    (line,) = [line for line in after.out.splitlines() if line.startswith("ended:") and "the same job" in line]
    assert line.endswith(ended), after.out


def test_beside_goes_on_naming_both_disclaimers(bare_door: Door) -> None:
    add_rule_by_hand(bare_door, THEIRS, FromScope="InOrganization", ApplyHtmlDisclaimerText="<p>Old</p>")
    write_rules(bare_door, _disclaimer(beside=True))

    said = [bare_door.toolkit("plan").out, bare_door.toolkit("apply", "--yes").out, bare_door.toolkit("drift").out]

    assert all(f": {KIND}[{THEIRS}] also does the job append_disclaimer" in out for out in said)


def test_a_kind_that_nobody_asks_about_and_that_cannot_be_read_holds_nothing_up(bare_door: Door) -> None:
    add_rule_by_hand(bare_door, TAG, **INCOMING)
    bare_door.write("10-cases.yaml", playbook(_native()))
    bare_door.tenant.fault("refused", "Get-TransportRule", times=99)

    applied = bare_door.toolkit("apply", "--yes")

    assert applied.exit == 0
    assert (
        f"{NATIVE}[organisation]: a mail rule may also do the job mark_external_mail, but toolkit could not read any"
        in applied.out
    )


def test_a_double_whose_kind_cannot_be_read_is_not_called_gone(bare_door: Door) -> None:
    write_rules(bare_door, _native())
    apply(bare_door)
    add_rule_by_hand(bare_door, TAG, **INCOMING)
    (found,) = bare_door.toolkit("drift", "--json").json["findings"]
    bare_door.tenant.fault("refused", "Get-TransportRule", times=1)

    unread, again = bare_door.toolkit("drift", "--json"), bare_door.toolkit("drift", "--json")

    assert found["what"] == "look_alike"
    assert unread.json["fixed"] == []
    assert [(one["id"], one["state"]) for one in again.json["findings"]] == [(found["id"], "ongoing")]


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_declares_every_job_that_its_objects_have(name: str) -> None:
    provider, _, kind = name.partition(".")
    jobs = kinds(provider)[kind].jobs
    assert bool(jobs.names) == (jobs.of is not type(jobs)().of)
