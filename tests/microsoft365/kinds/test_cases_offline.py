"""The cases of Exchange that stand as data: each is valid, each edit shows as just its setting, all name everything."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from toolkit.sdk.providers import kinds
from toolkit.sdk.spec import Spec
from toolkit.values import satisfied

FOLDER = Path(__file__).parents[2] / "kinds/microsoft365"
FILES = sorted(FOLDER.glob("*/*.yaml"))
EXCHANGE = (
    "exchange_setting",
    "external_in_outlook",
    "malware_filter_policy",
    "outbound_spam_policy",
    "remote_domain",
    "transport_rule",
)
CASES = [path for path in FILES if path.stem != "refused" and path.parent.name in EXCHANGE]


def _load(path: Path) -> Any:
    return YAML(typ="safe", pure=True).load(path)


def _spec(path: Path) -> type[Spec]:
    return kinds("microsoft365")[path.parent.name].spec


def _case_id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("kind", EXCHANGE)
def test_the_cases_of_a_kind_name_all_its_settings(kind: str) -> None:
    named = {setting for path in CASES if path.parent.name == kind for setting in _load(path)["settings"]}
    assert named == {name for name, one in kinds("microsoft365")[kind].spec.table().items() if not one.mark}


@pytest.mark.parametrize("path", CASES, ids=_case_id)
def test_a_case_is_valid_and_every_setting_of_it_is_edited(path: Path) -> None:
    case, spec = _load(path), _spec(path)
    wanted = spec.desired(case["settings"])
    seen = spec.observed(_shown(spec.body(wanted)))
    assert all(satisfied(value, seen[name]) for name, value in wanted.items())
    assert {edit["setting"] for edit in case["edits"]} == set(case["settings"])


@pytest.mark.parametrize("path", CASES, ids=_case_id)
def test_an_edit_in_the_tenant_shows_as_exactly_its_setting(path: Path) -> None:
    case, spec = _load(path), _spec(path)
    wanted = spec.desired(case["settings"])
    for edit in [*case["edits"], *case.get("foreign", [])]:
        seen = spec.observed({**_shown(spec.body(wanted)), **edit["wire"]})
        different = [name for name, value in wanted.items() if not satisfied(value, seen[name])]
        assert [name for name in different if not spec.table()[name].mark] == [edit["setting"]]


def _shown(body: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value["contains"] if isinstance(value, Mapping) else value for name, value in body.items()}
