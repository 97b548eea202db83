"""Attacks on the slices of schools: who moves, who leaves, what is split and what comes together again."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cases import newest, writes
from tests.door import CommandResult, Door
from tests.emulated import Emulator, Tenant
from tests.trust.tree_schools import open_tree_door, write_trust
from toolkit import api
from toolkit.settings.school_folder import find_school_folder
from toolkit.settings.settings import checked_settings

HEAD = "playbook: rules\ntitle: Rules\nowner: Chief Executive\ncontrols:\n"
DISCLAIMER = (
    "  - mail.disclaimer: {for: everyone, scope: all, text_file: text.html, phrase: from our trust, beside: true}\n"
)
TEXT = "<p>Sent from our trust.</p>"
DECIDES = "decides: {school: [mail.disclaimer]}\n"
WIDE = ("--yes", "--reach", "1000", "--lose", "1000")


@pytest.fixture
def door(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    with open_tree_door(emulator, tmp_path) as opened:
        yield opened


def _write(door: Door, schools: list[str], own: dict[str, str] | None = None, text: str = TEXT) -> Path:
    """Write a trust, in which some schools have another text, and return its folder."""
    folder = door.playbooks.parent / "trust"
    write_trust(
        folder, door.tenant, schools, HEAD + DISCLAIMER, decides=DECIDES,
        own=dict.fromkeys(own or {}, HEAD + DISCLAIMER), texts={"text.html": text},
    )  # fmt: skip
    for name, text_of_school in (own or {}).items():
        (folder / "schools" / name.lower() / "text.html").write_text(text_of_school)
    (folder / "trust.yaml").write_text((folder / "trust.yaml").read_text() + _homes(schools))
    return folder


def _homes(schools: list[str]) -> str:
    named = ", ".join(f"{school.title()}: {school}" for school in schools)
    return f"people: {{home_from: department, homes: {{{named}}}}}\n"


def _apply(door: Door, folder: Path, *options: str) -> CommandResult:
    applied = door("apply", folder, *WIDE, *options)
    assert applied.exit == 0, applied.out + applied.err
    return applied


def _rules(tenant: Tenant) -> dict[str, list[str]]:
    """Return the groups of each disclaimer of the trust by the rule's name."""
    rules: list[dict[str, Any]] = list(tenant.objects("exchange.transportRules").values())
    return {
        str(rule["Name"]): sorted(group.partition("-")[0] for group in rule["FromMemberOf"])
        for rule in rules
        if str(rule["Name"]).startswith("School disclaimer")
    }


def test_a_school_that_leaves_leaves_its_own_rule_and_changes_nothing_of_others(door: Door) -> None:
    schools = ["OAK", "ELM", "ASH"]
    text = "<p>{{school.name}}. Sent from our trust.</p>"
    _apply(door, _write(door, schools, text=text))
    before = newest(door)

    left = _apply(door, folder := _write(door, schools[:2], text=text))

    assert writes(door, before) == []
    assert "School disclaimer (ASH)" in left.out
    assert _rules(door.tenant)["School disclaimer (ASH)"] == ["ash"]
    _apply(door, folder, "--prune")
    assert _rules(door.tenant).keys() == {"School disclaimer (OAK)", "School disclaimer (ELM)"}


def test_a_split_rule_keeps_its_name_if_the_school_that_gave_it_leaves(door: Door) -> None:
    own = dict.fromkeys(["OAK", "ELM"], "<p>Our own text, from our trust.</p>")
    _apply(door, _write(door, ["OAK", "ELM", "ASH"], own))
    before = newest(door)

    _apply(door, folder := _write(door, ["ELM", "ASH"], own))

    assert _rules(door.tenant) == {"School disclaimer": ["ash"], "School disclaimer (OAK)": ["elm"]}
    assert writes(door, before) == ["Set-TransportRule"]
    assert door("plan", folder).exit == 0


def test_a_school_that_joins_before_the_others_renames_no_rule(door: Door) -> None:
    own = dict.fromkeys(["OAK", "ELM", "BIRCH"], "<p>Our own text, from our trust.</p>")
    _apply(door, _write(door, ["ELM", "ASH"], own))
    assert _rules(door.tenant)["School disclaimer (ELM)"] == ["elm"]

    _apply(door, folder := _write(door, ["BIRCH", "ELM", "ASH"], own))

    assert _rules(door.tenant) == {"School disclaimer": ["ash"], "School disclaimer (ELM)": ["birch", "elm"]}
    assert door("plan", folder).exit == 0


@pytest.mark.parametrize("options", [(), ("--school", "OAK")], ids=["all schools", "one school"])
def test_a_school_without_a_value_of_its_own_any_more_has_one_rule(door: Door, options: tuple[str, ...]) -> None:
    own = {"OAK": "<p>Our own text, from our trust.</p>"}
    _apply(door, _write(door, ["OAK", "ASH"], own))
    assert _rules(door.tenant) == {"School disclaimer": ["ash"], "School disclaimer (OAK)": ["oak"]}

    _apply(door, folder := _write(door, ["OAK", "ASH"]), *options)

    assert _rules(door.tenant) == {"School disclaimer": ["ash", "oak"]}
    assert door("plan", folder).exit == 0


