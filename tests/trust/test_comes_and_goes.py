"""Two schools are compared before one joins, and a school sees what happens if it leaves. Nothing is changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cases import newest, writes
from tests.door import Door, ask, open_door
from tests.emulated import FEW_PEOPLE, Emulator
from tests.trust.tree_schools import open_tree_door, write_trust
from toolkit.api.school_files import load_school

HEAD = "playbook: rules\ntitle: Rules\nowner: Chief Executive\ncontrols:\n"
DISCLAIMER = (
    "  - mail.disclaimer: {for: everyone, scope: all, text_file: text.html, phrase: from our trust, beside: true}\n"
)
EXTERNAL_TAG = "  - mail.external_tag: {for: everyone}\n"


@pytest.fixture
def door(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    with open_tree_door(emulator, tmp_path) as opened:
        yield opened


def test_the_playbooks_of_a_lone_school_are_planned_against_another_and_never_applied(
    emulator: Emulator, tmp_path: Path
) -> None:
    doors = []
    for name in ("oak", "elm"):
        (tmp_path / name).mkdir()
        doors.append(open_door(emulator.borrow_tenant(**FEW_PEOPLE), tmp_path / name, samples=False))
    oak, elm = doors
    oak.write("10.yaml", HEAD + DISCLAIMER + EXTERNAL_TAG)
    oak.write("text.html", "<p>Sent from our trust.</p>")
    oak.write("00-school.yaml", (oak.playbooks / "00-school.yaml").read_text().replace("mode: check", "mode: enforce"))
    ledger = elm.state / "emulator" / "ledger.db"

    compared = elm("compare", oak.playbooks, elm.playbooks, "--json")
    shown = elm("compare", oak.playbooks, elm.playbooks)

    assert compared.exit == 3, compared.out + compared.err
    assert compared.json["tenants"]["microsoft365"] == elm.tenant.tenant_id
    assert compared.json["playbooks_of"] == str(oak.playbooks)
    rule = "microsoft365.transport_rule[School disclaimer]"
    assert rule in {change["address"] for change in [*compared.json["changes"], *compared.json["checked"]]}
    assert f"The playbooks of {oak.playbooks}, planned against {elm.playbooks}. Nothing is applied." in shown.out
    assert (writes(elm, 0), oak.tenant.requests(), ledger.exists()) == ([], [], False)
    for request in elm.tenant.requests():
        assert not any(operation["write"] for operation in request["operations"])


def test_a_role_that_the_other_school_lacks_makes_its_controls_unknown(emulator: Emulator, tmp_path: Path) -> None:
    doors = []
    for name in ("oak", "elm"):
        (tmp_path / name).mkdir()
        doors.append(open_door(emulator.borrow_tenant(**FEW_PEOPLE), tmp_path / name, samples=False))
    oak, elm = doors
    text = (oak.playbooks / "00-school.yaml").read_text()
    assert "\nroles:\n" in text
    oak.write("00-school.yaml", text.replace("\nroles:\n", "\nroles:\n  choir: {microsoft365: x@example.org}\n"))
    oak.write("10.yaml", HEAD + DISCLAIMER.replace("everyone", "choir"))
    oak.write("text.html", "<p>Sent from our trust.</p>")

    compared = elm("compare", oak.playbooks, elm.playbooks)

    assert compared.exit == 4, compared.out + compared.err
    assert "10.yaml:5: mail.disclaimer is not compared, because the other school has no role choir" in compared.out


def test_two_schools_of_a_trust_are_compared_within_the_slice_of_the_second(door: Door, tmp_path: Path) -> None:
    trust = write_trust(
        tmp_path / "trust", door.tenant, ["OAK", "ASH"], HEAD + DISCLAIMER,
        decides="decides: {school: [mail.disclaimer]}\n", own={"OAK": HEAD + DISCLAIMER},
        texts={"text.html": "<p>Sent from our trust.</p>"},
    )  # fmt: skip
    (trust / "schools" / "oak" / "text.html").write_text("<p>Oak, from our trust.</p>")
    assert door("apply", trust, "--yes").exit == 0
    before = newest(door)

    same = door("compare", "ASH", "ASH", "--trust", trust)
    compared = door("compare", "OAK", "ASH", "--trust", trust, "--json")
    wrong = door("compare", "OAK", "ELF", "--trust", trust)

    assert (same.exit, compared.exit, wrong.exit) == (0, 3, 2), compared.out + compared.err
    addresses = {change["address"] for change in compared.json["changes"]}
    assert all("School disclaimer" in address for address in addresses)
    assert addresses
    assert "ELF is neither a folder nor a school of the trust" in wrong.err
    assert writes(door, before) == []


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("nowhere", "{elm}"), "nowhere is not a folder. Name two folders of playbooks, or two schools of a trust"),
        (("{elm}", "{elm}", "--tenant", "main"), "--tenant is only for two schools of a trust"),
        (("OAK", "ELM"), "there is no trust.yaml in "),
    ],
)
def test_a_wrong_comparison_is_one_clear_error(
    door: Door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...], problem: str
) -> None:
    monkeypatch.chdir(tmp_path)

    refused = door("compare", *(word.format(elm=door.playbooks) for word in words))

    assert (refused.exit, problem in refused.err) == (2, True), refused.err
    assert load_school(door.playbooks).playbooks == ()


def test_a_leave_plan_says_what_goes_what_stays_and_with_whom(door: Door, tmp_path: Path) -> None:
    trust = write_trust(
        tmp_path / "trust", door.tenant, ["OAK", "ASH", "BEECH"], HEAD + DISCLAIMER + EXTERNAL_TAG,
        decides="decides: {school: [mail.disclaimer]}\n", own={"OAK": HEAD + DISCLAIMER},
        texts={"text.html": "<p>Sent from our trust.</p>"},
    )  # fmt: skip
    (trust / "schools" / "oak" / "text.html").write_text("<p>Oak, from our trust.</p>")

    oak, ash = (ask("trust", "leave-plan", name, "--trust", trust) for name in ("OAK", "ASH"))
    answer = ask("trust", "leave-plan", "OAK", "--trust", trust, "--json").json
    wrong = ask("trust", "leave-plan", "OKA", "--trust", trust)

    rule = "microsoft365.transport_rule[School disclaimer{}]"
    assert (oak.exit, ash.exit, wrong.exit) == (0, 0, 2), oak.err + ash.err
    (slice_,) = answer["tenants"]
    assert (slice_["own"], slice_["shared"], slice_["by_trust"]) == ([rule.format(" (OAK)")], [], 1)
    assert "1 object shared: the groups of ASH are taken out, the rest stays" in ash.out
    assert "legal holds on people of the school: the trust, until" in oak.out
    assert f"toolkit audit extract {trust} --school OAK (its part of the ledger, with the head)" in oak.out
    assert "--prune (deletes objects that only OAK had)" in oak.out
    assert "OKA is not a school of the trust: did you mean `OAK`?" in wrong.err
    assert door.tenant.requests() == []
