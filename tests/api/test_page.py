"""Every example of docs/api.md runs, and the API offers what the page and its docstrings name."""

import inspect
import json
import re
from pathlib import Path
from typing import get_args

import pytest

from tests.api.school import recorded
from tests.door import Door
from toolkit import api, errors

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^##? (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
EXAMPLES = [(section, example) for section, text in _SECTION.findall(PAGE) for example in _BLOCK.findall(text)]
FUNCTIONS = [
    *(
        "apply",
        "check",
        "detect_drift",
        "dpo_pack",
        "evaluate_policy",
        "export_report",
        "forget",
        "kinds",
        "load",
        "load_school",
        "open",
        "plan",
        "read_objects",
        "release_report",
        "respond_to_matter",
        "rollback",
        "validate",
        "withdraw",
    ),
]


def test_every_example_of_the_page_runs(
    school: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    planned = school.toolkit("plan", "--json").json["changes"]
    monkeypatch.chdir(school.playbooks.parent)
    for name, value in school.variables.items():
        monkeypatch.setenv(name, value)
    names: dict[str, object] = {}

    said: dict[str, str] = {}
    for section, example in EXAMPLES:
        exec(compile(example, "docs/api.md", "exec"), names)
        said[section] = said.get(section, "") + capsys.readouterr().out

    assert said["Python API"].splitlines() == [
        *(f"{change['action'].capitalize():7} {change['address']}" for change in planned),
        f"{len(planned)} changes for Example Primary School, exit code 3",
    ]
    assert "there is no such file" in said["load"]
    assert said["validate"] == "0 [] Example Primary School\n"
    assert "microsoft365.transport_rule" in said["kinds"]
    assert said["kinds"].splitlines()[-1].startswith("prepend_subject: ")
    rules = said["read_objects"].splitlines()
    assert "Disclaimer: [outside] " in rules
    assert said["rollback"] == "PENDING ['microsoft365.transport_rule[Disclaimer]']\n"
    assert said["plan"].splitlines() == ["PENDING 1 []", "True [('transport_rule', 'Disclaimer')]"]
    assert said["apply"] == "microsoft365.transport_rule[Disclaimer] done\n"
    assert said["detect_drift"] == "AS_WANTED []\n"
    assert "'overdue': 0" in said["check"] or "'fail': 0" in said["check"]
    assert "'EML-04'" in said["evaluate_policy"]
    assert said["A session"] == "[0, 0, 0, 3]\n"
    written = said["export_report"].splitlines()
    assert sorted(line.split()[0].rpartition(".")[2] for line in written) == ["csv", "json"]
    responded = said["respond_to_matter, release_report"]
    assert "no matter is called identity.mfa; the matters of this report: none" in responded
    assert "_final.json" in responded
    assert said["withdraw"] == "PENDING ['microsoft365.transport_rule[Disclaimer]']\n"
    assert said["forget"] == "0 0\n"
    assert "dpia.html" in said["dpo_pack"].splitlines()
    assert said["Settings and errors"] == ""
    assert json.loads(said["JSON"]) == {"create": 0, "delete": 0}
    looked = ["drift", "check", "policy"]
    assert recorded(school) == ["apply", *looked, *looked, "audit export", "report release"]


def test_the_page_has_an_example_of_each_function_and_the_first_is_short() -> None:
    offered = {name for name in api.__all__ if inspect.isfunction(getattr(api, name))}

    assert offered == {*FUNCTIONS, "read_settings"}
    assert len(EXAMPLES[0][1].splitlines()) <= 10
    assert [name for name in offered if not any(f"api.{name}(" in example for _, example in EXAMPLES)] == []
    assert [name for name in FUNCTIONS if ">>> " not in (getattr(api, name).__doc__ or "")] == []


def test_the_api_offers_every_name_that_it_loads_and_every_error_that_it_names() -> None:
    offered = {name: getattr(api, name) for name in api.__all__}
    functions = [function for function in offered.values() if inspect.isfunction(function)]
    texts = [api.__doc__, PAGE, *(function.__doc__ for function in functions)]
    named = {word for text in texts for word in re.findall(r"\b[A-Z]\w+", text or "")}
    family = {
        name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, api.ToolkitError)
    }

    assert sorted(offered) == dir(api)
    assert {"ToolkitError", "WrongTenant", "StalePlan"} <= named & family
    assert named & family - offered.keys() == set()
    assert get_args(api.Change) == (api.Create, api.Update, api.Delete, api.Move)
