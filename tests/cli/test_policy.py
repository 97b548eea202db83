"""`toolkit policy`: how each clause stands, why, since when, and what a hand in the tenant makes of it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.door import Door, keep_mail
from tests.schools import twenty_people

pytestmark = twenty_people

FOOTER = """\
attestations: mail
confirmed:
  - {control: mail.disclaimer, provider: google_workspace, part: append footer, by: Head Teacher, on: 2026-09-07}
"""


def _read_policy(door: Door) -> Mapping[str, Any]:
    told: Mapping[str, Any] = door.toolkit("policy", "--json").json
    assert sum(told["summary"].values()) == len(told["clauses"]) == 136
    return told


def _clause(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(one for one in told["clauses"] if one["clause"] == name)
    return found


def _only_the_disclaimer(door: Door) -> str:
    """Apply the playbook of the disclaimer alone, and give the key of its rule."""
    keep_mail(door)
    for path in door.playbooks.glob("3[1-9]-*.yaml"):
        path.unlink()
    door.write("90-attestations.yaml", FOOTER)
    assert door.toolkit("apply", "--yes").exit == 0
    rules = door.tenant.objects("exchange.transportRules")
    return next(key for key, rule in rules.items() if rule["Name"] == "School disclaimer")


def test_since_does_not_pass_over_what_a_drift_saw_between_two_reports(door: Door) -> None:
    rule = _only_the_disclaimer(door)
    assert _clause(_read_policy(door), "EML-18")["status"] == "met"
    states = {"2026-11-11T02:30:00": "Disabled", "2026-11-12T02:30:00": "Enabled", "2026-11-13T02:30:00": "Disabled"}

    told = {}
    for night, state in states.items():
        door.tenant.set_now(f"{night}Z")
        door.tenant.patch("exchange.transportRules", rule, State=state)
        assert door.toolkit("drift").exit == (0 if state == "Enabled" else 3)
        door.tenant.set_now(night.replace("02:30", "12:00") + "Z")
        if night > "2026-11-12":
            told[state] = _clause(_read_policy(door), "EML-18")

    assert (told["Enabled"]["status"], told["Enabled"]["since"]) == ("met", "2026-11-12T02:30:00+00:00")
    assert (told["Disabled"]["status"], told["Disabled"]["since"]) == ("not met", "2026-11-13T02:30:00+00:00")


def test_a_clause_follows_the_tenant_the_playbook_and_what_can_be_read(door: Door) -> None:
    _only_the_disclaimer(door)

    first = _read_policy(door)
    met = _clause(first, "EML-18")
    assert (met["status"], met["clouds"]) == ("met", {"microsoft365": "met", "google_workspace": "met"})
    assert met["since"] == first["now"]
    assert met["place"]["begins"] == "The School standard disclaimer"
    assert "confirmed by Head Teacher on 7 September 2026" in met["who_says"]
    assert any(one.startswith("read from Microsoft 365 at ") for one in met["who_says"])
    assert _clause(first, "SEC-05")["status"] == "not technical"
    assert _clause(first, "SEC-08")["because"] == ["no playbook asks for identity.idle_lock, so it is not checked"]
    assert first["first"][0] == "the review was due on 18 May 2024 and is 2 years and 5 months late"
    assert first["exit"] == 3

    door.tenant.set_now("2026-11-11T12:00:00Z")
    rules = door.tenant.objects("exchange.transportRules")
    key = next(key for key, rule in rules.items() if rule["Name"] == "School disclaimer")
    second = _read_policy(door)
    assert _clause(second, "EML-18")["since"] == met["since"]

    door.tenant.delete("exchange.transportRules", key)
    undone = _read_policy(door)
    told = _clause(undone, "EML-18")
    assert (told["status"], told["clouds"]) == ("not met", {"microsoft365": "not met", "google_workspace": "met"})
    assert told["because"] == ["mail.disclaimer, mail rule on Microsoft 365 is missing"]
    assert told["since"] == undone["now"] > met["since"]

    playbook = (door.playbooks / "30-mail-disclaimer.yaml").read_text()
    path = door.write("30-mail-disclaimer.yaml", playbook.replace("{decision: C18.scope}", "outgoing"))
    assert door.toolkit("apply", "--yes").exit == 0
    weak = _clause(_read_policy(door), "EML-18")
    assert (weak["status"], weak["who_says"]) == ("partly", ["the playbooks"])
    assert weak["because"] == [
        f"mail.disclaimer has `scope: outgoing` at {path}:9, and the policy requires `scope: all`"
    ]

    door.tenant.grant("reader", directory_roles=[])
    answered = door.toolkit("policy", "--json")
    blind = _clause(answered.json, "EML-18")
    assert (answered.exit, blind["status"]) == (3, "partly")
    less, unread = blind["because"]
    assert less == weak["because"][0]
    assert "mail rule on Microsoft 365" in unread
    assert "role" in unread
    assert answered.json["counts"]["unread"] > 0
    review = _clause(answered.json, "GOV-02")
    assert (review["status"], review["who_says"]) == ("not met", ["the policy document"])
    late = "the review was due on 18 May 2024 and is 2 years and 5 months late"
    assert answered.json["first"][0] == review["because"][0] == late
    assert answered.json["document"]["dates_from"] == "the policy document"


def test_what_the_document_lacks_is_said_first_and_what_nobody_works_at_last(bare_door: Door) -> None:
    bare_door.write("50-policy.yaml", _POLICY)
    bare_door.write("30-mail.yaml", "playbook: mail\ncontrols:\n  - mail.external_tag: {for: everyone}\n")

    lines = bare_door.toolkit("policy").out.splitlines()

    assert lines[3:8] == [
        "! UNRATIFIED: the governors have not adopted this policy",
        "! the policy document: the date of the next review is blank",
        "! the policy document: the date of ratification is blank",
        "! the policy document: the copy is unsigned: who signed it and the date of signing are blank",
        "! the policy document: the policy's list of versions is blank",
    ]
    assert lines[-4:] == [
        "",
        "No playbook or register names 1 clause: SYS-16",
        "",
        "Policy: 3 clauses: 1 not met, 1 not technical, 1 not checked.",
    ]
    assert "! SYS-04  not met             Strangers are known." in lines
    assert "    mail.external_tag, native tag on Microsoft 365 is not as the playbooks say (enabled)" in lines


def test_one_clause_is_shown_alone_and_another_word_is_refused(
    bare_door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_door.write("50-policy.yaml", _POLICY)
    bare_door.write("30-mail.yaml", "playbook: mail\ncontrols:\n  - mail.external_tag: {for: everyone}\n")
    monkeypatch.chdir(bare_door.playbooks.parent)

    alone, named = bare_door("policy", "SYS-04"), bare_door("policy", bare_door.playbooks, "SYS-04", "--json")
    before = bare_door("policy", "SYS-04", bare_door.playbooks, "--json")
    wrong = bare_door("policy", "SYS-40")

    assert [line for line in alone.out.splitlines() if line.startswith("! SYS-04") or "SYS-16" in line] == [
        "! SYS-04  not met             Strangers are known."
    ]
    assert alone.out.splitlines()[-1] == "Policy: 1 clause: 1 not met."
    assert [clause["clause"] for clause in named.json["clauses"]] == ["SYS-04"]
    assert [clause["clause"] for clause in before.json["clauses"]] == ["SYS-04"]
    message = "`SYS-40` is neither a playbook folder nor a clause of the policy: did you mean `SYS-04`?"
    assert (wrong.exit, wrong.err) == (2, f"toolkit: {message}\n")


def test_validate_says_what_is_less_than_enough_and_which_clause_nobody_names(bare_door: Door) -> None:
    bare_door.write("50-policy.yaml", _POLICY)
    bare_door.write("30-mail.yaml", "playbook: mail\ncontrols:\n  - mail.external_tag: {for: staff}\n")

    answered = bare_door.toolkit("validate")
    told = json.loads(bare_door.toolkit("validate", "--json").out)

    assert answered.exit == 0
    assert answered.out.splitlines()[1:] == [*told["below_floor"], "no playbook or register names 1 clause: SYS-16"]
    path = bare_door.playbooks / "30-mail.yaml"
    assert told["below_floor"] == [
        f"mail.external_tag has `for: staff` at {path}:3, and the policy requires `for: everyone`"
    ]
    assert (told["clauses"], told["unmentioned"]) == (3, ["SYS-16"])


def test_playbooks_without_a_policy_are_told_what_is_missing(bare_door: Door) -> None:
    answered = bare_door.toolkit("policy")

    assert answered.exit == 2
    assert "no file of these playbooks begins with `policy:`" in answered.err
    assert not bare_door.tenant.requests()


_POLICY = """\
policy: systems
section: Systems
owner: Head Teacher
document: {title: The policy}
clauses:
  - clause: SYS-04
    says: Strangers are known.
    class: settable
    place: {paragraph: 2, begins: opening any documents}
    controls: [mail.external_tag]
    floor: [{control: mail.external_tag, covers: everyone}]
  - {clause: SYS-16, says: Mail is searched., class: visible, place: {paragraph: 12, begins: The School}}
  - {clause: SYS-22, says: Misuse has consequences., class: people, place: {paragraph: 14, begins: Misuse}}
