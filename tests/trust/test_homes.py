"""The home of a person in two schools: from a file, from a property of the directory, or from the person's unit."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.door import Door
from tests.emulated import Emulator, Tenant
from tests.trust.tree_schools import open_tree_door, write_trust

TEXT = "<p>{{school.name}}. Sent from our trust.</p>"
DISCLAIMER = """\
playbook: rules
title: Rules
owner: Chief Executive
controls:
  - mail.disclaimer: {for: everyone, scope: all, text_file: text.html, phrase: from our trust, beside: true}
"""
HOMES = "people: {home_from: department, homes: {Oak: OAK, Elm: ELM}}\n"


@pytest.fixture
def door(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    (tmp_path / "trust").mkdir()
    with open_tree_door(emulator, tmp_path) as opened:
        yield opened


def _teacher_of_two_schools(tenant: Tenant) -> str:
    groups = {group["mail"]: key for key, group in tenant.objects("groups").items() if group["mail"]}
    staff = [groups[f"{tree}-staff@harbour.example"] for tree in ("oak", "elm")]
    oak, elm = (set(tenant.read_object("members", key)["members"]) for key in staff)
    (both,) = oak & elm
    return str(tenant.read_object("users", both)["mail"])


def test_a_department_names_the_home_and_the_other_schools_rule_leaves_the_person_out(
    door: Door, tmp_path: Path
) -> None:
    trust = write_trust(tmp_path / "trust", door.tenant, ["OAK", "ELM"], DISCLAIMER, texts={"text.html": TEXT})
    teacher = _teacher_of_two_schools(door.tenant)

    without = door("plan", trust)
    (trust / "trust.yaml").write_text((trust / "trust.yaml").read_text() + HOMES)
    applied = door("apply", trust, "--yes")

    both = f"{teacher} is in oak-all@harbour.example (OAK) and elm-all@harbour.example (ELM)"
    assert (without.exit, applied.exit) == (2, 0), without.out + without.err + applied.out + applied.err
    assert f"{both}: write the address and one of these schools into the CSV file of `people:`" in without.err
    rules = {str(rule["Name"]): rule for rule in door.tenant.objects("exchange.transportRules").values()}
    assert rules["School disclaimer (ELM)"]["ExceptIfFrom"] == [teacher]
    assert not rules["School disclaimer (OAK)"]["ExceptIfFrom"]


@pytest.mark.parametrize(
    ("department", "problem"),
    [
        ("Ash", "its department is `Ash`. Set it to `Oak` or `Elm`"),
        (None, "its department is empty. Set it to `Oak` or `Elm`"),
    ],
)
def test_a_department_that_names_neither_school_is_an_error_with_both_groups(
    door: Door, tmp_path: Path, department: str | None, problem: str
) -> None:
    trust = write_trust(tmp_path / "trust", door.tenant, ["OAK", "ELM"], DISCLAIMER, texts={"text.html": TEXT})
    (trust / "trust.yaml").write_text((trust / "trust.yaml").read_text() + HOMES)
    teacher = _teacher_of_two_schools(door.tenant)
    (key,) = [key for key, user in door.tenant.objects("users").items() if user["mail"] == teacher]
    door.tenant.patch("users", key, department=department)

    planned = door("plan", trust)

    assert planned.exit == 2
    assert f"{teacher} is in oak-all@harbour.example (OAK) and elm-all@harbour.example (ELM): {problem}" in planned.err


def test_on_google_the_unit_is_the_home(door: Door, tmp_path: Path) -> None:
    roles = {"OAK": "roles: {choir: elm-staff@harbour.example}"}
    trust = write_trust(
        tmp_path / "trust", door.tenant, ["OAK", "ELM"], DISCLAIMER, clouds=["google_workspace"], more_on_google=roles,
        texts={"text.html": TEXT},
    )  # fmt: skip

    applied = door("apply", trust, "--yes", "--reach", "1000")

    assert applied.exit == 0, applied.out + applied.err
    people = {user["primaryEmail"]: user for user in door.tenant.objects("google.users").values()}
    rows = door.tenant.objects("gmail.sendAs").values()
    signatures = {row["sendAsEmail"]: row["signature"] for row in rows if "Sent from our trust" in row["signature"]}
    assert signatures
    for address, signature in signatures.items():
        school = people[address]["orgUnitPath"].split("/")[1]
        assert f"{school} Primary School" in signature
