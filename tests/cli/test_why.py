"""`toolkit why`: which entries ask for an object, and what was done to it."""

from tests.door import Door
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

DISCLAIMER = "microsoft365.transport_rule[School disclaimer]"
OFFICE = "microsoft365.transport_rule[Mark mail to the office]"
FORWARDING = "microsoft365.remote_domain[Default]"


def test_an_object_of_a_control_names_the_control_its_line_and_its_clauses(door: Door) -> None:
    answered = door("why", DISCLAIMER, door.playbooks)

    assert answered.exit == 0
    place = f"{door.playbooks}/30-mail-disclaimer.yaml:7"
    assert f"  asked for by mail.disclaimer at {place}" in answered.out
    assert "for EML-18, GEN-08; mode enforce, part mail rule: enforced" in answered.out
    assert "  apply_html_disclaimer_location: Append" in answered.out
    assert "  rule_mode: Enforce   (default)" in answered.out
    assert "other settings must be unset; `toolkit kinds microsoft365.transport_rule` lists them" in answered.out
    assert "The ledger has no record of this object" in answered.out
    assert not door.tenant.requests()


def test_each_setting_of_a_single_object_has_its_own_line(door: Door) -> None:
    told = door("why", OFFICE, door.playbooks, "--json").json

    origins = {one["path"]: one["origin"] for one in told["wanted"][0]["settings"]}
    assert origins["prepend_subject"].endswith("39-mail-rules.yaml:11")
    assert origins["rule_mode"] is None
    assert [one["by"] for one in told["asked_for"]] == ["microsoft365.transport_rule"]


def test_what_was_done_to_it_is_told_newest_first(applied_door: Door) -> None:
    rules = applied_door.tenant.objects("exchange.transportRules")
    key = next(key for key, rule in rules.items() if rule["Name"] == "Mark mail to the office")
    applied_door.tenant.patch("exchange.transportRules", key, PrependSubject="[x] ")
    applied_door.toolkit("apply", "--yes", "--only", OFFICE)

    answered = applied_door("why", OFFICE, applied_door.playbooks)
    history = applied_door("why", OFFICE, applied_door.playbooks, "--json").json["history"]

    assert "Last written by run " in answered.out
    assert '      prepend_subject: "[x] " -> "[office] "' in answered.out
    assert [one["action"] for one in history] == ["update", "create"]


def test_an_object_that_an_entry_for_all_speaks_of_is_explained_by_that_entry(applied_door: Door) -> None:
    answered = applied_door("why", FORWARDING, applied_door.playbooks)

    assert answered.exit == 0
    assert "asked for by mail.autoforward_block" in answered.out
    assert "which covers every object of the kind (*)" in answered.out
    assert "  auto_forward_enabled: false" in answered.out
    assert "  no other setting is managed" in answered.out
    assert "auto_forward_enabled: true -> false" in answered.out


def test_the_entry_for_all_can_be_asked_for_by_itself(door: Door) -> None:
    answered = door("why", "microsoft365.remote_domain[*]", door.playbooks)

    assert answered.exit == 0
    assert "Desired settings of every object of the kind (*), in mode enforce" in answered.out


def test_a_name_that_only_one_has_is_enough(door: Door) -> None:
    assert door("why", "school disclaimer", door.playbooks).out.splitlines()[0] == DISCLAIMER


def test_a_name_that_several_have_is_answered_with_all_of_them(applied_door: Door) -> None:
    answered = applied_door("why", "Default", applied_door.playbooks)

    assert answered.exit == 2
    assert "microsoft365.outbound_spam_policy[Default], microsoft365.remote_domain[Default]" in answered.err


def test_a_misspelt_address_is_answered_with_the_right_one(door: Door) -> None:
    answered = door("why", "microsoft365.transport_rule[School disclamer]", door.playbooks)

    assert answered.exit == 2
    assert answered.err.endswith(f"did you mean `{DISCLAIMER}`?\n")


def test_what_no_playbook_asks_for_any_more_is_still_remembered(applied_door: Door) -> None:
    (applied_door.playbooks / "39-mail-rules.yaml").unlink()

    answered = applied_door("why", OFFICE, applied_door.playbooks)

    assert answered.exit == 0
    assert "  no playbook asks for it" in answered.out
    assert "Last written by run " in answered.out


def test_playbooks_that_are_wrong_are_told_as_everywhere(door: Door) -> None:
    door.write("99-wrong.yaml", "playbook: wrong\nresources:\n  - microsoft365.transport_rule:\n")

    answered = door("why", OFFICE, door.playbooks)

    assert answered.exit == 2
    assert "99-wrong.yaml:3: " in answered.err


def test_a_control_is_no_object_and_the_message_says_what_explains_it(door: Door) -> None:
    answered = door("why", "mail.disclaimer", door.playbooks)

    assert answered.exit == 2
    assert "mail.disclaimer is a control: `toolkit kinds mail.disclaimer` explains it" in answered.err
