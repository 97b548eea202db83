"""What a run does not do, and the words in which it says so."""

import pytest

from tests.cases import newest, writes
from tests.contract.rules import STORED, apply, rule, rule_order, stored_rule, write_rules
from tests.door import Door, keep_mail
from tests.emulated import SIGN_IN
from tests.schools import few_people

pytestmark = few_people

SAFEGUARDING = "safeguarding@example-primary.example"


def test_a_rule_that_could_stop_protected_mail_is_refused_and_names_the_mailbox(bare_door: Door) -> None:
    write_rules(
        bare_door, rule("Stop programs", attachment_has_executable_content=True, delete_message=True), rule("Tag")
    )

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 5
    assert f"delay mail of {SAFEGUARDING}" in answer.out
    assert "10-rules.yaml:6" in answer.out
    assert rule_order(bare_door)[-1] == "Tag"


def test_a_rule_that_spares_protected_mail_is_made(bare_door: Door) -> None:
    spared = {"except_if_from": [SAFEGUARDING], "except_if_sent_to": [SAFEGUARDING]}
    write_rules(bare_door, rule("Stop programs", attachment_has_executable_content=True, delete_message=True, **spared))

    apply(bare_door)

    assert rule_order(bare_door)[-1] == "Stop programs"


def test_a_rule_that_names_nobody_the_tenant_knows_is_refused_at_its_line(bare_door: Door) -> None:
    nobody = "nobody@example-primary.example"
    write_rules(bare_door, rule("Tag"), rule("Office", prepend_subject="[office] ", sent_to=[nobody]))
    before = newest(bare_door)

    plan = bare_door.toolkit("plan")

    assert plan.exit == 5
    assert f"{nobody} is not a recipient in this tenant" in plan.out
    assert "10-rules.yaml:10" in plan.out
    assert writes(bare_door, before) == []
    assert bare_door.toolkit("apply", "--yes").exit == 5
    assert rule_order(bare_door)[-1] == "Tag"


def test_a_rule_for_an_address_of_another_domain_is_made_and_a_second_run_changes_nothing(bare_door: Door) -> None:
    outside = "Bursar@oak-primary.example"
    write_rules(
        bare_door, rule("Bursar", prepend_subject="[b] ", **{"from": [outside], "except_if_sent_to": [outside]})
    )

    assert bare_door.toolkit("apply", "--yes").exit == 0
    made = next(row for row in bare_door.tenant.objects("exchange.transportRules").values() if row["Name"] == "Bursar")
    assert [address.lower() for address in (*made["From"], *made["ExceptIfSentTo"])] == [outside.lower()] * 2
    assert bare_door.toolkit("plan").exit == 0


def test_recipients_that_could_not_be_asked_for_make_their_rules_unknown_and_no_others(bare_door: Door) -> None:
    write_rules(bare_door, rule("Office", prepend_subject="[office] ", sent_to=["office@example-primary.example"]))
    bare_door.tenant.fault("refused", "Get-Recipient")

    answer = bare_door.toolkit("apply", "--yes", "--json")

    assert answer.exit == 4
    assert [one["address"] for one in answer.json["unknown"]] == ["microsoft365.transport_rule[Office]"]
    assert "Office" not in rule_order(bare_door)


def test_turning_a_rule_on_that_only_reported_is_said(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag", prepend_subject="[Tag] ", rule_mode="Audit"))
    apply(bare_door)
    write_rules(bare_door, rule("Tag"))

    assert "the rule begins to act: until now it only reported (mode Audit)" in bare_door.toolkit("plan").out
    apply(bare_door)
    assert stored_rule(bare_door, "Tag")["Mode"] == "Enforce"


def test_more_than_a_third_changed_needs_a_flag_that_the_refusal_names(bare_door: Door) -> None:
    names = [f"Rule {number}" for number in range(11)]
    write_rules(bare_door, *(rule(name) for name in names))
    apply(bare_door)
    write_rules(bare_door, *(rule(name, prepend_subject="[changed] ") for name in names))
    before = newest(bare_door)

    plan, refused = bare_door.toolkit("plan"), bare_door.toolkit("apply", "--yes")

    assert (plan.exit, refused.exit) == (5, 5)
    assert "--allow-changes microsoft365.transport_rule" in plan.out
    assert "--allow-changes microsoft365.transport_rule" in refused.err
    assert writes(bare_door, before) == []
    apply(bare_door, "--allow-changes", "microsoft365.transport_rule")
    assert stored_rule(bare_door, "Rule 7")["PrependSubject"] == "[changed] "


def test_ten_changes_are_free_however_many_rules_there_are(bare_door: Door) -> None:
    write_rules(bare_door, *(rule(f"Rule {number}") for number in range(10)))
    apply(bare_door)
    write_rules(bare_door, *(rule(f"Rule {number}", prepend_subject="[changed] ") for number in range(10)))

    apply(bare_door)

    assert bare_door.toolkit("plan").exit == 0


@pytest.mark.parametrize("property_name", ["IsValid", "IsRuleConfigurationSupported"])
def test_a_rule_that_is_not_readable_is_unknown_and_not_written(property_name: str, bare_door: Door) -> None:
    write_rules(bare_door, rule("A"), rule("B"))
    apply(bare_door)
    bare_door.tenant.patch(STORED, stored_rule(bare_door, "A")["Guid"], **{property_name: False})
    write_rules(bare_door, rule("A", prepend_subject="[changed] "), rule("B", prepend_subject="[changed] "))

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 4
    assert "microsoft365.transport_rule[A]: could not be read, so toolkit does not change it" in answer.out
    assert [stored_rule(bare_door, name)["PrependSubject"] for name in "AB"] == ["[A] ", "[changed] "]


def test_a_group_that_is_empty_makes_its_controls_unknown_and_no_other(small_door: Door) -> None:
    keep_mail(small_door)
    groups = small_door.tenant.objects("groups")
    (staff,) = [key for key, body in groups.items() if body["mail"] == "all-staff@example-primary.example"]
    small_door.tenant.patch("members", staff, members=[])

    answer = small_door.toolkit("apply", "--yes", "--json")

    assert answer.exit == 0  # it never had anyone in it, so nothing is left undone
    assert [one.get("address", one["kind"]) for one in answer.json["unknown"]] == [
        "mail.out_of_office",
        "mail.daily_access",
        "mail.sendas_delegation",
        "microsoft365.transport_rule[School personal label]",
        "microsoft365.transport_rule[School language watch]",
    ]
    assert "School personal label" not in rule_order(small_door)
    assert "School disclaimer" in rule_order(small_door)


def test_the_playbooks_of_another_school_send_one_request_and_write_nothing(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"))
    school = bare_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("domain: example-primary.example", "domain: other.example"))
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    asked = [request for request in bare_door.tenant.requests(before) if request["service"] not in SIGN_IN]
    assert answer.exit == 2
    assert "wrong tenant" in answer.err
    assert [one["name"] for request in asked for one in request["operations"]] == ["GET /organization"]


def test_without_a_yes_nothing_is_written(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"))
    before = newest(bare_door)

    answer = bare_door.toolkit("apply")

    assert answer.exit == 5
    assert writes(bare_door, before) == []
