"""An import writes playbooks that load and agree with the tenant, and names once what it cannot write."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

from tests.contract import import_seeds
from tests.contract.import_seeds import Seeded
from tests.door import GOOGLE, MICROSOFT, CommandResult, Door
from tests.emulated import FEW_PEOPLE
from tests.schools import Schools
from toolkit.playbook.load import load
from toolkit.printable import printable
from toolkit.sdk.providers import kinds

Import = tuple[Door, Sequence[Seeded], CommandResult]


SEEDS = {
    GOOGLE: [import_seeds.seed_dlp_rules, import_seeds.seed_chrome_policies, import_seeds.seed_console_settings],
    MICROSOFT: [import_seeds.seed_conditional_access, import_seeds.seed_intune, import_seeds.seed_mail_rules],
}
DRAWS = 8


@pytest.fixture(scope="module", params=[GOOGLE, MICROSOFT])
def imported(request: pytest.FixtureRequest, module_schools: Schools) -> Import:
    """Import a tenant with seeded objects into an empty folder."""
    door = module_schools.build({**FEW_PEOPLE, "seed": "messy"})
    seeded = [one for seed in SEEDS[request.param] for one in seed(door.tenant)]
    named = dict.fromkeys(one.kind for one in seeded)
    return (door, seeded, door("import", request.param, *named, "-o", door.playbooks, "--json"))


def test_a_seeded_object_is_in_a_playbook_or_named_once(imported: Import) -> None:
    door, seeded, answer = imported

    unread = [one for kind in answer.json["kinds"] for one in kind["unknown"]] if answer.out else answer.err
    assert (answer.exit, unread) == (0, [])
    written = Counter(
        (one.address.kind_path, one.address.name) for book in load(door.playbooks).playbooks for one in book.resources
    )
    named = Counter((kind["kind"], left["object"]) for kind in answer.json["kinds"] for left in _whole(kind))
    times = {one: written[one.kind, one.name] + named[one.kind, one.name] for one in seeded}
    assert {one: number for one, number in times.items() if number != 1} == {}
    files = "\n".join(path.read_text() for path in door.playbooks.glob("*.yaml"))
    comments = re.sub(r"\n *# ", " ", files)
    assert [one for one in named if printable(one[1]) not in comments] == []


def _whole(kind: Any) -> list[Any]:
    """List what an import says that it left out whole: objects of a kind, and what no kind covers."""
    return [*(left for left in kind["left_out_settings"] if not left["setting"]), *kind["other_objects"]]


@pytest.mark.parametrize("imported", [MICROSOFT], indirect=True)
def test_a_location_is_called_by_its_name_and_deleted_only_if_the_tenant_has_it_no_more(imported: Import) -> None:
    text = (imported[0].playbooks / "microsoft365-conditional-access-policy.yaml").read_text()

    place, gone = import_seeds.LOCATION, import_seeds.GONE
    assert f"  # locations: {place} is School network\n" in text
    assert f"  # excluded_locations: {gone} is the id of a deleted named location\n" in text
    assert f"    excluded_locations: [{place}, {gone}]\n" in text


_TOLD = ("changes", "checked", "unknown", "refused", "look_alikes", "remarks", "unproven", "unread")


def test_a_plan_after_the_import_is_empty(imported: Import) -> None:
    planned = imported[0].toolkit("plan", "--json")

    told = {key: planned.json[key] for key in _TOLD if planned.json.get(key)} if planned.out else planned.err
    assert (planned.exit, told) == (0, {})


def test_a_drift_after_the_import_finds_nothing(imported: Import) -> None:
    drift = imported[0].toolkit("drift", "--json")

    told = {key: drift.json[key] for key in (*_TOLD, "findings") if drift.json.get(key)} if drift.out else drift.err
    assert (drift.exit, told) == (0, {})


@pytest.mark.parametrize("draw", [1, *(pytest.param(draw, marks=pytest.mark.soak) for draw in range(2, DRAWS))])
def test_a_tenant_with_drawn_edits_agrees_with_its_import(schools: Schools, draw: int) -> None:
    door = schools.build({"seed": "messy", **FEW_PEOPLE})
    assert import_seeds.edit_everything(door.tenant, draw)

    read = [kind for cloud in (MICROSOFT, GOOGLE) for kind in _import_whole(door, cloud)]
    planned, drift = (door.toolkit(command, "--json").json for command in ("plan", "drift"))

    unread = {one["address"] for kind in read for one in kind["unknown"]}
    left_out = {left["object"] for kind in read for left in _whole(kind)}
    assert {one["address"] for one in planned["unknown"]} <= unread
    for key in ("changes", "checked", "refused", "look_alikes"):
        assert planned[key] == []
    # A rule that no playbook can name may still keep the rules after it from working, and edits of two policies of the
    # settings catalogue may contradict each other: then neither works in the tenant.
    assert [
        finding
        for finding in drift["findings"]
        if finding["what"] != "defeated"
        or not (finding["path"] in left_out or "settings_catalogue_policy[" in finding["address"])
    ] == []


def _import_whole(door: Door, cloud: str) -> list[Any]:
    """Import every kind of a cloud, apart from what belongs to people, and return what is said of each kind."""
    names = [name for name, kind in kinds(cloud).items() if not kind.per_person]
    answer = door("import", cloud, *names, "-o", door.playbooks, "--json")
    assert answer.exit in (0, 4), answer.err
    return list(answer.json["kinds"])