def test_a_school_that_wants_another_value_leaves_the_rule_of_the_others_as_it_is(door: Door) -> None:
    own = dict.fromkeys(["OAK", "ELM"], "<p>Our own text, from our trust.</p>")
    _apply(door, _write(door, ["OAK", "ELM", "ASH"], own))

    _apply(door, folder := _write(door, ["OAK", "ELM", "ASH"], {**own, "ELM": "<p>Elm, from our trust.</p>"}))

    assert _rules(door.tenant) == {
        "School disclaimer": ["ash"],
        "School disclaimer (OAK)": ["oak"],
        "School disclaimer (ELM)": ["elm"],
    }
    assert door("plan", folder).exit == 0


@pytest.mark.parametrize("has_equal_texts", [True, False], ids=["equal texts", "different texts"])
def test_a_message_gets_one_disclaimer(door: Door, *, has_equal_texts: bool) -> None:
    schools = ["OAK", "ELM", "ASH"]
    text = TEXT if has_equal_texts else "<p>{{school.name}}. Sent from our trust.</p>"
    _apply(door, _write(door, schools, text=text))
    groups = {group["mail"]: key for key, group in door.tenant.objects("groups").items() if group["mail"]}
    people = door.tenant.objects("users")
    senders = {
        str(people[person]["mail"]): str(people[person]["department"])
        for school in schools
        for person in door.tenant.read_object("members", groups[f"{school.lower()}-all@harbour.example"])["members"]
        if people[person]["department"].upper() in schools
    }

    messages = [{"from": sender, "to": ["parent@home.example"], "authenticated": True} for sender in senders]
    outcomes = door.tenant.deliver("microsoft365", *messages)

    assert len(senders) > 50
    for (outcome,), home in zip(outcomes, senders.values(), strict=True):
        ours = [name for name in outcome["disclaimers"] if "School disclaimer" in str(name)]
        assert len(ours) == 1, outcome
        assert has_equal_texts or f"({home.upper()})" in str(ours[0])
    assert len(_rules(door.tenant)) == (1 if has_equal_texts else 3)


def _plan_of(door: Door, folder: Path) -> dict[str, Any]:
    planned: dict[str, Any] = door("plan", folder, "--json").json
    return {row["school"]: row for row in planned["schools"]}


def test_a_plan_counts_whom_it_reaches_for_each_school(door: Door) -> None:
    folder = _write(door, ["OAK", "ASH"])

    shown = door("plan", folder)

    assert "For each school (limits apply to each):" in shown.out
    assert "  OAK: 1 change, up to 21 people, 1 object for the first time\n" in shown.out
    by_school = _plan_of(door, folder)
    assert by_school["ASH"] == {
        "school": "ASH", "changes": 1, "most_people": 21, "most_devices": 0, "first_objects": 1
    }  # fmt: skip


def test_a_second_school_needs_no_permission_to_reach_its_people_for_the_first_time(door: Door) -> None:
    folder = _write(door, ["OAK", "ASH", "BEECH", "BIRCH"])
    groups = {group["mail"]: key for key, group in door.tenant.objects("groups").items() if group["mail"]}
    rowan, birch = (groups[f"{tree}-all@harbour.example"] for tree in ("rowan", "birch"))
    members = [
        *door.tenant.read_object("members", birch)["members"],
        *door.tenant.read_object("members", rowan)["members"],
    ]
    door.tenant.put("members", birch, {"members": members})  # 42 people, more than a change may add
    assert door("apply", folder, "--yes", "--school", "OAK").exit == 0

    rest = door("apply", folder, "--yes")

    assert rest.exit == 0, rest.out + rest.err
    assert _rules(door.tenant) == {"School disclaimer": ["ash", "beech", "birch", "oak"]}


def test_the_limit_on_lost_cover_is_counted_for_each_school(door: Door) -> None:
    schools = ["OAK", "ASH", "BEECH", "BIRCH"]
    folder = _write(door, schools)
    assert door("apply", folder, "--yes").exit == 0
    (folder / "base" / "10.yaml").write_text(HEAD + DISCLAIMER.replace("everyone", "pupils"))

    planned = door("plan", folder, "--json")

    losses = {row["school"]: row["people"] for row in planned.json["no_longer_covered"]}
    assert losses == dict.fromkeys(schools, 7)
    assert planned.json["limits"] == []  # 28 people together, but 7 of each school
    assert "! OAK: 7 people no longer covered by " in door("plan", folder).out