"""

_SECTION = "policy: equipment\nsection: Equipment\nowner: Head Teacher\nclauses:\n"
_SEC_03 = """\
  - clause: SEC-03
    says: Passwords are long and mixed.
    class: settable
    place: {paragraph: 2, begins: contains at least 8}
    controls: [identity.password_policy]
    floor: [{control: identity.password_policy, setting: length, at_least: 8}]
"""


def test_a_password_of_eight_is_what_the_policy_says_only_where_somebody_decided_that_it_is(bare_door: Door) -> None:
    bare_door.write("50-policy.yaml", _SECTION + _SEC_03)
    asked = "playbook: accounts\ncontrols:\n  - identity.password_policy: {for: staff, length: 8, strong: false}\n"

    bare_door.write("10-accounts.yaml", asked)
    literal = _clause(bare_door.toolkit("policy", "--json").json, "SEC-03")
    bare_door.write("10-accounts.yaml", asked.replace("}", ", composition: strength_equivalent}"))
    decided = _clause(bare_door.toolkit("policy", "--json").json, "SEC-03")

    assert (literal["clouds"]["microsoft365"], decided["clouds"]["microsoft365"]) == ("partly", "met")
    told = {one["reason"].partition(": ")[2] for one in literal["evidence"] if one["provider"] == "microsoft365"}
    assert told == {
        "Entra requires 8 characters in every password, which cannot be changed",
        "Microsoft does not require a mix of letters, numbers and special characters in schools",
    }
    assert {one["who_says"] for one in decided["evidence"] if one["provider"] == "microsoft365"} == {
        "the design of Microsoft 365"
    }
