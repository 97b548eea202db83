"""Policies of the settings catalogue by Microsoft's ids: a playbook loses nothing, and drift sees a whole baseline."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.microsoft365.intune.setting_paths import join_settings, split_settings
from connectors.microsoft365.intune.setting_trees import comparable_form, holds_secret, references_of
from connectors.microsoft365.intune.setting_values import read_setting, write_setting
from connectors.microsoft365.kinds.settings_catalogue_policy import KIND
from tests.cases import newest, writes
from tests.door import MICROSOFT, Door, open_door
from tests.emulated import Emulator
from tests.facts.settings_catalogue import policies, policy
from toolkit.render.yaml_text import format_yaml
from toolkit.values import Json
from toolkit.yaml.node import plain
from toolkit.yaml.source import read_source

URLS = "device_vendor_msft_policy_config_microsoft_edge~policy~microsoft_edge_urlblocklist"
RULES = "device_vendor_msft_policy_config_defender_attacksurfacereductionrules"
STORED = "intune.configurationPolicies"
POLICIES = policies()
SECRETS = ("9b0a3f52-token-of-the-wireless-key", "1c9d7e40-token-of-the-proxy-key")


def _instances(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one["settingInstance"] for one in row["settings"]]


@pytest.mark.parametrize("row", POLICIES, ids=[str(one["name"]) for one in POLICIES])
def test_a_policy_written_to_yaml_and_read_back_sets_the_same(row: Mapping[str, Any], tmp_path: Path) -> None:
    references = references_of(row)
    there = _instances(row)
    written = {one["settingDefinitionId"]: read_setting(one, references) for one in there}
    file = tmp_path / "written.yaml"
    file.write_text(format_yaml({"settings": written, "references": dict(references)}), encoding="utf-8")

    again: Any = plain(read_source(file, relative=file.name).root)

    known = [one for one in there if not holds_secret(one)]
    made = [write_setting(name, again["settings"][name], again["references"]) for name in written]
    assert [comparable_form(one) for one in made if not holds_secret(one)] == [comparable_form(one) for one in known]
    assert (
        join_settings(split_settings(again["settings"])).items()
        >= {name: one for name, one in written.items() if not holds_secret(one)}.items()
    )
    assert not any(secret in file.read_text() for secret in SECRETS)


_IDS = st.sampled_from(["a", "a_b", "com.x.y", "q_$type", "v[0]~p~z"])
_TEXTS = st.text(max_size=6) | st.sampled_from(["_1", "", "{", "[]", '{"text":"x"}', "(a secret, not shown)", "a > b"])
_CHOSEN = st.sampled_from(["_1", "_true", "__"])


def _trees(inner: st.SearchStrategy[Mapping[str, Any]]) -> st.SearchStrategy[Mapping[str, Any]]:
    several = st.lists(inner, max_size=3)
    return st.one_of(
        st.builds(lambda name, end, inside: {"id": name, "option": end, "inside": inside}, _IDS, _CHOSEN, several),
        st.builds(
            lambda name, full, inside: {"id": name, "full_option": full, "inside": inside}, _IDS, _TEXTS, several
        ),
        st.builds(lambda name, ends: {"id": name, "options": ends}, _IDS, st.lists(_CHOSEN, max_size=3)),
        st.builds(lambda name, groups: {"id": name, "groups": groups}, _IDS, st.lists(several, max_size=3)),
        st.builds(lambda name, inside: {"id": name, "group": inside}, _IDS, several),
    )


_LEAVES = st.one_of(
    st.builds(lambda name, value: {"id": name, "text": value}, _IDS, _TEXTS),
    st.builds(lambda name, value: {"id": name, "number": value}, _IDS, st.integers()),
    st.builds(lambda name, values: {"id": name, "texts": values}, _IDS, st.lists(_TEXTS, max_size=3)),
    st.builds(lambda name, values: {"id": name, "numbers": values}, _IDS, st.lists(st.integers(), max_size=3)),
    st.builds(
        lambda name, own, value: {"id": name, "part": own, "value_part": value, "text": "x"},
        _IDS, st.sampled_from(["p1", "p2"]), st.sampled_from(["v1", "v2"]),
    ),
    st.builds(lambda name: {"id": name, "option": "_1", "extra": {"auditRuleInformation": {"x": 1}}}, _IDS),
)  # fmt: skip


@given(st.recursive(_LEAVES, _trees, max_leaves=8))
def test_no_tree_of_settings_loses_anything_in_a_playbook_or_in_its_places(tree: Mapping[str, Any]) -> None:
    row = policy({"name": "Drawn", "settings": [tree]})
    (instance,) = _instances(row)
    references = references_of(row)

    written = read_setting(instance, references)

    assert comparable_form(write_setting(tree["id"], written, references)) == comparable_form(instance)
    assert join_settings(split_settings({tree["id"]: written})) == {tree["id"]: written}


@pytest.fixture(scope="module", params=[15, pytest.param(95, marks=pytest.mark.soak)])
def baseline(
    request: pytest.FixtureRequest, emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Door]:
    """Open a school whose Intune has a baseline of policies, and two that other kinds read."""
    tenant = emulator.borrow_tenant(users=20)
    with_words = [
        policy({"name": "Edge", "settings": [{"id": URLS, "option": "_1", "inside": [
            {"id": f"{URLS}_urlblocklistdesc", "texts": ["example.com"]}]}]}),
        policy({"name": "Rules", "settings": [{"id": RULES, "groups": [
            [{"id": f"{RULES}_blockuntrustedunsignedprocessesthatrunfromusb", "option": "_block"}]]}]}),
    ]  # fmt: skip
    rows = [{**one, "name": f"{one['name']} {number}"} for number in range(12) for one in POLICIES][: request.param]
    rows = [{**one, "id": f"00000000-0000-4000-8000-{place:012}"} for place, one in enumerate([*rows, *with_words])]
    tenant.control("PUT", f"/objects/{STORED}", {one["id"]: one for one in rows})
    yield open_door(tenant, tmp_path_factory.mktemp("baseline"), samples=False, clouds=[MICROSOFT])
    tenant.close()


def _laps(door: Door) -> tuple[str, dict[str, Any]]:
    name = "Local administrator password 0"
    return next((key, dict(one)) for key, one in door.tenant.objects(STORED).items() if one["name"] == name)


def test_a_baseline_is_imported_whole_and_drift_names_what_is_edited_in_it(baseline: Door, tmp_path: Path) -> None:
    into = tmp_path / "imported"
    into.mkdir()
    copy(baseline.playbooks / "00-school.yaml", into)
    kinds = ("settings_catalogue_policy", "browser_url_policy", "attack_surface_policy", "sign_in_notice")
    first = baseline.tenant.last_request()

    imported = baseline("import", MICROSOFT, *kinds, "-o", into, "--json")
    lists = [one for one in baseline.tenant.operations(first) if one == "GET /deviceManagement/configurationPolicies"]
    plan = baseline("plan", into, "--json")
    drift = baseline("drift", into)

    assert imported.exit == 0, imported.out + imported.err
    assert {one["kind"].partition(".")[2]: one["imported"] for one in imported.json["kinds"]} == {
        "settings_catalogue_policy": len(_stored(baseline)) - 2,
        "browser_url_policy": 1, "attack_surface_policy": 1, "sign_in_notice": 0,
    }  # fmt: skip
    assert len(lists) == 1
    assert (plan.exit, plan.json["summary"]["update"], plan.json["checked"]) == (0, 0, []), plan.out + plan.err
    assert drift.exit == 0, drift.out + drift.err
    said = "".join(path.read_text() for path in into.rglob("*.yaml"))
    assert not any(secret in said for secret in SECRETS)
    key = "left out: settings.device_vendor_msft_example_wifi_key, since it is a secret"
    assert len(re.findall(re.escape(key), said)) == sum(one["name"].startswith("Wireless") for one in _stored(baseline))

    identifier, body = _laps(baseline)
    body["settings"][2]["settingInstance"]["simpleSettingValue"]["value"] = 8
    baseline.tenant.put(STORED, identifier, body)
    drift = baseline("drift", into)

    assert drift.exit == 3, drift.out + drift.err
    assert "~ settings_catalogue_policy Local administrator password 0 " in drift.out
    file = into / "microsoft365-settings-catalogue-policy.yaml"
    lines = file.read_text().splitlines()
    entry = next(place for place, line in enumerate(lines) if line.endswith("policy: Local administrator password 0"))
    line = next(place for place in range(entry, len(lines)) if "passwordlength: 21" in lines[place]) + 1
    setting = "settings.device_vendor_msft_laps_policies_passwordlength: 8 -> 21"
    assert f"\n    {setting}   ({file}:{line})\n" in drift.out, drift.out


def test_a_repair_writes_the_whole_policy_with_its_template_and_its_secrets(baseline: Door) -> None:
    """Secrets that no playbook holds are sent back as Intune shows them."""
    entries: dict[str, dict[str, Json]] = {
        "Local administrator password 1": {"device_vendor_msft_laps_policies_passwordlength": 14},
        "Wireless network 1": {"device_vendor_msft_example_wifi_name": "School guests"},
    }
    rows = {one["name"]: one for one in _stored(baseline) if one["name"] in entries}
    wanted: list[Json] = []
    for name, changed in entries.items():
        references = references_of(rows[name])
        read = {one["settingDefinitionId"]: read_setting(one, references) for one in _instances(rows[name])}
        known = join_settings(split_settings(read))
        wanted.append({f"microsoft365.{KIND.name}": name, "adopt": name, "settings": {**known, **changed}})
    baseline.write(
        "10-ours.yaml", format_yaml({"playbook": "ours", "title": "Ours", "mode": "enforce", "resources": wanted})
    )
    before = newest(baseline)

    applied = baseline.toolkit("apply", "--yes")
    again = baseline.toolkit("plan")

    assert (applied.exit, again.exit) == (0, 0), applied.out + applied.err + again.out
    assert writes(baseline, before) == ["PUT /deviceManagement/configurationPolicies/{id}"] * 2
    assert f"Unmanaged: {len(_stored(baseline)) - 4} settings-catalogue policies" in again.out
    now = {one["name"]: one for one in _stored(baseline) if one["name"] in entries}
    laps = now["Local administrator password 1"]
    assert laps["settings"][2]["settingInstance"]["simpleSettingValue"]["value"] == 14
    laps["settings"][2]["settingInstance"]["simpleSettingValue"]["value"] = 21
    assert laps["templateReference"] == rows[laps["name"]]["templateReference"]
    wireless = now["Wireless network 1"]
    assert comparable_form(_instances(laps)) == comparable_form(_instances(rows[laps["name"]]))
    values = [one["simpleSettingValue"] for one in _instances(wireless) if "simpleSettingValue" in one]
    assert {one["value"]: one.get("valueState") for one in values} == {
        "School guests": None, SECRETS[0]: "encryptedValueToken",
    }  # fmt: skip
    assert SECRETS[1] in str(wireless)


def _stored(door: Door) -> list[Mapping[str, Any]]:
    return list(door.tenant.objects(STORED).values())


def test_a_setting_around_a_secret_is_not_taken_out_and_what_is_fixed_is_not_changed(baseline: Door) -> None:
    for name, written, reason in (
        ("Wireless network 1", {"settings": {"device_vendor_msft_example_wifi_name": "School"}}, "which would be lost"),
        ("User rights 1", {"platforms": "macOS"}, "Intune cannot change the platforms of a policy (windows10)"),
        ("User rights 1", {"template": "new_1"}, "Intune cannot change the template of a policy (none)"),
    ):
        entry: Json = [{f"microsoft365.{KIND.name}": name, "adopt": name, **written}]
        baseline.write(
            "10-ours.yaml", format_yaml({"playbook": "ours", "title": "Ours", "mode": "enforce", "resources": entry})
        )
        plan = baseline.toolkit("plan")
        assert (plan.exit, reason in plan.out + plan.err) == (5, True), plan.out + plan.err


def _ask(door: Door, resources: Json) -> None:
    playbook = {"playbook": "ours", "title": "Ours", "mode": "enforce", "resources": resources}
    door.write("10-ours.yaml", format_yaml(playbook))