def _move_pupil(tenant: Tenant, before: str, after: str) -> str:
    """Move a pupil to the groups and the unit of another school, and return the address."""
    groups = {group["mail"]: key for key, group in tenant.objects("groups").items() if group["mail"]}
    members = {
        (tree, part): tenant.read_object("members", groups[f"{tree}-{part}@harbour.example"])["members"]
        for tree in (before, after)
        for part in ("all", "pupils")
    }
    pupil = members[before, "pupils"][-1]
    for part in ("all", "pupils"):
        kept = [person for person in members[before, part] if person != pupil]
        tenant.put("members", groups[f"{before}-{part}@harbour.example"], {"members": kept})
        tenant.put("members", groups[f"{after}-{part}@harbour.example"], {"members": [*members[after, part], pupil]})
    address = str(tenant.read_object("users", pupil)["mail"])
    for key, user in tenant.objects("google.users").items():
        if user["primaryEmail"] == address:
            tenant.patch("google.users", key, orgUnitPath=f"/{after.title()}/Pupils")
    return address


def test_a_pupil_who_moves_between_the_read_and_the_write_gets_the_new_schools_text_at_the_next_run(
    door: Door,
) -> None:
    rules = HEAD + DISCLAIMER.replace("everyone", "pupils")
    trust = write_trust(
        door.playbooks.parent / "trust", door.tenant, ["OAK", "ASH"], rules, clouds=["google_workspace"],
        texts={"text.html": "<p>{{school.name}}. Sent from our trust.</p>"},
    )  # fmt: skip
    settings = checked_settings(find_school_folder(trust), {**door.variables})
    moved: list[str] = []

    def move_and_agree(_report: api.Report) -> bool:
        moved.append(_move_pupil(door.tenant, "oak", "ash"))
        return True

    playbooks = api.load(trust)
    api.apply(playbooks, move_and_agree, api.Selection(reach=1000), settings=settings)
    at_first = _signature(door.tenant, moved[0])
    planned = door("plan", trust, "--json").json
    again = door("apply", trust, "--yes")

    assert "Oak Primary School" in at_first
    assert [change["address"].partition("[")[0] for change in planned["changes"]] == ["google_workspace.signature"]
    assert again.exit == 0
    assert "Ash Primary School" in _signature(door.tenant, moved[0])
    assert "Oak Primary School" not in _signature(door.tenant, moved[0])
    assert door("plan", trust).exit == 0


def _signature(tenant: Tenant, address: str) -> str:
    rows = tenant.objects("gmail.sendAs").values()
    return next(str(row["signature"]) for row in rows if row["sendAsEmail"] == address)


def test_a_saved_plan_is_not_applied_after_a_pupil_has_moved(door: Door, tmp_path: Path) -> None:
    rules = HEAD + DISCLAIMER.replace("everyone", "pupils")
    trust = write_trust(
        door.playbooks.parent / "trust", door.tenant, ["OAK", "ASH"], rules, clouds=["google_workspace"],
        texts={"text.html": "<p>{{school.name}}. Sent from our trust.</p>"},
    )  # fmt: skip
    plan = tmp_path / "monday.plan"
    assert door("plan", trust, "-o", plan).exit == 3
    _move_pupil(door.tenant, "oak", "ash")
    before = newest(door)

    refused = door("apply", plan, "--playbooks", trust, "--yes")

    assert refused.exit == 5
    assert "is not the plan that would be applied now" in refused.err
    assert writes(door, before) == []


def test_two_groups_with_the_same_name_are_unknown_and_nothing_is_written(door: Door) -> None:
    folder = _write(door, ["OAK", "ASH"])
    (folder / "base" / "10.yaml").write_text(
        f"{HEAD}  - device.compliance: {{for: devices, platforms: [windows], lock_minutes: 10}}\n"
    )
    text = (folder / "trust.yaml").read_text()
    for tree in ("oak", "ash"):
        text = text.replace(f"{tree}-staff@harbour.example", f"{tree}-staff@harbour.example, devices: {tree}-devices")
    (folder / "trust.yaml").write_text(text)
    groups = {group["displayName"]: key for key, group in door.tenant.objects("groups").items()}
    door.tenant.patch("groups", groups["elm-devices"], displayName="oak-devices")

    planned = door("plan", folder, "--json")
    applied = door("apply", folder, "--yes")

    assert applied.exit == 4, applied.out + applied.err
    (unknown,) = {row["reason"] for row in planned.json["unknown"]}
    assert "there are 2 groups called oak-devices. Use the group's address or id instead" in unknown
    assert writes(door, 0) == []


def test_two_schools_with_the_same_name_share_a_rule(door: Door) -> None:
    folder = _write(door, ["OAK", "ASH"], text="<p>{{school.name}}. Sent from our trust.</p>")
    text = (folder / "trust.yaml").read_text()
    (folder / "trust.yaml").write_text(text.replace("Oak Primary", "St Mary's").replace("Ash Primary", "St Mary's"))

    _apply(door, folder)

    assert list(_rules(door.tenant).values()) == [["ash", "oak"]]
    assert door("plan", folder).exit == 0
