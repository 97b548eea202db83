"""The Python API: every example of docs/api.md runs, and a script is as safe as a command."""

import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from tests.cases import writes
from tests.door import Door, open_door
from tests.emulated import Emulator
from toolkit import api, errors
from toolkit.ledger.lease import Lease
from toolkit.ledger.ledger import Ledger
from toolkit.ledger.redact import Redactor

PAGE = (Path(__file__).parents[1] / "docs" / "api.md").read_text()
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
POLICY = """\
policy: small
section: Small
owner: Head Teacher
document: {title: The policy, ratified: 2026-05-18, review_due: 2027-05-18}
clauses:
  - {clause: EML-04, says: Mail is polite., class: people, place: {paragraph: 1, begins: Be polite}}
"""
PLAYBOOK = """\
playbook: mail
title: Mail
owner: Head Teacher
resources:
  - microsoft365.transport_rule: Disclaimer
    from_scope: NotInOrganization
    prepend_subject: "[outside] "
"""


@pytest.fixture
def school(emulator: Emulator, tmp_path: Path) -> Iterator[Door]:
    """Open the door of a small school with one rule and a policy of one clause."""
    tenant = emulator.borrow_tenant(users=10)
    door = open_door(tenant, tmp_path, samples=False)
    door.write("10-policy.yaml", POLICY)
    door.write("30-mail.yaml", PLAYBOOK)
    yield door
    tenant.close()


def settings_of(door: Door, **variables: str) -> api.Settings:
    return api.read_settings(door.playbooks, {**door.variables, **variables})


def agree(report: api.Report) -> bool:
    return report is not None


def recorded(door: Door) -> list[str]:
    """List the commands in the ledger, the oldest first."""
    return [run["command"] for run in reversed(door("audit", "log", "--json").json["runs"])]


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


def test_what_a_script_only_reads_is_written_nowhere(school: Door, capsys: pytest.CaptureFixture[str]) -> None:
    settings, playbooks = settings_of(school), api.load(school.playbooks)

    report = api.plan(playbooks, settings=settings)
    assert not (school.state / "emulator" / "ledger.db").exists()
    for read in (api.detect_drift, api.check):
        read(playbooks, settings=settings)
    api.evaluate_policy(playbooks, settings=settings)

    assert [type(change).__name__ for change in report.plan.changes] == ["Create"]
    assert report.context.read_only
    assert writes(school, 0) == []
    assert capsys.readouterr() == ("", "")


def test_apply_writes_what_is_confirmed_once_and_nothing_else(school: Door) -> None:
    settings, playbooks = settings_of(school), api.load(school.playbooks)
    asked: list[api.Report] = []

    def refuse(report: api.Report) -> bool:
        asked.append(report)
        return False

    refused = api.apply(playbooks, refuse, settings=settings)
    assert writes(school, 0) == []
    done = api.apply(playbooks, agree, settings=settings)
    again = api.apply(playbooks, agree, settings=settings)

    assert [str(change.address) for change in asked[0].plan.changes] == ["microsoft365.transport_rule[Disclaimer]"]
    assert (refused.exit, refused.outcomes, done.exit, again.exit) == (5, None, 0, 0)
    assert [str(outcome.result) for outcome in done.outcomes or ()] == ["done"]
    assert again.plan.changes == ()
    assert school.toolkit("drift").exit == 0
    assert recorded(school) == ["apply", "apply", "apply", "drift"]


def test_apply_waits_for_no_other_run_and_keeps_to_the_limits(school: Door) -> None:
    settings, playbooks = settings_of(school), api.load(school.playbooks)
    with (
        Ledger(settings.directory, redactor=Redactor()) as ledger,
        Lease(ledger, run="another"),
        pytest.raises(api.LeaseHeld),
    ):
        api.apply(playbooks, agree, settings=settings)
    api.apply(playbooks, agree, settings=settings)
    school.write("30-mail.yaml", PLAYBOOK.replace("Disclaimer", "Another"))
    before = school.tenant.last_request()
    with pytest.raises(api.UnsafePlan):
        api.apply(api.load(school.playbooks), agree, api.Selection(prune=True, allow_deletes=0), settings=settings)

    assert writes(school, before) == []


def test_a_saved_plan_is_applied_exactly_or_not_at_all(school: Door, tmp_path: Path) -> None:
    saved = tmp_path / "monday.plan"
    assert school.toolkit("plan", "-o", str(saved)).exit == 3
    settings, playbooks = settings_of(school), api.load(school.playbooks)

    school.write("30-mail.yaml", PLAYBOOK.replace("outside", "external"))
    with pytest.raises(api.StalePlan):
        api.apply(api.load(school.playbooks), agree, saved_plan=saved, settings=settings)
    report = api.apply(playbooks, agree, saved_plan=saved, settings=settings)

    assert report.exit == 0
    assert len(report.outcomes or ()) == 1


def test_another_school_and_the_sample_on_live_tenants_are_refused(school: Door) -> None:
    settings, file = settings_of(school), school.playbooks / "00-school.yaml"
    with pytest.raises(api.UsageError, match="is the domain of the sample school"):
        api.apply(api.load(school.playbooks), agree, settings=settings_of(school, TOOLKIT_TARGET="live"))
    assert school.tenant.requests() == []
    file.write_text(file.read_text().replace(school.tenant.tenant_id, "11111111-2222-3333-4444-555555555555"))
    for run in (api.plan, api.detect_drift):
        with pytest.raises(api.WrongTenant):
            run(api.load(school.playbooks), settings=settings)

    assert writes(school, 0) == []


def test_settings_that_are_given_take_the_place_of_the_environment(
    school: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLKIT_STATE", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TOOLKIT_TARGET", "live")

    report = api.detect_drift(api.load(school.playbooks), settings=settings_of(school))

    context = report.run.context
    assert context.target.name == "emulator"
    assert context.sources
    assert list(context.sources.from_environment) == sorted(school.variables)
    assert not (tmp_path / "elsewhere").exists()


def test_a_single_file_is_no_reason_to_prune(school: Door) -> None:
    with pytest.raises(api.UsageError, match="does not say what the other playbooks ask for"):
        api.plan(api.load(school.playbooks / "30-mail.yaml"), api.Selection(prune=True), settings=settings_of(school))
    with pytest.raises(api.PlaybookError):
        api.load(school.playbooks / "missing.yaml")


def test_the_api_needs_no_command_line() -> None:
    listed = subprocess.run(
        [sys.executable, "-c", "import json, sys, toolkit.api; print(json.dumps(sorted(sys.modules)))"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert [name for name in json.loads(listed.stdout) if name.startswith(("click", "toolkit.cli", "rich"))] == []
