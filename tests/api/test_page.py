"""Every example of docs/api.md runs, and the API offers what the page and its docstrings name."""

import inspect
import json
import os
import re
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import get_args

import pytest

from tests.api.school import recorded_commands
from tests.door import Door
from toolkit import api, errors

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^##? (.+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
EXAMPLES = [(section, example) for section, text in _SECTION.findall(PAGE) for example in _BLOCK.findall(text)]
SCRIPTS = {section: example for section, example in EXAMPLES if example.startswith('"""')}
"""Whole programs, which run by themselves."""
CHANNELS = """
notifications:
  channels:
    office: {by: mail, from: office@example-primary.example, to: it@example-primary.example}
"""
FUNCTIONS = [
    *(
        "apply",
        "check",
        "describe_account_question",
        "describe_message",
        "detect_drift",
        "dpo_pack",
        "evaluate_policy",
        "export_report",
        "find_account_settings",
        "forget",
        "kinds",
        "load",
        "load_school",
        "open",
        "plan",
        "predict_message",
        "read_objects",
        "release_report",
        "respond_to_matter",
        "rollback",
        "validate",
        "withdraw",
        "worst",
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
        if section in SCRIPTS:
            continue
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
    assert said["plan"].splitlines() == ["PENDING 1 []", "True [('transport_rule', 'Disclaimer')]", "[]"]
    assert said["apply"] == "microsoft365.transport_rule[Disclaimer] done\n"
    assert said["detect_drift"] == "AS_WANTED []\n"
    assert "'overdue': 0" in said["check"] or "'fail': 0" in said["check"]
    assert "'EML-04'" in said["evaluate_policy"]
    assert said["A session"] == "[0, 0, 0, 3]\n"
    written = said["export_report"].splitlines()
    assert sorted(line.split()[0].rpartition(".")[2] for line in written) == ["csv", "json"]
    responded = said["respond_to_matter, release_report"]
    assert "no matter is called identity.mfa; the matters in this report: none" in responded
    assert "_final.json" in responded
    assert said["withdraw"] == "PENDING ['microsoft365.transport_rule[Disclaimer]']\n"
    assert said["forget"] == "0 0\n"
    assert "dpia.html" in said["dpo_pack"].splitlines()
    assert said["Settings and errors"] == "PENDING\n"
    assert json.loads(said["JSON"]) == {"create": 0, "delete": 0}
    looked = ["drift", "check", "policy"]
    assert recorded_commands(school) == ["apply", "account", *looked, *looked, "audit export", "report release"]


@pytest.fixture
def folders(school: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the folders of three schools, as an admin has them: one in order, one that differs, one with a mistake."""
    for name in [name for name in os.environ if name.startswith("TOOLKIT_")]:
        monkeypatch.delenv(name)
    school_file = school.playbooks / "00-school.yaml"
    school_file.write_text(school_file.read_text() + CHANNELS)
    assert school.toolkit("apply", "--yes").exit == 0
    for name in ("beech", "cedar", "oak"):
        folder = tmp_path / "trust" / "schools" / name
        copytree(school.playbooks, folder / "playbooks")
        copytree(school.state, folder / ".toolkit")
        (folder / ".env").write_text("TOOLKIT_TARGET=emulator\nTOOLKIT_PATIENCE=5\n")
    mail = tmp_path / "trust" / "schools" / "cedar" / "playbooks" / "30-mail.yaml"
    mail.write_text(mail.read_text().replace("[outside]", "[external]"))
    (mail.parents[2] / "oak" / "playbooks" / "30-mail.yaml").write_text("playbok: mail\n")
    return tmp_path / "trust"


@pytest.fixture
def run(
    folders: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a program of the page as it stands there, in a folder; its exit code and what it prints."""

    def run(section: str, folder: str, *arguments: str) -> tuple[int, str, str]:
        script = folders / "script.py"
        script.write_text(SCRIPTS[section])
        monkeypatch.chdir(folders / folder)
        monkeypatch.setattr(sys, "argv", [script.name, *arguments])
        code = 0
        try:
            runpy.run_path(str(script), run_name="__main__")
        except SystemExit as ended:
            code = int(ended.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_the_dashboard_shows_each_school_and_a_mistake_is_no_zero(run: Callable[..., tuple[int, str, str]]) -> None:
    table, answer = run("A dashboard", "."), run("A dashboard", ".", "--json")

    assert (table[0], answer[0], table[2] + answer[2]) == (0, 0, "")
    title, *lines = [line.split(maxsplit=5) for line in table[1].splitlines()]
    assert title == ["school", "exit", "changes", "failing", "unread", "reason"]
    assert [line[:5] for line in lines] == [
        ["beech", "0", "0", "0", "0"],
        ["cedar", "3", "1", "0", "0"],
        ["oak", "2", "?", "?", "?"],
    ]
    assert lines[2][5].startswith("schools/oak/playbooks/30-mail.yaml:1: ")
    assert [(row["school"], row["exit"], row["changes"]) for row in json.loads(answer[1])] == [
        ("beech", 0, 0),
        ("cedar", 3, 1),
        ("oak", 2, None),
    ]


def test_the_nightly_job_keeps_its_reports_and_ends_with_their_exit_code(
    school: Door, folders: Path, run: Callable[..., tuple[int, str, str]]
) -> None:
    before = school.tenant.last_request()
    ended = {name: run("A nightly job", f"schools/{name}") for name in ("beech", "cedar", "oak")}

    assert {name: (code, printed) for name, (code, printed, _) in ended.items()} == {
        "beech": (0, "2026-11-10: 0 drifted, 0 failing, 0 unknown\n"),
        "cedar": (3, "2026-11-10: 1 drifted, 0 failing, 0 unknown\n"),
        "oak": (2, ""),
    }
    assert ended["oak"][2].startswith("playbooks/30-mail.yaml:1: ")
    assert [name for name in school.tenant.operations(before) if "sendMail" in name] == ["POST /users/{id}/sendMail"]
    kept = json.loads((folders / "schools" / "cedar" / "nights" / "2026-11-10.json").read_text())
    assert (kept["drift"]["exit"], kept["drift"]["findings"][0]["path"]) == (3, "prepend_subject")
    assert kept["check"]["summary"]["fail"] == 0


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
